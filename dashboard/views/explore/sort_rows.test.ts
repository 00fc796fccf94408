/** The order of the rows of an answer. */
import { expect, test } from "bun:test";
import type { Result } from "../../questions/question.ts";
import { type RowOrder, sortRows } from "./sort_rows.ts";

const row = (
  name: string,
  value: number | null,
  { before = 0, change = null }: { before?: number; change?: number | null } = {},
): Result => ({
  dimensions: [name],
  metrics: [value],
  comparison: { metrics: [before], change: [change] },
});

const ROWS = [
  row("b10", 1, { before: 2, change: -50 }),
  row("none", null),
  row("b9", 9, { before: 5, change: 80 }),
  row("new", 2),
];

const namesBy = (order: Partial<RowOrder>) =>
  sortRows(ROWS, { column: "value", isReversed: false, isByTime: false, ...order }).map(
    ({ dimensions }) => dimensions[0],
  );

test("sortRows() puts what is new first, then the greatest growth, unknown values last", () => {
  expect(namesBy({ column: "change" })).toEqual(["new", "b9", "b10", "none"]);
  expect(namesBy({ column: "change", isReversed: true })).toEqual(["b10", "b9", "new", "none"]);
});

test("sortRows() orders by each other column, and turned around", () => {
  expect(namesBy({ column: "value" })).toEqual(["b9", "new", "b10", "none"]);
  expect(namesBy({ column: "value", isReversed: true })).toEqual(["b10", "new", "b9", "none"]);
  expect(namesBy({ column: "before" })).toEqual(["b9", "b10", "none", "new"]);
  expect(namesBy({ column: "name" })).toEqual(["b9", "b10", "new", "none"]);
  expect(namesBy({ column: "name", isReversed: true })).toEqual(["none", "new", "b10", "b9"]);
});

test("sortRows() puts the newest time first", () => {
  const byTime = { column: "name", isByTime: true } as const;

  expect(namesBy(byTime)).toEqual(["new", "b9", "none", "b10"]);
  expect(namesBy({ ...byTime, isReversed: true })).toEqual(["b10", "none", "b9", "new"]);
});
