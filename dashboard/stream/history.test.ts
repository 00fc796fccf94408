/** What the chart remembers, and what it must not join. */
import { expect, test } from "bun:test";
import { fakeFrame, FAKE_START_MS } from "../testing/fake_frame.ts";
import { addToHistory, EMPTY_HISTORY, POINTS_MAX, type RateHistory } from "./history.ts";

const START = FAKE_START_MS / 1000;

function after(...seconds: number[]): RateHistory {
  return seconds.reduce((history, second) => {
    const ts = new Date(FAKE_START_MS + second * 1000).toISOString();
    const eventsPerSecond = { received: second, stored: second + 0.5, archived: 0 };
    return addToHistory(history, fakeFrame({ ts, eventsPerSecond }));
  }, EMPTY_HISTORY);
}

test("addToHistory() adds a point for each frame", () => {
  expect(after(1, 2)).toEqual({
    seconds: [START + 1, START + 2],
    received: [1, 2],
    stored: [1.5, 2.5],
    archived: [0, 0],
  });
});

test("addToHistory() leaves a hole when frames are missing", () => {
  const history = after(1, 20);

  expect(history.seconds).toEqual([START + 1, START + 2, START + 20]);
  expect(history.received).toEqual([1, null, 20]);
});

test("addToHistory() keeps time ascending when a frame is not newer", () => {
  expect(after(5, 5, 4).seconds).toEqual([START + 5]);
});

test("addToHistory() begins again when the processor's clock was set back", () => {
  expect(after(3600, 3601, 2, 3).seconds).toEqual([START + 2, START + 3]);
});

test("addToHistory() forgets the oldest when it is full", () => {
  const history = after(...Array.from({ length: POINTS_MAX + 20 }, (_, index) => index));

  expect(history.seconds).toHaveLength(POINTS_MAX);
  expect(history.seconds[0]).toBe(START + 20);
  expect(history.stored.at(-1)).toBe(POINTS_MAX + 19.5);
});
