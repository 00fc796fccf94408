import { expect, test } from "bun:test";
import { createRetryPause, readRetryAfter } from "./retry_pause.ts";

const NOW = Date.parse("2026-01-31T07:00:00Z");

const create = (random: number) =>
  createRetryPause(
    () => 0,
    () => random,
  );

test("begin() doubles the pause up to a minute when failures follow each other", () => {
  const pause = create(1);

  const pauses = Array.from({ length: 2000 }, () => pause.begin(0));

  expect(pauses.slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000]);
  expect(pauses.at(-1)).toBe(60_000);
});

test("begin() is short again after a success", () => {
  const pause = create(1);
  pause.begin(0);
  pause.begin(0);

  pause.reset();

  expect(pause.begin(0)).toBe(1000);
});

test("begin() spreads over the upper half when chance says so", () => {
  expect([0, 0.5, 1].map((random) => create(random).begin(0))).toEqual([500, 750, 1000]);
});

test("begin() is never shorter than asked for, up to ten minutes", () => {
  expect([30_000, 86_400_000].map((ms) => create(0).begin(ms))).toEqual([30_500, 600_500]);
});

test("leftMs() is the rest of the pause, and 0 without one", () => {
  let nowMs = 0;
  const pause = createRetryPause(
    () => nowMs,
    () => 1,
  );
  expect(pause.leftMs()).toBe(0);

  pause.begin(0);
  nowMs = 400;
  expect(pause.leftMs()).toBe(600);
  nowMs = 5000;
  expect(pause.leftMs()).toBe(0);
});

test.each([
  ["120", 120_000],
  ["0", 0],
  [" 5 ", 5000],
  ["Sat, 31 Jan 2026 07:00:30 GMT", 30_000],
  ["Sat, 31 Jan 2026 06:00:00 GMT", 0],
  ["-3", 0],
  ["soon", 0],
  ["", 0],
  [null, 0],
])("readRetryAfter() reads %p as %d ms", (text, ms) => {
  expect(readRetryAfter(text, NOW)).toBe(ms);
});
