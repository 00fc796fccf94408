/** Frames that the promise allows, and frames that it does not. */
import type { MetricsFrame, PartitionFrame } from "@tally/shared";
import { describe, expect, test } from "bun:test";

import { judgeClaim, mustKnow, type Claim, type SeenEnds } from "./claims.ts";

const NOW_MS = Date.parse("2026-01-31T07:00:20.000Z");
const NOTHING_WRONG = { oldLook: [], littleLag: [], tooComplete: [] };

/** High watermark and positions that a frame shows of one partition; null is unknown. */
interface Shown {
  readonly end: number | null;
  readonly stored: number | null;
  readonly archived?: number;
}

function partitionFrame({ end, stored, archived = end ?? 0 }: Shown, partition: number) {
  const lag = end === null || stored === null ? null : Math.max(0, end - stored);
  const archiveLag = end === null ? null : Math.max(0, end - archived);
  const highWatermark = end === null ? null : String(end);
  const place = { partition, logStart: "0", highWatermark, stored: String(stored) };
  return { ...place, archived: String(archived), lag, archiveLag } as PartitionFrame;
}

/** A frame of `NOW_MS`; its lag is the sum unless a test says otherwise. */
function frame(shown: readonly Shown[], changes: Partial<MetricsFrame> = {}): MetricsFrame {
  const partitions = shown.map(partitionFrame);
  const lag = partitions.reduce<number | null>(
    (sum, each) => (sum === null || each.lag === null ? null : sum + each.lag),
    0,
  );
  const times = { ts: new Date(NOW_MS).toISOString(), completeUpTo: null };
  return { ...times, lag, partitions, ...changes } as MetricsFrame;
}

/** Positions of the rows after a frame; the archive is far ahead unless a test says otherwise. */
function positions(rows: readonly number[], archive = rows.map(() => 1_000_000)) {
  const of = (sink: "postgres" | "archive", offsets: readonly number[]) =>
    offsets.map((nextOffset, partition) => ({ sink, partition, nextOffset }));
  return [...of("postgres", rows), ...of("archive", archive)];
}

/** The ends of partitions 0, 1, ... as read some seconds before `NOW_MS`. */
function ends(secondsBefore: number, ...offsets: readonly number[]): SeenEnds {
  return { byMs: NOW_MS - secondsBefore * 1000, ends: new Map(offsets.entries()) };
}

describe("judgeClaim()", () => {
  test("judgeClaim() accepts a frame without lag when all was stored since the last read", () => {
    // Until 0.1 s before the frame 500 records waited; then one write stored them.
    const seen = [ends(3, 600), ends(2, 800), ends(1, 1000), ends(0.1, 1000)];
    const claim: Claim = {
      frame: frame([{ end: 1000, stored: 1000 }]),
      positions: positions([1000]),
    };

    expect(judgeClaim(claim, seen)).toEqual(NOTHING_WRONG);
  });

  test("judgeClaim() accepts a frame whose look is older than its positions", () => {
    // 1,000 records a second, and 50 wait all the time; the look was answered 0.2 s earlier.
    const seen = [ends(2, 18_000), ends(1, 19_000), ends(0.1, 19_900)];
    const claim: Claim = {
      frame: frame([{ end: 19_800, stored: 19_950 }]),
      positions: positions([19_960]),
    };

    expect(judgeClaim(claim, seen)).toEqual(NOTHING_WRONG);
  });

  test("judgeClaim() accepts a look from before a pause of the processor, up to 10 s", () => {
    // The frame was begun 9.9 s ago, when the partitions were new and empty.
    const seen = [ends(12, 500), ends(10, 500, 0), ends(5, 1000, 800), ends(0.1, 2000, 1900)];
    const claim: Claim = {
      frame: frame([
        { end: 500, stored: 500 },
        { end: 0, stored: 0 },
      ]),
      positions: positions([500, 0]),
    };

    expect(judgeClaim(claim, seen)).toEqual(NOTHING_WRONG);
  });

  test("judgeClaim() finds ends that are older than 10 s, and the lag that they hide", () => {
    const seen = [ends(12, 500, 0), ends(10.1, 700, 90), ends(5, 1000, 800)];
    const claim: Claim = {
      frame: frame([
        { end: 500, stored: 500 },
        { end: 0, stored: 0 },
      ]),
      positions: positions([500, 0]),
    };

    expect(judgeClaim(claim, seen)).toEqual({
      oldLook: [
        "at 2026-01-31T07:00:20.000Z ends partition 0 at 500, not 700",
        "at 2026-01-31T07:00:20.000Z ends partition 1 at 0, not 90",
      ],
      littleLag: [
        "at 2026-01-31T07:00:20.000Z says 0 for postgres 0, 200 wait",
        "at 2026-01-31T07:00:20.000Z says 0 for postgres 1, 90 wait",
        "at 2026-01-31T07:00:20.000Z says 0 for postgres, 290 wait",
      ],
      tooComplete: [],
    });
  });

  test("judgeClaim() finds a partition that is missing after 10 s, unless lag is unknown", () => {
    const seen = [ends(10.1, 500, 0)];
    const known: Claim = {
      frame: frame([{ end: 500, stored: 500 }]),
      positions: positions([500]),
    };
    const unknown = { ...known, frame: { ...known.frame, lag: null } };

    expect(judgeClaim(known, seen).oldLook).toEqual([
      "at 2026-01-31T07:00:20.000Z lacks partition 1",
    ]);
    expect(judgeClaim(unknown, seen)).toEqual(NOTHING_WRONG);
  });

  test("judgeClaim() finds less lag than the frame's own ends minus the positions after it", () => {
    const rows = [
      { end: 500, stored: 450 },
      { end: 90, stored: 0, archived: 40 },
    ];
    const after = positions([400], [500, 30]);

    expect(judgeClaim({ frame: frame(rows), positions: after }, []).littleLag).toEqual([
      "at 2026-01-31T07:00:20.000Z says 50 for postgres 0, 100 wait",
      "at 2026-01-31T07:00:20.000Z says 140 for postgres, 190 wait",
      "at 2026-01-31T07:00:20.000Z says 50 for archive 1, 60 wait",
    ]);
  });

  test("judgeClaim() finds a sum that leaves a partition out", () => {
    const shown = [
      { end: 500, stored: 500 },
      { end: 90, stored: 0 },
    ];
    const claim: Claim = { frame: frame(shown, { lag: 0 }), positions: positions([500, 0]) };

    expect(judgeClaim(claim, []).littleLag).toEqual([
      "at 2026-01-31T07:00:20.000Z says 0 for postgres, 90 wait",
    ]);
  });

  test("judgeClaim() finds a frame that calls complete what has no row", () => {
    const completeUpTo = new Date(NOW_MS - 1000).toISOString();
    const shown = [{ end: 500, stored: 450 }];
    const claim: Claim = { frame: frame(shown, { completeUpTo }), positions: positions([460]) };

    // What was in the log at that time at the earliest may have been acknowledged after it.
    expect(judgeClaim(claim, [ends(2, 460), ends(1, 480)]).tooComplete).toEqual([]);
    expect(judgeClaim(claim, [ends(2, 440), ends(1.1, 461)]).tooComplete).toEqual([
      "at 2026-01-31T07:00:20.000Z is complete up to 2026-01-31T07:00:19.000Z, but partition 0 has rows up to 460 of 461",
    ]);
  });

  test("judgeClaim() takes unknown for no claim", () => {
    const claim: Claim = { frame: frame([{ end: null, stored: null }]), positions: [] };

    expect(judgeClaim(claim, [ends(11, 500)])).toEqual(NOTHING_WRONG);
  });
});

test("mustKnow() is what was read more than 10 s before the frame", () => {
  const claim: Claim = { frame: frame([]), positions: [] };
  const known = (...seen: SeenEnds[]) => [...mustKnow(claim, seen).values()];

  expect(known(ends(12, 1), ends(10.1, 2), ends(10, 3), ends(1, 4))).toEqual([2]);
  expect(known(ends(10, 3))).toEqual([]);
});
