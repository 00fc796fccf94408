/** Ages when the wall clock of this process, or of the ingest that stamped a time, has jumped. */
import { describe, expect, test } from "bun:test";
import { ageOfRow, noteCaughtUp, noteLag, passEnds, type Moment, type WaitingRow } from "./ages.ts";

const NOW_MS = Date.parse("2026-01-31T07:00:00.000Z");
const HOUR_MS = 3_600_000;
const DECADES_MS = 40 * 365 * 24 * HOUR_MS;

/** A moment `seconds` after the start, on a wall clock that is wrong by `wrongMs`. */
function after(seconds: number, wrongMs = 0): Moment {
  return { nowMs: NOW_MS + seconds * 1000 + wrongMs, monotonicMs: 5000 + seconds * 1000 };
}

/** A row received `seconds` after the start, and seen `seenAfter` seconds after it. */
function row(seconds: number, seenAfter = seconds): WaitingRow {
  return {
    receivedAtMs: NOW_MS + seconds * 1000,
    seenAtMs: after(seenAfter).monotonicMs,
  };
}

const ageSeconds = (moment: ReturnType<typeof noteCaughtUp>, now: Moment) =>
  moment.upToMs === null ? null : (now.monotonicMs - moment.upToMs) / 1000;

const JUMPS = [
  ["an hour back", -HOUR_MS],
  ["an hour forward", HOUR_MS],
  ["a day back", -24 * HOUR_MS],
  ["a day forward", 24 * HOUR_MS],
  ["to 1970", -NOW_MS],
  ["decades forward", DECADES_MS],
] as const;

describe.each(JUMPS)("when the wall clock jumps %s", (_, jumpMs) => {
  test("noteLag() keeps the age of lag that began before the jump", () => {
    const start = after(0);
    const before = noteLag(undefined, NOW_MS - 30_000, start);
    const now = after(10, jumpMs);

    const stuck = noteLag(before, NOW_MS - 30_000, now);
    const moved = noteLag(before, NOW_MS + 8000, now);

    expect(ageSeconds(before, start)).toBe(30);
    expect(ageSeconds(stuck, now)).toBe(40);
    expect(ageSeconds(moved, now)).toBe(2);
  });

  test("noteLag() counts from the last moment without lag when the jump came first", () => {
    const idle = after(10, jumpMs);
    const before = noteCaughtUp(undefined, idle.monotonicMs, idle);
    const now = after(13, jumpMs);

    // Received 12 s after the start: by the clock that jumped, an hour ago or in an hour.
    const moment = noteLag(before, NOW_MS + 12_000, now);

    const age = ageSeconds(moment, now) ?? -1;
    expect(age).toBeGreaterThanOrEqual(1);
    expect(age).toBeLessThanOrEqual(3);
  });

  test("ageOfRow() is right when the row waited before the jump", () => {
    const caught = noteCaughtUp(undefined, after(0).monotonicMs, after(0));

    expect(ageOfRow(row(1), caught, after(4, jumpMs))).toBe(3000);
  });

  test("ageOfRow() lies between what was seen and the last moment without a wait", () => {
    const idle = after(0, jumpMs);
    const caught = noteCaughtUp(undefined, idle.monotonicMs, idle);

    const age = ageOfRow(row(1, 2), caught, after(4, jumpMs));

    expect(age).toBeGreaterThanOrEqual(2000);
    expect(age).toBeLessThanOrEqual(4000);
  });
});

describe("ageOfRow()", () => {
  test("grows by the monotonic clock when the receive time lies in the future and nothing else is known", () => {
    const early = { ...row(0), receivedAtMs: NOW_MS + HOUR_MS };

    expect(ageOfRow(early, undefined, after(0))).toBe(0);
    expect(ageOfRow(early, undefined, after(7))).toBe(7000);
  });

  test("is at most the time since the archive was there when its receive time is not known", () => {
    const unknown = { ...row(0, 2), receivedAtMs: null };
    const caught = noteCaughtUp(undefined, after(1).monotonicMs, after(1));

    expect(ageOfRow(unknown, undefined, after(9))).toBe(7000);
    expect(ageOfRow(unknown, caught, after(9))).toBe(8000);
  });

  test("is the wall age when this process has just started, however long the row waits", () => {
    expect(ageOfRow(row(-7200, 0), undefined, after(1))).toBe(7_201_000);
  });

  test("takes a receive time a little in the future for now: clocks of machines differ", () => {
    const caught = noteCaughtUp(undefined, after(-60).monotonicMs, after(-60));

    expect(ageOfRow(row(2, 1), caught, after(1))).toBe(0);
  });
});

describe("passEnds()", () => {
  const start = { upToMs: 0, clockOffsetMs: 0 };
  const end = (offset: bigint, atMs: number) => ({ offset, atMs });

  test("takes over the moment of the last end that the position has reached, by no other clock", () => {
    const one = passEnds(start, 5n, end(10n, 1000));
    const two = passEnds(one, 5n, end(20n, 2000));
    const three = passEnds(two, 12n, end(30n, 3000));
    const four = passEnds(three, 30n, null);

    expect([one, two, three, four].map(({ upToMs }) => upToMs)).toEqual([0, 0, 1000, 3000]);
    expect(four.ends).toEqual([]);
  });

  test("keeps the later moment of an end that stays, and knows nothing while the position is unknown", () => {
    const idle = passEnds(passEnds(start, 5n, end(10n, 1000)), null, end(10n, 4000));

    expect(idle).toMatchObject({ upToMs: 0, ends: [end(10n, 4000)] });
    expect(passEnds(idle, 10n, null).upToMs).toBe(4000);
  });

  test("forgets every second end of too many", () => {
    let moment = passEnds(start, 0n, end(1n, 1));
    for (let at = 2; at <= 1000; at++) moment = passEnds(moment, 0n, end(BigInt(at), at));

    expect(moment.ends?.length).toBeLessThanOrEqual(128);
    expect(passEnds(moment, 1000n, null).upToMs).toBeGreaterThan(900);
  });
});

describe("noteLag()", () => {
  test("knows no age when nothing was written and the log was never seen without lag", () => {
    expect(noteLag(undefined, null, after(0)).upToMs).toBeNull();
  });

  test("knows no age when the only time known lies in the future", () => {
    expect(noteLag(undefined, NOW_MS + HOUR_MS, after(0)).upToMs).toBeNull();
  });
});
