import { describe, expect, test } from "bun:test";
import { readQueryBody } from "./asked/request.ts";
import { isRefused } from "./asked/refused.ts";
import { withEmptyBuckets } from "./empty_buckets.ts";

const BUCKETS = { grain: "day", startsMs: [0, 1, 2, 3], labels: ["a", "b", "c", "d"] } as const;
// A sum is a text, because it may have more digits than a double.
const FOUND = [
  { d0: 2, m0: 5, m1: "-1.5", total_rows: 2 },
  { d0: 4, m0: 1, m1: "10", total_rows: 2 },
];

function fill(changes: object = {}) {
  const query = readQueryBody({
    metrics: ["events", "sum:event:props:n"],
    date_range: "all",
    dimensions: ["time:day"],
    ...changes,
  });
  if (isRefused(query)) throw new Error(query.problem.code);
  return withEmptyBuckets(query, FOUND, BUCKETS);
}

const places = (changes: object) => fill(changes).map((row) => row["d0"]);

describe("withEmptyBuckets()", () => {
  test("withEmptyBuckets() adds zeros for what is missing, and null for a sum", () => {
    expect(fill()).toEqual([
      { d0: 1, m0: 0, m1: null, total_rows: 4 },
      { d0: 2, m0: 5, m1: "-1.5", total_rows: 4 },
      { d0: 3, m0: 0, m1: null, total_rows: 4 },
      { d0: 4, m0: 1, m1: "10", total_rows: 4 },
    ]);
  });

  test.each([
    [[["time:day", "desc"]], [4, 3, 2, 1]],
    [[["events", "desc"]], [2, 4, 1, 3]],
    [[["events", "asc"]], [1, 3, 4, 2]],
    [[["sum:event:props:n", "asc"]], [2, 4, 1, 3]],
    [[["sum:event:props:n", "desc"]], [4, 2, 1, 3]],
  ])("withEmptyBuckets() orders by %j, nulls last", (order_by, expected) => {
    expect(places({ order_by })).toEqual(expected);
  });

  test("withEmptyBuckets() gives one page", () => {
    expect(places({ pagination: { limit: 2, offset: 1 } })).toEqual([2, 3]);
    expect(places({ pagination: { offset: 4 } })).toEqual([]);
  });
});
