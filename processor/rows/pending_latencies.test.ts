import { percentile } from "@tally/shared";
import { expect, test } from "bun:test";
import { PendingLatencies } from "./pending_latencies.ts";

const NOW_MS = Date.parse("2026-01-31T07:00:00.000Z");
const HOUR_MS = 3_600_000;

/** The latencies that are measured of events received at these ages, ms. */
function measured(agesMs: readonly number[], jumpMs = 0) {
  let wrongMs = 0;
  // As on a real machine: it has fractions of a millisecond.
  let monotonicMs = 5.75;
  const pending = new PendingLatencies({
    wallNow: () => NOW_MS + wrongMs,
    monotonicNow: () => monotonicMs,
  });
  wrongMs = jumpMs;
  monotonicMs += 0.3;
  pending.measure(
    0,
    agesMs.map((ms) => new Date(NOW_MS - ms).toISOString()),
  );
  return pending.take(0);
}

test.each([0, HOUR_MS, -HOUR_MS, 24 * HOUR_MS, -24 * HOUR_MS])(
  "measure() counts the true latency when the wall clock has jumped by %d ms",
  (jumpMs) => {
    const { buckets, sumMs } = measured([100, 20, 0], jumpMs);

    expect(sumMs).toBe(120);
    expect(percentile(buckets, 1)).toBeLessThan(120);
  },
);

test("measure() counts an event from a clock a little ahead as stored at once", () => {
  expect(measured([-40]).sumMs).toBe(0);
  expect(measured([-40], HOUR_MS).sumMs).toBe(0);
});

test("measure() gives whole milliseconds, as the table wants them", () => {
  const { buckets, sumMs } = measured([7]);

  expect([sumMs, ...buckets].every((value) => Number.isInteger(value))).toBe(true);
});

test("measure() counts the latency of an old event when no clock has jumped", () => {
  expect(measured([3 * HOUR_MS]).sumMs).toBe(3 * HOUR_MS);
});

test.each([0, -1, 1_760_000_000])("measure() leaves out an event received at %d ms", (atMs) => {
  const { buckets, sumMs } = measured([NOW_MS - atMs, 20]);

  expect(sumMs).toBe(20);
  expect(buckets.reduce((sum, count) => sum + count, 0)).toBe(1);
});
