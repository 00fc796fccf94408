import { describe, expect, test } from "bun:test";

import { machineMsOf, startMachineClock, wallMsOf } from "./machine_clock.ts";

describe("machineMsOf()", () => {
  test.each([100, 130, 200])("machineMsOf() is the time of the wall for a pause of %i ms", (ms) => {
    expect(machineMsOf(ms)).toBe(ms);
  });

  test("machineMsOf() leaves out a stall, but not so much that a wait never ends", () => {
    expect(machineMsOf(1000)).toBe(200);
    expect(machineMsOf(10_000)).toBe(1000);
  });
});

describe("wallMsOf()", () => {
  const moments = [
    { atMs: 0, machineMs: 0 },
    { atMs: 1000, machineMs: 1000 },
    { atMs: 12_000, machineMs: 2000 },
    { atMs: 13_000, machineMs: 3000 },
  ];

  test("wallMsOf() is longer than the machine time when the machine stood still in it", () => {
    expect(wallMsOf(moments, 1000)).toBe(1000);
    expect(wallMsOf(moments, 2000)).toBe(12_000);
  });

  test("wallMsOf() takes what it knows, and never less than was asked", () => {
    expect(wallMsOf(moments, 5000)).toBe(13_000);
    expect(wallMsOf(moments, 50_000)).toBe(50_000);
    expect(wallMsOf([], 500)).toBe(500);
  });
});

describe("startMachineClock()", () => {
  test("startMachineClock() starts a clock that goes, and no faster than the wall", async () => {
    const startedMs = performance.now();
    const clock = await startMachineClock(Bun.env);

    const isOver = await clock.eventually(() => false, 300);

    expect(isOver).toBe(false);
    expect(clock.nowMs()).toBeGreaterThanOrEqual(300);
    expect(clock.nowMs()).toBeLessThanOrEqual(performance.now() - startedMs);
    expect(await clock.eventually(() => true, 0)).toBe(true);
    await clock.stop();
    expect(await clock.eventually(() => false, 60_000)).toBe(false);
  });
});
