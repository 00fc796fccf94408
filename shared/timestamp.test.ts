import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  formatTimestamp,
  isCanonicalTimestamp,
  isPrintableTime,
  isReceiveTime,
  parseTimestamp,
} from "./timestamp.ts";

describe("parseTimestamp()", () => {
  const good: [string, string][] = [
    ["2026-01-31T07:00:00Z", "2026-01-31T07:00:00.000Z"],
    ["2026-01-31t07:00:00z", "2026-01-31T07:00:00.000Z"],
    ["2026-01-31T07:00:00.1Z", "2026-01-31T07:00:00.100Z"],
    ["2026-01-31T07:00:00.123456789999Z", "2026-01-31T07:00:00.123Z"],
    ["2026-01-31T07:00:00+02:00", "2026-01-31T05:00:00.000Z"],
    ["2026-01-31T00:30:00-05:30", "2026-01-31T06:00:00.000Z"],
    ["2026-01-31T07:00:00+0800", "2026-01-30T23:00:00.000Z"],
    ["2026-01-31T07:00:00.5-0330", "2026-01-31T10:30:00.500Z"],
    ["2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000Z"],
    ["2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"],
    ["0099-01-01T00:00:00Z", "0099-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ];
  test.each(good)("reads %s", (text, canonical) => {
    expect(formatTimestamp(parseTimestamp(text) ?? Number.NaN)).toBe(canonical);
  });

  const bad = [
    "",
    "2026-02-30T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-00-10T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-01-32T00:00:00Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T23:60:00Z",
    "2026-06-30T23:59:60Z",
    "2026-01-31T07:00:00",
    "2026-01-31",
    "2026-01-31 07:00:00Z",
    "2026-01-31T07:00Z",
    "2026-01-31T07:00:00.Z",
    "2026-01-31T07:00:00+24:00",
    "2026-01-31T07:00:00+01:60",
    "2026-01-31T07:00:00+08",
    "2026-01-31T07:00:00+080",
    "2026-01-31T07:00:00+8:00",
    "2026-01-31T07:00:00+2400",
    "2026-01-31T07:00:00+0060",
    "+2026-01-31T07:00:00Z",
    "12026-01-31T07:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "2026-01-31T07:00:00Z\n",
    " 2026-01-31T07:00:00Z",
    "٢٠٢٦-01-31T07:00:00Z",
  ];
  test.each(bad)("gives null for %j", (text) => {
    expect(parseTimestamp(text)).toBeNull();
  });

  test("reads what formatTimestamp() prints, for every printable time", () => {
    const time = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });
    fc.assert(
      fc.property(time, (ms) => {
        expect(parseTimestamp(formatTimestamp(ms))).toBe(ms);
        expect(isCanonicalTimestamp(formatTimestamp(ms))).toBe(true);
      }),
    );
  });
});

test("formatTimestamp() gives each time its own text when asked in turns", () => {
  expect([0, 1, 0, 0].map(formatTimestamp)).toEqual([
    "1970-01-01T00:00:00.000Z",
    "1970-01-01T00:00:00.001Z",
    "1970-01-01T00:00:00.000Z",
    "1970-01-01T00:00:00.000Z",
  ]);
});

test.each(["2026-01-31T07:00:00Z", "2026-02-30T07:00:00.000Z", "2026-01-31t07:00:00.000Z", ""])(
  "isCanonicalTimestamp() is false for %j",
  (text) => {
    expect(isCanonicalTimestamp(text)).toBe(false);
  },
);

test("isPrintableTime() is false beyond the years 1 to 9999 and for fractions", () => {
  expect([-62_135_596_800_001, 253_402_300_800_000, 0.5, Number.NaN].map(isPrintableTime)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test.each([
  [0, false],
  [-1, false],
  [1_760_000_000, false],
  [Date.parse("2026-01-31T07:00:00Z"), true],
])("isReceiveTime() judges %d ms as %p", (ms, isTime) => {
  expect(isReceiveTime(ms)).toBe(isTime);
});
