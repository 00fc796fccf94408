/** The top of an axis. */
import { expect, test } from "bun:test";
import { roundCount, roundSeconds } from "./scale.ts";

test("roundCount() is the least of 1, 2 and 5 with zeros that is not below", () => {
  expect([0, 1, 2, 3, 5, 6, 10, 11, 999, 1001].map(roundCount)).toEqual([
    1, 1, 2, 5, 5, 10, 10, 20, 1000, 2000,
  ]);
  expect(roundCount(Number.NaN)).toBe(1);
});

test("roundSeconds() is a usual time", () => {
  expect([0, 9.5, 11, 61, 130, 700, 3601, 90_000].map(roundSeconds)).toEqual([
    10, 10, 20, 120, 240, 1200, 7200, 172_800,
  ]);
  expect(roundSeconds(400_000)).toBe(5 * 86_400);
});
