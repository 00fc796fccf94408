import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { TokenBucket } from "./token_bucket.ts";

const LIMITS = { perSecond: 100, burst: 1000 };

describe("TokenBucket", () => {
  test("level() is the burst at first, and after a long silence", () => {
    const bucket = new TokenBucket(LIMITS, 0);
    expect(bucket.level(0)).toBe(1000);
    bucket.take(600, 0);

    expect(bucket.level(1000)).toBe(500);
    expect(bucket.level(1_000_000)).toBe(1000);
  });

  test("take() overdraws, and the debt is paid first", () => {
    const bucket = new TokenBucket(LIMITS, 0);

    bucket.take(1500, 0);

    expect(bucket.level(0)).toBe(-500);
    expect(bucket.msUntilAbove(0, 0)).toBe(5000);
    expect(bucket.level(5001)).toBeGreaterThan(0);
  });

  test("level() gives nothing twice when the clock goes back", () => {
    const bucket = new TokenBucket(LIMITS, 0);
    bucket.take(1000, 0);
    bucket.level(1000);

    bucket.level(500);

    expect(bucket.level(1000)).toBe(100);
  });

  test("msUntilAbove() is never 0 while the bucket is empty", () => {
    const bucket = new TokenBucket(LIMITS, 0);
    bucket.take(1000, 0);

    const ms = bucket.msUntilAbove(0, 0);

    expect(ms).toBeGreaterThan(0);
    expect(bucket.level(ms)).toBeGreaterThan(0);
  });

  test("take() while it is not empty keeps to rate, burst and one request, in any order", () => {
    const requests = fc.array(
      fc.record({
        waitMs: fc.integer({ min: 0, max: 2000 }),
        size: fc.integer({ min: 1, max: 3000 }),
      }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 5000 }), (list, perSecond) => {
        const bucket = new TokenBucket({ perSecond, burst: perSecond * 10 }, 0);
        let nowMs = 0;
        let taken = 0;
        let largest = 0;
        for (const { waitMs, size } of list) {
          nowMs += waitMs;
          if (bucket.level(nowMs) <= 0) continue;
          bucket.take(size, nowMs);
          taken += size;
          largest = Math.max(largest, size);
        }
        expect(taken).toBeLessThanOrEqual(perSecond * (10 + nowMs / 1000) + largest + 1e-6);
      }),
    );
  });

  test("take() as soon as msUntilAbove() says so uses the whole rate", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 5000 }),
        (size, perSecond) => {
          const bucket = new TokenBucket({ perSecond, burst: perSecond * 10 }, 0);
          let nowMs = 0;
          let taken = 0;
          while (nowMs < 20_000) {
            nowMs += bucket.msUntilAbove(0, nowMs);
            bucket.take(size, nowMs);
            taken += size;
          }
          expect(taken).toBeGreaterThanOrEqual(perSecond * 30 - 1);
        },
      ),
      { numRuns: 20 },
    );
  });
});
