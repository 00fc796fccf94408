import { describe, expect, test } from "bun:test";
import { isOverloaded, overloadRetryMs, type OverloadSigns } from "./overload.ts";

const CALM: OverloadSigns = {
  requests: { hasRoom: () => true },
  hasRoom: () => true,
  admission: { isSlow: false },
  work: { isFull: false },
};

describe("isOverloaded()", () => {
  test("is false when there is room for a request", () => {
    expect(isOverloaded(CALM)).toBe(false);
  });

  const signs: [string, Partial<OverloadSigns>][] = [
    ["requests", { requests: { hasRoom: () => false } }],
    ["records", { hasRoom: () => false }],
    ["a slow drain", { admission: { isSlow: true } }],
    ["work", { work: { isFull: true } }],
  ];
  test.each(signs)("is true when there is enough of one: %s", (_, sign) => {
    expect(isOverloaded({ ...CALM, ...sign })).toBe(true);
  });
});

describe("overloadRetryMs()", () => {
  test("is the time that what waits will take, and a spread", () => {
    expect(overloadRetryMs(8000, 0)).toBe(8000);
    expect(overloadRetryMs(8000, 1)).toBe(12_000);
  });

  test("is from 1 to 60 s", () => {
    expect(overloadRetryMs(null, 0)).toBe(1000);
    expect(overloadRetryMs(0, 0)).toBe(1000);
    expect(overloadRetryMs(10_000_000, 0.5)).toBe(60_000);
  });

  test("spreads senders over a second at least", () => {
    expect(overloadRetryMs(700, 0)).toBe(1000);
    expect(overloadRetryMs(700, 1)).toBe(1700);
  });
});
