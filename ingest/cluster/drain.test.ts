import { describe, expect, test } from "bun:test";
import { Drain } from "./drain.ts";

/** Adds `waiting` bytes, and drains them at a rate for a time. */
function drainAt(bytesPerMs: number, { waiting, ms }: { waiting: number; ms: number }): Drain {
  const drain = new Drain();
  drain.add(waiting, 0);
  for (let nowMs = 1; nowMs <= ms; nowMs++) drain.remove(bytesPerMs, nowMs);
  return drain;
}

describe("Drain", () => {
  test("msLeft() is what waits by the rate at which it drains", () => {
    const drain = drainAt(10, { waiting: 30_000, ms: 1000 });

    expect(drain.waiting).toBe(20_000);
    expect(drain.msLeft(1000)).toBeCloseTo(2000, 0);
  });

  test("msLeft() follows a rate that changes within a second", () => {
    const drain = drainAt(100, { waiting: 300_000, ms: 1000 });
    for (let nowMs = 1001; nowMs <= 2000; nowMs++) drain.remove(10, nowMs);

    expect(drain.msLeft(2000)).toBeCloseTo(19_000, -3);
  });

  test("msLeft() grows while nothing drains", () => {
    const drain = drainAt(10, { waiting: 30_000, ms: 1000 });

    expect(drain.msLeft(3000) ?? 0).toBeGreaterThan(4000);
  });

  test("msLeft() is null until a rate is known", () => {
    const drain = new Drain();
    expect(drain.msLeft(0)).toBeNull();
    drain.add(1000, 10_000);

    expect(drain.msLeft(10_500)).toBeNull();
    drain.remove(1, 10_500);
    expect(drain.msLeft(10_500)).not.toBeNull();
  });

  test("add() forgets the rate when nothing waited", () => {
    const drain = drainAt(10, { waiting: 100, ms: 10 });

    drain.add(1000, 60_000);

    expect(drain.msLeft(60_000)).toBeNull();
  });
});
