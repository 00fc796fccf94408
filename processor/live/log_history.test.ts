/** Ages of records, from looks at a log that grows by ten records a second. */
import { expect, test } from "bun:test";
import { LogHistory } from "./log_history.ts";

const SECOND_MS = 1000;
const PER_SECOND = 10;

/** A history of one look a second; `low` is the log's start at that second. */
function historyOf(seconds: number, low: (second: number) => number): LogHistory {
  const history = new LogHistory();
  for (let second = 0; second <= seconds; second++) {
    const watermarks = { low: BigInt(low(second)), high: BigInt(second * PER_SECOND) };
    history.note({
      atMs: 0,
      monotonicMs: second * SECOND_MS,
      partitions: 1,
      byPartition: new Map([[0, watermarks]]),
    });
  }
  return history;
}

test("agesAt() knows how long a record waits, and not that of one from before the first look", () => {
  const history = historyOf(100, () => 0);

  const waiting = (offset: bigint) => history.agesAt(0, offset, 100 * SECOND_MS).waitingMs;

  expect([waiting(800n), waiting(805n), waiting(1000n)]).toEqual([20_000, 20_000, 0]);
  expect(history.agesAt(0, -1n, 100 * SECOND_MS).waitingMs).toBeNull();
  expect(history.agesAt(7, 0n, 100 * SECOND_MS)).toEqual({ keptMs: null, waitingMs: null });
});

test("agesAt() knows how long Kafka keeps records once it has deleted some", () => {
  const kept = (seconds: number, low: (second: number) => number) =>
    historyOf(seconds, low).agesAt(0, 0n, seconds * SECOND_MS).keptMs;

  expect(kept(100, () => 300)).toBeNull();
  // Each second the records that are 30 s old.
  expect(kept(100, (second) => Math.max(0, second - 30) * PER_SECOND)).toBe(29_000);
  // Once, and then nothing: the first record of the log grows old.
  expect(kept(100, (second) => (second < 40 ? 0 : 100))).toBe(89_000);
});

test("agesAt() knows that deleted records were older than what was seen", () => {
  const history = new LogHistory();
  const note = (second: number, low: bigint) =>
    history.note({
      atMs: 0,
      monotonicMs: second * SECOND_MS,
      partitions: 1,
      byPartition: new Map([[0, { low, high: 1_000n + BigInt(second) }]]),
    });
  note(0, 0n);
  note(1, 500n);

  expect(history.agesAt(0, 1_000n, 5 * SECOND_MS)).toEqual({ keptMs: Infinity, waitingMs: 5000 });
});

test("note() keeps ages to within a hundredth, however long it runs", () => {
  const day = 86_400;
  const history = historyOf(day, () => 0);

  const { waitingMs } = history.agesAt(0, BigInt((day / 2) * PER_SECOND), day * SECOND_MS);

  expect(waitingMs ?? 0).toBeGreaterThanOrEqual((day / 2) * SECOND_MS);
  expect(waitingMs ?? 0).toBeLessThan((day / 2) * SECOND_MS * 1.02);
});
