import { describe, expect, test } from "bun:test";
import { createOffsetCommits } from "./offset_commits.ts";

/** Commits with a clock of the test, and what the consumer received. */
function commits() {
  const clock = { nowMs: 0 };
  const received: [number, bigint][][] = [];
  const consumer = {
    commit: (positions: ReadonlyMap<number, bigint>) => void received.push([...positions]),
  };
  return { clock, received, consumer, own: createOffsetCommits(() => clock.nowMs) };
}

describe("createOffsetCommits()", () => {
  test("commitWhenDue() commits the latest position of each partition once a second", () => {
    const { clock, received, consumer, own } = commits();
    own.note(0, 1n);
    own.note(1, 5n);
    own.note(0, 2n);

    clock.nowMs = 999;
    own.commitWhenDue(consumer);
    const early = received.length;
    clock.nowMs = 1000;
    own.commitWhenDue(consumer);
    own.note(0, 3n);
    own.commitWhenDue(consumer);

    expect(early).toBe(0);
    expect(received).toEqual([
      [
        [0, 2n],
        [1, 5n],
      ],
    ]);
  });

  test("commitNow() commits what is left, and nothing when nothing is", () => {
    const { received, consumer, own } = commits();
    own.note(0, 1n);

    own.commitNow(consumer);
    own.commitNow(consumer);

    expect(received).toEqual([[[0, 1n]]]);
  });
});
