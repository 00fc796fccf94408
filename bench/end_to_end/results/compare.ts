/** Two runs side by side: what changed by more than the noise of its rounds. Pure. */
import { tableText } from "@tally/shared/terminal/table";

import type { Family, Figure } from "../figure.ts";
import { valueText } from "./numbers_text.ts";
import type { BenchResult } from "./result.ts";
import { microText } from "./result_text.ts";

/** With fewer rounds than this, their spread does not show the noise. */
const ROUNDS_MIN = 3;
/** Noise of a single round on a shared machine: chosen, above the 20 % that was seen there. */
const NOISE_OF_ONE = 0.25;
/** A smaller difference is never called a change. */
const NOISE_MIN = 0.03;

/** One figure before and after. */
export interface Change {
  readonly figure: Figure;
  readonly before: number;
  readonly after: number;
  /** After / before - 1. */
  readonly change: number;
  /** How far the rounds of one run differ from each other, as a share; the larger of both runs. */
  readonly noise: number;
  readonly verdict: "better" | "worse" | "within noise";
}

/** Compares the figures that both results have. */
export function compareResults(
  families: readonly Family[],
  { before, after }: { readonly before: BenchResult; readonly after: BenchResult },
): Change[] {
  const figures = families.flatMap((family) => family.figures);
  return figures.flatMap((figure) => {
    const [was, is] = [roundsOf(before, figure), roundsOf(after, figure)];
    const [wasValue, isValue] = [valueOf(before, figure), valueOf(after, figure)];
    if (wasValue === undefined || isValue === undefined) return [];
    const change = isValue / wasValue - 1;
    const noise = Math.max(NOISE_MIN, noiseOf(was, wasValue), noiseOf(is, isValue));
    const isBetter = figure.isHigherBetter ? change > 0 : change < 0;
    const verdict = Math.abs(change) <= noise ? "within noise" : isBetter ? "better" : "worse";
    return [{ figure, before: wasValue, after: isValue, change, noise, verdict } as const];
  });
}

function roundsOf({ families }: BenchResult, { name }: Figure): number[] {
  return families.flatMap(({ rounds }) =>
    rounds.map(({ values }) => values[name]).filter((value) => value !== undefined),
  );
}

function valueOf({ families }: BenchResult, { name }: Figure): number | undefined {
  return families.find(({ values }) => values[name] !== undefined)?.values[name];
}

/** Half the span of the rounds, as a share of their median. */
function noiseOf(rounds: readonly number[], value: number): number {
  if (rounds.length < ROUNDS_MIN) return NOISE_OF_ONE;
  return (Math.max(...rounds) - Math.min(...rounds)) / 2 / Math.abs(value);
}

/** Microbenchmarks that were renamed: older results have the older names. */
const PRESENT_NAMES: Readonly<Record<string, string>> = {
  "encodeExtent() 1,000 lines": "joinLines() 1,000 lines",
};

/** The comparison as a table. */
export function compareText(
  families: readonly Family[],
  runs: { readonly before: BenchResult; readonly after: BenchResult },
): string {
  const rows = compareResults(families, runs).map((each) => [
    each.figure.name,
    valueText(each.before, each.figure.unit),
    valueText(each.after, each.figure.unit),
    percentText(each.change),
    `± ${(each.noise * 100).toFixed(0)} %`,
    each.verdict,
  ]);
  const micro = runs.before.micro.flatMap(({ name, p50Ns }) => {
    const present = PRESENT_NAMES[name] ?? name;
    const after = runs.after.micro.find((each) => [name, present].includes(each.name));
    if (after === undefined) return [];
    const change = after.p50Ns / p50Ns - 1;
    return [[after.name, microText(p50Ns), microText(after.p50Ns), percentText(change), "", ""]];
  });
  const head = ["figure", "before", "after", "change", "noise", ""];
  return tableText([...rows, ...micro], { head, right: [1, 2, 3, 4], isRuled: true }).trimEnd();
}

function percentText(change: number): string {
  return `${change < 0 ? "-" : "+"}${Math.abs(change * 100).toFixed(1)} %`;
}
