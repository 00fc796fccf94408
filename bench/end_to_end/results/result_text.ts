/** What the terminal shows of a run: a table, and below it whatever is wrong. Pure. */
import type { Family } from "../figure.ts";
import { ratioText, tableLines, targetText, valueText } from "./numbers_text.ts";
import type { BenchResult, MicroResult } from "./result.ts";
import { judgeFigures } from "./verdict.ts";

/** 0: every count agrees; 1: one does not, or a figure is missing. */
export function exitCodeOf(
  families: readonly Family[],
  { families: results }: Pick<BenchResult, "families">,
): 0 | 1 {
  const verdicts = judgeFigures(families, results).map(({ verdict }) => verdict);
  return verdicts.some((verdict) => verdict.startsWith("not ")) ? 1 : 0;
}

/** The tables. */
export function resultText(families: readonly Family[], result: BenchResult): string {
  const { families: results, micro } = result;
  const parts = [
    ...(micro.length === 0 ? [] : [microLines(micro)]),
    ...(results.length === 0 ? [] : [figureLines(families, result)]),
  ];
  const wrong = results.flatMap(({ name, rounds }) =>
    rounds.flatMap(({ problems }) => problems.map((problem) => `${name}: ${problem}`)),
  );
  return [...parts.map((lines) => lines.join("\n")), ...wrong].join("\n\n");
}

function figureLines(families: readonly Family[], { families: results }: BenchResult): string[] {
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
  const columns = ["figure", "value", "target", "ratio", "wanted", "to", "verdict", ""];
  return tableLines(columns, rows, [0, 5, 6, 7]);
}

function microLines(micro: readonly MicroResult[]): string[] {
  const rows = micro.map(({ name, averageNs, p50Ns, p99Ns }) => [
    name,
    microText(averageNs),
    microText(p50Ns),
    microText(p99Ns),
  ]);
  return tableLines(["one call", "mean", "p50", "p99"], rows, [0]);
}

/** Nanoseconds as µs, with digits as they matter. */
export function microText(ns: number): string {
  return `${(ns / 1000).toLocaleString("en", { maximumSignificantDigits: 3 })} µs`;
}
