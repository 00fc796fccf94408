import { expect, test } from "bun:test";

import { median, percentileOf } from "./statistics.ts";

test("median() takes the middle one, or the mean of the two in the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
});

test("percentileOf() takes the value at or below which the share lies", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);

  expect(percentileOf(values, 0.5)).toBe(50);
  expect(percentileOf(values, 0.99)).toBe(99);
  expect(percentileOf([5], 0.99)).toBe(5);
  expect(percentileOf([], 0.5)).toBeNaN();
});
