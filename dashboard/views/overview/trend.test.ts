/** The change of a figure of the history. */
import { expect, test } from "bun:test";
import { trendOf } from "./trend.ts";

const MINUTE = 60;

test("trendOf() compares the medians of two quarters of an hour", () => {
  const seconds = Array.from({ length: 30 }, (_, minute) => minute * MINUTE);
  const values = seconds.map((_, minute): number => (minute < 15 ? 10 : 15));
  // One peak does not make a trend.
  values[20] = 1000;

  expect(trendOf(seconds, values)).toBe(50);
});

test("trendOf() is null while one of them is not known", () => {
  expect(trendOf([], [])).toBeNull();
  expect(trendOf([0, MINUTE], [1, 2])).toBeNull();
  expect(trendOf([0, 20 * MINUTE], [null, 2])).toBeNull();
  expect(trendOf([0, 20 * MINUTE], [0, 2])).toBeNull();
});
