/** The age of lag, and when it is an alarm. */
import { describe, expect, test } from "bun:test";
import { computeFrame } from "./frame.ts";
import { frameOf, input, NOW_MS, partition, totals, watermarks } from "./testing/frames.ts";

describe("computeFrame()", () => {
  test("computeFrame() ages lag from the last time it was none, else from the last row", () => {
    const rows = [partition(0, { nextOffset: 90n, lastReceivedAtMs: NOW_MS - 3_000_000 })];
    const lagging = {
      totals: totals(1000, { postgres: rows }),
      watermarks: watermarks({ 0: 91n }),
    };
    const caughtUp = { ...lagging, watermarks: watermarks({ 0: 90n }, NOW_MS - 2000) };

    const first = frameOf(lagging);
    const { frame, writtenUpTo } = computeFrame(input(caughtUp));
    const behindIt = frameOf({ ...lagging, previousWrittenUpTo: writtenUpTo });

    expect(first.partitions[0]).toMatchObject({ lagSeconds: 3000, nearsRetention: ["postgres"] });
    expect(frame.partitions[0]).toMatchObject({ lagSeconds: 0, nearsRetention: [] });
    expect(behindIt.partitions[0]).toMatchObject({ lagSeconds: 2, nearsRetention: [] });
  });

  test("computeFrame() has no alarm for an archive that is off", () => {
    const archive = [partition(0, { nextOffset: 1n, lastReceivedAtMs: NOW_MS - 3_000_000 })];
    const known = { totals: totals(1000, { archive }), watermarks: watermarks({ 0: 91n }) };

    const on = frameOf(known);
    const off = frameOf({ ...known, archiveEnabled: false });

    expect(on.partitions[0]?.nearsRetention).toEqual(["archive"]);
    expect(off.partitions[0]?.nearsRetention).toEqual([]);
  });
});
