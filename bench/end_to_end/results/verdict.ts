/** Judges figures: by their targets, and by what the machine could do in the same run. Pure. */
import type { Family, FamilyResult, Figure } from "../figure.ts";

/** `not reconciled`: the counts differ, so the number says nothing; "": nothing is wanted of it. */
export type Verdict = "meets" | "below" | "not reconciled" | "not measured" | "";

/** One figure of a run. */
export interface JudgedFigure {
  readonly family: string;
  readonly figure: Figure;
  /** Median of the rounds; NaN: there is none. */
  readonly value: number;
  /** Share of its limit; null: it has none, or that was not measured. */
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

/** Machines differ: where there is a ratio to what this one can do, it decides. */
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
