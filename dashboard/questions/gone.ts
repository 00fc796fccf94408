/** Values that had events in the compared range, and have none now: no answer lists them. Pure. */
import type { Scalar } from "../address/filter.ts";
import type { QueryAnswer, Question, Result } from "./question.ts";

/**
 * The question about the compared range alone, whose values an answer may lack; null when the
 * answer was compared with nothing.
 */
export function earlierQuestion(asked: Question, { meta }: QueryAnswer): Question | null {
  if (meta.comparison === undefined) return null;
  const { include: _, ...same } = asked;
  return { ...same, date_range: meta.comparison.date_range };
}

/** Rows for the values that only the earlier answer has, the greatest first. */
export function goneResults(now: QueryAnswer, earlier: QueryAnswer, zero: number | null = 0) {
  // A value that is not among the first may still have a row.
  if (now.meta.total_rows > now.results.length) return [];
  const known = new Set(now.results.map(({ dimensions }) => JSON.stringify(dimensions)));
  return earlier.results
    .filter(({ dimensions, metrics }) => {
      const had = (metrics[0] ?? 0) !== 0;
      return had && !known.has(JSON.stringify(dimensions));
    })
    .map(({ dimensions, metrics }): Result => ({
      dimensions,
      metrics: [zero],
      comparison: { metrics, change: [zero === null ? null : -100] },
    }));
}

/** Whether the earlier answer belongs to the answer: the same, about the compared range. */
export function isEarlierOf(
  earlier: { readonly question: Question } | null,
  asked: { readonly question: Question; readonly answer: QueryAnswer } | null,
): boolean {
  if (earlier === null || asked === null) return false;
  const wanted = earlierQuestion(asked.question, asked.answer);
  return wanted !== null && about(earlier.question) === about(wanted);
}

function about({ metrics, dimensions, filters, date_range: range }: Question): string {
  return JSON.stringify([metrics, dimensions, filters, range]);
}

/** How a value is named in a list. */
export interface GoneValue {
  readonly value: Scalar;
  /** What it had in the compared range. */
  readonly before: number;
}

export function goneValues(now: QueryAnswer, earlier: QueryAnswer): readonly GoneValue[] {
  return goneResults(now, earlier).map(({ dimensions, comparison }) => ({
    value: dimensions[0] ?? null,
    before: comparison?.metrics[0] ?? 0,
  }));
}
