import { expect, test } from "bun:test";

import { backoffMs } from "./backoff.ts";

const BOUNDS = { msMin: 50, msMax: 1000 };

test("backoffMs() doubles from the minimum up to the maximum", () => {
  const pauses = [0, 1, 2, 3, 4, 5, 6, 60].map((failures) => backoffMs(failures, BOUNDS));

  expect(pauses).toEqual([50, 100, 200, 400, 800, 1000, 1000, 1000]);
});

test("backoffMs() spreads the pause over its upper half", () => {
  expect([0, 0.5, 1].map((random) => backoffMs(1, BOUNDS, random))).toEqual([50, 75, 100]);
  expect([0, 1].map((random) => backoffMs(60, BOUNDS, random))).toEqual([500, 1000]);
});

test("backoffMs() stays finite after any number of failures", () => {
  expect(backoffMs(1_000_000, BOUNDS)).toBe(1000);
  expect(backoffMs(1_000_000, { msMin: 1, msMax: Infinity })).toBe(2 ** 30);
});

test("backoffMs() never exceeds a maximum below the minimum", () => {
  expect(backoffMs(0, { msMin: 50, msMax: 1 })).toBe(1);
});
