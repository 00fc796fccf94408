import { expect, test } from "bun:test";

import { nextRate } from "./sustained.ts";

test("nextRate() goes up while all held, down while none did, then between both", () => {
  expect(nextRate(40_000, Number.POSITIVE_INFINITY)).toBe(50_000);
  expect(nextRate(0, 40_000)).toBe(32_000);
  expect(nextRate(40_000, 50_000)).toBe(44_500);
});
