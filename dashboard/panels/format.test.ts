/** The words and digits that the viewer reads. */
import { describe, expect, test } from "bun:test";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatLatency,
  formatOffset,
  formatRate,
  formatTick,
  formatTime,
  plural,
} from "./format.ts";

describe("unknown", () => {
  test("every format writes a dash, never 0, when the value is null", () => {
    const texts = [
      formatCount(null),
      formatRate(null),
      formatOffset(null),
      formatBytes(null),
      formatLatency(null),
      formatDuration(null),
      formatTime(null, { nowMs: 0 }),
      formatTime(Number.NaN, { nowMs: 0 }),
    ];

    expect(new Set(texts)).toEqual(new Set(["–"]));
  });
});

test("formatCount() groups digits by three when the count is large", () => {
  expect(formatCount(0)).toBe("0");
  expect(formatCount(1_234_567)).toBe("1,234,567");
});

test("formatRate() keeps one decimal when the rate is below 10", () => {
  expect(formatRate(0)).toBe("0");
  expect(formatRate(0.25)).toBe("0.3");
  expect(formatRate(9.96)).toBe("10");
  expect(formatRate(4999.7)).toBe("5,000");
});

test("formatOffset() keeps every digit when the offset exceeds a double", () => {
  expect(formatOffset("9007199254740993")).toBe("9,007,199,254,740,993");
});

test("formatBytes() takes the largest unit that leaves at least 1", () => {
  expect(formatBytes(0)).toBe("0 bytes");
  expect(formatBytes(1023)).toBe("1,023 bytes");
  expect(formatBytes(1536)).toBe("1.5 KiB");
  expect(formatBytes(5 * 1024 ** 3)).toBe("5 GiB");
  expect(formatBytes(2 ** 62)).toBe("4,096 PiB");
});

test("formatLatency() changes to seconds when it reaches one", () => {
  expect(formatLatency(0)).toBe("0 ms");
  expect(formatLatency(0.4)).toBe("< 1 ms");
  expect(formatLatency(41.6)).toBe("42 ms");
  expect(formatLatency(1240)).toBe("1.2 s");
  expect(formatLatency(200_000)).toBe("3 min 20 s");
});

test("formatDuration() names the two largest units", () => {
  expect(formatDuration(0)).toBe("0 s");
  expect(formatDuration(-5)).toBe("0 s");
  expect(formatDuration(59.6)).toBe("1 min");
  expect(formatDuration(3605)).toBe("1 h");
  expect(formatDuration(90_061)).toBe("1 d 1 h");
});

test("formatCount() and formatTick() write what is beyond reading as a power of ten", () => {
  expect(formatCount(9_007_199_254_740_991)).toBe("9,007,199,254,740,991");
  expect(formatCount(1e300)).toBe("1E300");
  expect(formatCount(-1.239e20)).toBe("-1.24E20");
  expect(formatTick(1e300)).toBe("1E300");
});

test("formatTime() adds the date when it is another day in the viewer's zone", () => {
  const nowMs = Date.UTC(2026, 0, 31, 0, 30);
  const options = { nowMs, zone: "Europe/Berlin" };

  expect(formatTime(nowMs, options)).toBe("01:30:00");
  expect(formatTime(nowMs - 2 * 3_600_000, options)).toBe("2026-01-30 23:30:00");
});

test("formatTick() shortens when the axis reaches ten thousand", () => {
  expect(formatTick(0.5)).toBe("0.5");
  expect(formatTick(5000)).toBe("5,000");
  expect(formatTick(25_000)).toBe("25K");
});

test("plural() adds an s unless the count is 1", () => {
  expect(plural(1, "event")).toBe("1 event");
  expect(plural(2000, "event")).toBe("2,000 events");
});
