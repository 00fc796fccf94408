/** What the terminal shows of a run: tables, and below them what is wrong. Pure. */
import { tableText } from "@tally/shared/terminal/table";

import type { Family } from "../figure.ts";
import { ratioText, targetText, valueText } from "./numbers_text.ts";
import type { BenchResult, MicroResult } from "./result.ts";
import { judgeFigures } from "./verdict.ts";

/** 0: all counts agree; 1: some differ, or a figure is missing. */
export function exitCodeOf(
  families: readonly Family[],
  { families: results }: Pick<BenchResult, "families">,
): 0 | 1 {
  const verdicts = judgeFigures(families, results).map(({ verdict }) => verdict);
  return verdicts.some((verdict) => verdict.startsWith("not ")) ? 1 : 0;
}

/** The tables and the problems. */
export function resultText(families: readonly Family[], result: BenchResult): string {
  const { families: results, micro } = result;
  const parts = [
    ...(micro.length === 0 ? [] : [microTable(micro)]),
    ...(results.length === 0 ? [] : [figureTable(families, result)]),
  ];
  const wrong = results.flatMap(({ name, rounds }) =>
    rounds.flatMap(({ problems }) => problems.map((problem) => `${name}: ${problem}`)),
  );
  return [...parts.map((table) => table.trimEnd()), ...wrong].join("\n\n");
}

function figureTable(families: readonly Family[], { families: results }: BenchResult): string {
  const rows = judgeFigures(families, results).map(({ figure, value, ratio, verdict }) => [
    figure.name,
    valueText(value, figure.unit),
    targetText(figure),
    ratioText(ratio),
    ratioText(figure.limit?.ratioMin ?? null),
    figure.limit?.figure ?? "",
    verdict,
    figure.title,
  ]);
  const head = ["figure", "value", "target", "ratio", "wanted", "to", "verdict", ""];
  return tableText(rows, { head, right: [1, 2, 3, 4], isRuled: true });
}

function microTable(micro: readonly MicroResult[]): string {
  const rows = micro.map(({ name, averageNs, p50Ns, p99Ns }) => [
    name,
    microText(averageNs),
    microText(p50Ns),
    microText(p99Ns),
  ]);
  const head = ["one call", "mean", "p50", "p99"];
  return tableText(rows, { head, right: [1, 2, 3], isRuled: true });
}

/** Nanoseconds as µs, with three significant digits. */
export function microText(ns: number): string {
  return `${(ns / 1000).toLocaleString("en", { maximumSignificantDigits: 3 })} µs`;
}
