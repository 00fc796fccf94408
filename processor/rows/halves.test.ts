import { describe, expect, test } from "bun:test";
import { asRefused, merge, split } from "./halves.ts";
import { batchOfIds } from "./testing/batches.ts";
import type { Batch } from "../pipeline/sink.ts";

/** Offsets 5 and 6, a gap, 9 and 10, after a gap from 2 on. */
function batchWithGaps(): Batch {
  const [first, second] = [batchOfIds(5, ["a", "b"]), batchOfIds(9, ["c", "d"])];
  return {
    ...first,
    firstOffset: 2n,
    nextOffset: second.nextOffset,
    records: [...first.records, ...second.records],
    gaps: [
      { firstOffset: 2n, lastOffset: 4n },
      { firstOffset: 7n, lastOffset: 8n },
    ],
  };
}

describe("split()", () => {
  test("split() makes halves that cover every offset and gap of the batch once", () => {
    const batch = batchWithGaps();

    const [left, right] = split(batch);

    expect([left.firstOffset, left.nextOffset]).toEqual([2n, 9n]);
    expect([right.firstOffset, right.nextOffset]).toEqual([9n, 11n]);
    expect([...left.records, ...right.records]).toEqual([...batch.records]);
    expect(left.records).toHaveLength(2);
    expect([left.gaps, right.gaps]).toEqual([batch.gaps, []]);
  });

  test("split() ends at single records", () => {
    const halves = split(batchOfIds(0, ["a", "b"])).map(({ records }) => records.length);

    expect(halves).toEqual([1, 1]);
  });
});

test("merge() adds up both halves, and is already written only when both are", () => {
  const [left, right] = split(batchWithGaps());
  const both = batchWithGaps();

  const merged = merge(
    both,
    { batch: left, events: 1, duplicates: 1, deadLetters: [], already: false },
    { batch: right, events: 0, duplicates: 0, deadLetters: ["database_rejected"], already: true },
  );

  expect(merged).toEqual({
    batch: both,
    events: 1,
    duplicates: 1,
    deadLetters: ["database_rejected"],
    already: false,
  });
});

test("asRefused() keeps the records and makes dead letters of them", () => {
  const batch = batchOfIds(0, ["a"]);

  const { records } = asRefused(batch);

  expect(records[0]?.record).toBe(batch.records[0]?.record as never);
  expect(records[0]?.decoded).toEqual({ code: "database_rejected", pointer: "" });
});
