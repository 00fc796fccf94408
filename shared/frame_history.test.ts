/** The history of figures: its steps, and what it must not join. */
import { expect, test } from "bun:test";
import type { MetricsFrame } from "./frame.ts";
import {
  addToHistory,
  EMPTY_HISTORY,
  type FrameHistory,
  joinHistories,
  POINTS_MAX,
  readHistory,
  STEP_SECONDS,
} from "./frame_history.ts";

const START = Date.parse("2026-01-31T07:00:00Z") / 1000;

function frameAt(second: number, p99: number | null = second): MetricsFrame {
  return {
    ts: new Date((START + second) * 1000).toISOString(),
    eventsPerSecond: { received: second, stored: second, archived: 0 },
    latencyMs: { p50: 1, p95: 2, p99 },
    lag: 0,
    partitions: [{ archiveLag: 2 }, { archiveLag: 3 }],
    archive: { enabled: true, oldestUnarchivedSeconds: 4 },
    deadLetters: { total: 7, byCode: {} },
  } as unknown as MetricsFrame;
}

const after = (...seconds: number[]): FrameHistory =>
  seconds.reduce((history, second) => addToHistory(history, frameAt(second)), EMPTY_HISTORY);

test("addToHistory() makes one point of the frames of a step: the newest rate, the worst latency", () => {
  const frames = [frameAt(0, 9), frameAt(1, 4), frameAt(2, null), frameAt(STEP_SECONDS, 1)];
  const history = frames.reduce(addToHistory, EMPTY_HISTORY);

  expect(history.seconds).toEqual([START, START + STEP_SECONDS]);
  expect(history.received).toEqual([2, STEP_SECONDS]);
  expect(history.p99).toEqual([9, 1]);
  expect(history.archiveLag).toEqual([5, 5]);
  expect(history.deadLetters).toEqual([7, 7]);
});

test("addToHistory() leaves a hole when frames are missing", () => {
  const history = after(0, 100);

  expect(history.seconds).toEqual([START, START + STEP_SECONDS, START + 100]);
  expect(history.received).toEqual([0, null, 100]);
});

test("addToHistory() keeps time ascending, and begins again when a clock was set back", () => {
  expect(after(10, 4).seconds).toEqual([START + 10]);
  expect(after(3600, 2).seconds).toEqual([START]);
});

test("addToHistory() forgets the oldest when it is full", () => {
  const history = after(
    ...Array.from({ length: POINTS_MAX + 20 }, (_, index) => index * STEP_SECONDS),
  );

  expect(history.seconds).toHaveLength(POINTS_MAX);
  expect(history.stored).toHaveLength(POINTS_MAX);
  expect(history.seconds[0]).toBe(START + 20 * STEP_SECONDS);
});

test("readHistory() takes what has all columns, of one length", () => {
  const history = after(0, 5);

  expect(readHistory(structuredClone(history))).toEqual(history);
  expect(readHistory(EMPTY_HISTORY)).toEqual(EMPTY_HISTORY);
  for (const wrong of [null, "", {}, { ...history, p99: [] }, { ...history, seconds: 1 }]) {
    expect(readHistory(wrong)).toBeNull();
  }
});

test("addToHistory() forgets what is older than half an hour, also when there are holes", () => {
  const halfHour = POINTS_MAX * STEP_SECONDS;

  expect(after(0, 5, halfHour).seconds).toEqual([START + 5, START + 10, START + halfHour]);
});

test("joinHistories() keeps what only one of them knows, and the processor's point of a step", () => {
  const own = [0, 5, 10, 15]
    .map((second) => frameAt(second, 1))
    .reduce(addToHistory, EMPTY_HISTORY);
  const kept = [10, 15].map((second) => frameAt(second, 2)).reduce(addToHistory, EMPTY_HISTORY);

  const joined = joinHistories(kept, own);

  expect(joined.seconds).toEqual([0, 5, 10, 15].map((second) => START + second));
  expect(joined.p99).toEqual([1, 1, 2, 2]);
  expect(joined.received).toEqual([0, 5, 10, 15]);
  expect(joinHistories(EMPTY_HISTORY, own)).toEqual(own);
  expect(joinHistories(own, EMPTY_HISTORY)).toEqual(own);
});
