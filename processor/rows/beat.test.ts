import { describe, expect, test } from "bun:test";
import { Beat } from "./beat.ts";

/** The beat after many statements of one length. */
function after(shortestMs: number, statementMs: number): number {
  const beat = new Beat(shortestMs);
  for (let statement = 0; statement < 100; statement++) beat.note(statementMs);
  return beat.ms;
}

describe("Beat", () => {
  test("ms is the shortest beat before the first statement", () => {
    expect(new Beat(10).ms).toBe(10);
  });

  test.each([
    [1, 10],
    [5, 10],
    [6, 20],
    [10, 20],
    [11, 40],
    [500, 40],
  ])("ms leaves a statement of %i ms half of the time: %i", (statementMs, ms) => {
    expect(after(10, statementMs)).toBe(ms);
  });

  test("ms returns to the shortest beat when statements are quick again", () => {
    const beat = new Beat(10);
    beat.note(1000);
    const slow = beat.ms;
    for (let statement = 0; statement < 100; statement++) beat.note(1);

    expect([slow, beat.ms]).toEqual([40, 10]);
  });

  test("ms stays 0 when batches wait for nobody", () => {
    expect(after(0, 500)).toBe(0);
  });
});
