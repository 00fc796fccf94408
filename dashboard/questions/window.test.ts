/** Buckets of time in zones, also where a clock is set. */
import { describe, expect, test } from "bun:test";
import { bucketAt, cutStart, questionEnd, windowOf } from "./window.ts";
import { addUnits, nextStart, readLabel, startOf } from "./zone.ts";

const at = (text: string): number => Date.parse(text);
const iso = (ms: number): string => new Date(ms).toISOString();

describe("startOf()", () => {
  test.each([
    ["minute", "2026-11-29T09:14:31.250Z", "Europe/Berlin", "2026-11-29T09:14:00.000Z"],
    ["hour", "2026-11-29T09:14:31Z", "Asia/Kolkata", "2026-11-29T08:30:00.000Z"],
    ["day", "2026-11-29T09:14:31Z", "Europe/Berlin", "2026-11-28T23:00:00.000Z"],
    ["day", "2026-11-29T02:14:31Z", "America/New_York", "2026-11-28T05:00:00.000Z"],
    ["day", "2026-10-04T05:00:00Z", "Australia/Sydney", "2026-10-03T14:00:00.000Z"],
    ["week", "2026-11-29T09:14:31Z", "UTC", "2026-11-23T00:00:00.000Z"],
    ["month", "2026-11-30T23:30:00Z", "Europe/Berlin", "2026-11-30T23:00:00.000Z"],
  ] as const)("begins a %s of %s in %s at %s", (unit, time, zone, expected) => {
    expect(iso(startOf(at(time), unit, zone))).toBe(expected);
  });
});

describe("nextStart()", () => {
  test("gives days of 25 and of 23 hours where the clock is set", () => {
    const autumn = at("2026-10-24T22:00:00Z");
    const spring = at("2026-03-28T23:00:00Z");

    expect(nextStart(autumn, "day", "Europe/Berlin") - autumn).toBe(25 * 3_600_000);
    expect(nextStart(spring, "day", "Europe/Berlin") - spring).toBe(23 * 3_600_000);
  });

  test("gives months of their own length", () => {
    const january = at("2026-01-01T00:00:00Z");

    expect(iso(nextStart(january, "month", "UTC"))).toBe("2026-02-01T00:00:00.000Z");
    expect(iso(addUnits(january, { unit: "month", count: -2, zone: "UTC" }))).toBe(
      "2025-11-01T00:00:00.000Z",
    );
  });
});

describe("readLabel()", () => {
  test("reads times with an offset, and dates of the zone", () => {
    expect(iso(readLabel("2026-11-29T01:00:00+01:00", "Europe/Berlin"))).toBe(
      "2026-11-29T00:00:00.000Z",
    );
    expect(iso(readLabel("2026-11-29", "Europe/Berlin"))).toBe("2026-11-28T23:00:00.000Z");
  });
});

const DAY_MS = 86_400_000;
const LENGTHS_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
  // The shortest half year has 181 days.
  mo: (181 / 6) * DAY_MS,
};

describe("windowOf()", () => {
  const now = { nowMs: at("2026-11-29T09:14:31Z"), zone: "Europe/Berlin" };

  test.each([
    ["30m", 31, "2026-11-29T08:44:00.000Z", "2026-11-29T09:15:00.000Z"],
    ["1h", 61, "2026-11-29T08:14:00.000Z", "2026-11-29T09:15:00.000Z"],
    ["hour", 15, "2026-11-29T09:00:00.000Z", "2026-11-29T09:15:00.000Z"],
    ["24h", 25, "2026-11-28T09:14:00.000Z", "2026-11-29T10:00:00.000Z"],
    ["day", 11, "2026-11-28T23:00:00.000Z", "2026-11-29T10:00:00.000Z"],
    ["7d", 169, "2026-11-22T09:00:00.000Z", "2026-11-29T10:00:00.000Z"],
    ["28d", 29, "2026-11-01T09:00:00.000Z", "2026-11-29T23:00:00.000Z"],
    ["12mo", 13, "2025-11-29T09:00:00.000Z", "2026-11-30T23:00:00.000Z"],
  ] as const)("gives %s as %d buckets from %s to %s", (range, count, from, to) => {
    const window = windowOf(range, now);

    expect([window.starts.length, iso(window.fromMs), iso(window.toMs)]).toEqual([count, from, to]);
    expect(window.starts[0]).toBe(startOf(window.fromMs, window.unit, now.zone));
    expect(window.isLive).toBe(true);
  });

  test.each(["30m", "1h", "24h", "7d", "28d", "91d", "6mo", "12mo"] as const)(
    "is never shorter than %s says, whatever the minute",
    (range) => {
      for (let minute = 0; minute < 120; minute += 7) {
        const nowMs = now.nowMs + minute * 60_000;
        const { fromMs } = windowOf(range, { ...now, nowMs });
        const [, count = "", unit = ""] = /^(\d+)(m|h|d|mo)$/.exec(range) ?? [];
        const lengthMs = Number(count) * (LENGTHS_MS[unit] ?? 0);

        expect(nowMs - fromMs).toBeGreaterThanOrEqual(lengthMs);
        // The clock of a zone may be set by an hour, and months differ by three days.
        const moreMs = unit === "mo" ? 19 * DAY_MS : 76 * 60_000;
        expect(nowMs - fromMs - lengthMs).toBeLessThan(moreMs);
      }
    },
  );

  test("goes back to the last day of a month that has no such day", () => {
    const { fromMs } = windowOf("6mo", { nowMs: at("2026-08-31T10:07:00Z"), zone: "UTC" });

    expect(iso(fromMs)).toBe("2026-02-28T10:00:00.000Z");
  });

  test("gives a fixed range its own ends, and a unit that fits its length", () => {
    const range = { fromMs: at("2026-11-29T08:10:30Z"), toMs: at("2026-11-29T09:00:00Z") };
    const window = windowOf(range, now);

    expect(window).toMatchObject({ ...range, unit: "minute", isLive: false });
    expect(window.starts).toHaveLength(50);
  });
});

describe("cutStart()", () => {
  test("is where a first bar begins that is a part, and null when it is whole", () => {
    const zone = "UTC";

    expect(cutStart(windowOf("24h", { nowMs: at("2026-11-29T09:14:31Z"), zone }))).toBe(
      at("2026-11-28T09:14:00Z"),
    );
    expect(cutStart(windowOf("24h", { nowMs: at("2026-11-29T09:00:31Z"), zone }))).toBeNull();
    expect(cutStart(windowOf("30m", { nowMs: at("2026-11-29T09:14:31Z"), zone }))).toBeNull();
  });
});

describe("questionEnd()", () => {
  test("lets the compared range begin where the counts need no row, too", () => {
    const nowMs = at("2026-11-29T09:14:31Z");
    const endOf = (range: "24h" | "28d"): string =>
      iso(
        questionEnd(windowOf(range, { nowMs, zone: "UTC" }), at("2026-11-29T09:15:00Z") + 60_000),
      );

    expect(endOf("24h")).toBe("2026-11-29T09:16:00.000Z");
    expect(endOf("28d")).toBe("2026-11-29T09:30:00.000Z");
  });
});

describe("bucketAt()", () => {
  test("finds the bucket that holds a time", () => {
    expect([5, 10, 19, 20, 99].map((ms) => bucketAt([10, 20, 30], ms))).toEqual([-1, 0, 0, 1, 2]);
  });
});
