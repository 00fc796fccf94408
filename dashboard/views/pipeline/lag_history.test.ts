/** The lag over time. */
import { expect, test } from "bun:test";
import { fakeFrame, fakePartition } from "../../testing/fake_frame.ts";
import { addToLagHistory, type LagHistory, POINTS_MAX } from "./lag_history.ts";

const frameAt = (second: number) =>
  fakeFrame({
    ts: new Date(second * 1000).toISOString(),
    partitions: [fakePartition(0, { lag: second }), fakePartition(1, { lag: null })],
  });

test("addToLagHistory() keeps the lags of each frame, the newest last, up to its bound", () => {
  let history: LagHistory = [];
  for (let second = 1; second <= POINTS_MAX + 5; second++) {
    history = addToLagHistory(history, frameAt(second));
  }

  expect(history).toHaveLength(POINTS_MAX);
  expect(history.at(-1)).toEqual({
    atMs: (POINTS_MAX + 5) * 1000,
    lags: new Map([
      [0, POINTS_MAX + 5],
      [1, null],
    ]),
  });
});

test("addToLagHistory() takes no frame twice, and none that is older", () => {
  const history = addToLagHistory([], frameAt(5));

  expect(addToLagHistory(history, frameAt(5))).toBe(history);
  expect(addToLagHistory(history, frameAt(4))).toBe(history);
});
