/** Judges figures by their targets, and by what the machine could do in the same run. Pure. */
import type { Family, FamilyResult, Figure } from "../figure.ts";

/** `not reconciled` when the counts differ: the number proves nothing. "" without a target. */
export type Verdict = "meets" | "below" | "not reconciled" | "not measured" | "";

/** One figure of a run. */
export interface JudgedFigure {
  readonly family: string;
  readonly figure: Figure;
  /** Median of the rounds; NaN when there is none. */
  readonly value: number;
  /** Share of its limit, or null when it has none or the limit was not measured. */
  readonly ratio: number | null;
  readonly verdict: Verdict;
}

/** Judges all figures of the families that ran. */
export function judgeFigures(
  families: readonly Family[],
  results: readonly FamilyResult[],
): JudgedFigure[] {
  const values = new Map(results.flatMap(({ values: each }) => Object.entries(each)));
  return results.flatMap((result) => {
    const family = families.find(({ name }) => name === result.name);
    const isWhole = result.rounds.every(({ problems }) => problems.length === 0);
    return (family?.figures ?? []).map((figure) => {
      const value = values.get(figure.name) ?? Number.NaN;
      const limit = figure.limit === null ? undefined : values.get(figure.limit.figure);
      const ratio = limit === undefined ? null : value / limit;
      const verdict = verdictOf(figure, { value, ratio, isWhole });
      return { family: result.name, figure, value, ratio, verdict };
    });
  });
}

/** Machines differ: if there is a ratio to what this machine can do, it decides. */
function verdictOf(
  { limit, target, isHigherBetter }: Figure,
  { value, ratio, isWhole }: { value: number; ratio: number | null; isWhole: boolean },
): Verdict {
  if (!isWhole) return "not reconciled";
  if (Number.isNaN(value)) return "not measured";
  if (limit !== null && ratio !== null) return ratio >= limit.ratioMin ? "meets" : "below";
  if (target === null) return "";
  return (isHigherBetter ? value >= target : value <= target) ? "meets" : "below";
}
