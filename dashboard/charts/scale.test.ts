/** The top of an axis. */
import { expect, test } from "bun:test";
import { roundCount, roundSeconds } from "./scale.ts";

test("roundCount() is a round number that is not below, and has a whole half", () => {
  expect([0, 1, 2, 3, 5, 6, 10, 11, 999, 1001].map(roundCount)).toEqual([
    2, 2, 2, 4, 6, 6, 10, 20, 1000, 2000,
  ]);
  expect(roundCount(Number.NaN)).toBe(2);
});

test("roundSeconds() is a usual time", () => {
  expect([0, 9.5, 11, 61, 130, 700, 3601, 90_000].map(roundSeconds)).toEqual([
    10, 10, 20, 120, 240, 1200, 7200, 172_800,
  ]);
  expect(roundSeconds(400_000)).toBe(6 * 86_400);
});
