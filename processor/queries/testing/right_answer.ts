/** Whether an answer is right, by a plain count over what was sent. Test support only. */
import { expect } from "bun:test";
import type { QueryAnswer } from "../answer.ts";
import {
  isOrdered,
  plainCount,
  plainLate,
  type PlainQuery,
  type SentEvent,
} from "./plain_count.ts";

/** Expects every figure of an answer, the order of its rows, and what it says of its range. */
export function expectRight(
  query: PlainQuery,
  { results, meta }: QueryAnswer,
  events: readonly SentEvent[],
): void {
  const expected = plainCount(query, events);
  expect(meta.total_rows).toBe(expected.size);
  for (const { dimensions, metrics } of results) {
    const key = JSON.stringify(dimensions);
    const right = [...(expected.get(key) ?? [])];
    const got = metrics.map((value, index) => settled(value, right[index] ?? null));
    expect({ key, metrics: got }).toEqual({ key, metrics: right });
  }
  for (const [index, row] of results.entries()) {
    expect(isOrdered(query, [results[index - 1] ?? row, row])).toBe(true);
  }
  expect(results).toHaveLength(Math.min(expected.size, results.length));
  const { rows, late } = plainLate(events, query.date_range);
  expect(meta).toMatchObject({ rows_in_range: rows, late_events: late });
}

/** Sums of doubles differ in their last digits by the order of their parts. */
function settled(value: number | null, right: number | null): number | null {
  if (value === null || right === null) return value;
  return Math.abs(value - right) <= 1e-9 * Math.abs(right) ? right : value;
}
