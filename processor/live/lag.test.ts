/** Lag in records, its age, and when it raises the alarm. */
import { describe, expect, test } from "bun:test";
import { computeFrame } from "./frame.ts";
import { lagOf } from "./lag.ts";
import { frameOf, input, NOW_MS, partition, totals, look } from "./testing/frames.ts";

describe("computeFrame()", () => {
  test("computeFrame() counts the age of lag from the last moment without lag, else from the last row", () => {
    const rows = [partition(0, { nextOffset: 90n, lastReceivedAtMs: NOW_MS - 3_000_000 })];
    const lagging = {
      totals: totals(1000, { postgres: rows }),
      look: look({ 0: 91n }),
    };
    const caughtUp = { ...lagging, look: look({ 0: 90n }, NOW_MS - 2000) };

    const first = frameOf(lagging);
    const { frame, writtenUpTo } = computeFrame(input(caughtUp));
    const laggingAgain = frameOf({ ...lagging, previousWrittenUpTo: writtenUpTo });

    expect(first.partitions[0]).toMatchObject({ lagSeconds: 3000, nearsRetention: ["postgres"] });
    expect(frame.partitions[0]).toMatchObject({ lagSeconds: 0, nearsRetention: [] });
    expect(laggingAgain.partitions[0]).toMatchObject({ lagSeconds: 2, nearsRetention: [] });
  });

  test("computeFrame() raises the alarm for an added partition that nobody begins to read", () => {
    const rows = [partition(0, { nextOffset: 91n, lastReceivedAtMs: NOW_MS })];
    const known = { totals: totals(1000, { postgres: rows, archive: rows }) };
    const before = input({ ...known, look: look({ 0: 91n }, NOW_MS - 2_000_000) });

    const { frame } = computeFrame(
      input({ ...known, look: look({ 0: 91n, 1: 5n }), previousLook: before.look }),
    );

    expect(frame.partitions).toMatchObject([
      { lag: 0, nearsRetention: [] },
      { stored: null, lag: 5, lagSeconds: 2000, nearsRetention: ["postgres", "archive"] },
    ]);
  });

  test("computeFrame() raises no alarm for an archive that is off", () => {
    const archive = [partition(0, { nextOffset: 1n, lastReceivedAtMs: NOW_MS - 3_000_000 })];
    const known = { totals: totals(1000, { archive }), look: look({ 0: 91n }) };

    const on = frameOf(known);
    const off = frameOf({ ...known, archiveEnabled: false });

    expect(on.partitions[0]?.nearsRetention).toEqual(["archive"]);
    expect(off.partitions[0]?.nearsRetention).toEqual([]);
  });
});

describe("lagOf()", () => {
  test.each([
    ["the difference", 91n, 90n, 1],
    ["none when the position was read later and lies above", 90n, 91n, 0],
    ["none when the partition never held a record, position or not", 0n, null, 0],
    ["null when the high watermark is not known", null, 90n, null],
    ["null when the position is not known", 91n, null, null],
  ] as const)("lagOf() gives %s", (_, highWatermark, position, lag) => {
    expect(lagOf(highWatermark, position)).toBe(lag);
  });
});
