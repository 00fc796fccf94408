/** Which part of the DLQ topic a database does not know. */
import { expect, test } from "bun:test";
import type { Watermarks } from "@tally/shared/kafka";
import { unknownRanges } from "./letter_topic.ts";

test("unknownRanges() gives what lies between what is known and the end", () => {
  const ends = (low: bigint, high: bigint): Watermarks => ({ low, high });
  const watermarks = new Map([
    [0, ends(0n, 5n)],
    [1, ends(3n, 5n)],
    [2, ends(0n, 5n)],
    [3, ends(7n, 7n)],
    [4, ends(0n, 2n)],
  ]);
  const ranges = unknownRanges(
    new Map([
      [2, 5n],
      [1, 1n],
      [4, 9n],
    ]),
    watermarks,
  );
  expect(ranges).toEqual([
    { partition: 0, from: 0n, end: 5n },
    { partition: 1, from: 3n, end: 5n },
  ]);
});
