/** The order of rows by their growth. */
import { expect, test } from "bun:test";
import type { Result } from "../../questions/question.ts";
import { sortByChange } from "./sort_by_change.ts";

const row = (name: string, value: number | null, change: number | null): Result => ({
  dimensions: [name],
  metrics: [value],
  comparison: { metrics: [0], change: [change] },
});

test("sortByChange() puts what is new first, then the greatest growth, unknown values last", () => {
  const rows = [
    row("less", 1, -50),
    row("none", null, null),
    row("more", 9, 80),
    row("new", 2, null),
  ];

  const names = sortByChange(rows).map(({ dimensions }) => dimensions[0]);

  expect(names).toEqual(["new", "more", "less", "none"]);
});
