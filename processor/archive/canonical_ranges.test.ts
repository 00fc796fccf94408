import { describe, expect, test } from "bun:test";
import { createCanonicalRanges } from "./canonical_ranges.ts";
import type { Batch, DecodedRecord } from "../pipeline/sink.ts";
import { testBatch } from "../pipeline/testing/sink_contract.ts";

/** A batch of partition 0 whose records are all canonical. */
function batchAt(firstOffset: bigint, count: number): Batch {
  return testBatch({ partition: 0, firstOffset, count });
}

/** The same batch with another last record. */
function withLast(batch: Batch, change: (last: DecodedRecord) => DecodedRecord): Batch {
  return {
    ...batch,
    records: batch.records.map((one, n) => (n < batch.records.length - 1 ? one : change(one))),
  };
}

describe("createCanonicalRanges()", () => {
  test("cover() is true within what was noted, over several batches, of that partition only", () => {
    const ranges = createCanonicalRanges();

    ranges.note(batchAt(0n, 10));
    ranges.note(batchAt(10n, 10));

    expect(ranges.cover({ partition: 0, firstOffset: 5n, nextOffset: 20n })).toBeTrue();
    expect(ranges.cover({ partition: 0, firstOffset: 5n, nextOffset: 21n })).toBeFalse();
    expect(ranges.cover({ partition: 1, firstOffset: 5n, nextOffset: 20n })).toBeFalse();
  });

  test("note() leaves out a batch with a fault, a changed line or a missing record", () => {
    const fault = { code: "record_corrupt", pointer: "" } as const;
    const batch = batchAt(0n, 3);
    const changed = withLast(batch, ({ record, decoded }) => ({
      record,
      decoded: { ...decoded, line: Buffer.from("{}") } as DecodedRecord["decoded"],
    }));
    const others = [
      withLast(batch, ({ record }) => ({ record, decoded: fault })),
      changed,
      { ...batch, records: batch.records.slice(1) },
    ];

    for (const other of others) {
      const ranges = createCanonicalRanges();
      ranges.note(other);
      expect(ranges.cover(batch)).toBeFalse();
    }
  });

  test("cover() is false across a hole, and true after it", () => {
    const ranges = createCanonicalRanges();

    ranges.note(batchAt(0n, 10));
    ranges.note(batchAt(12n, 10));

    expect(ranges.cover({ partition: 0, firstOffset: 0n, nextOffset: 15n })).toBeFalse();
    expect(ranges.cover({ partition: 0, firstOffset: 12n, nextOffset: 22n })).toBeTrue();
  });

  test("note() forgets the oldest of too many, forgetBefore() what was passed, forget() everything", () => {
    const ranges = createCanonicalRanges();
    const first = batchAt(0n, 1);
    ranges.note(first);
    for (let n = 1n; n <= 100n; n++) ranges.note(batchAt(2n * n, 1));

    const isFirstHeld = ranges.cover(first);
    const isSecondHeld = ranges.cover(batchAt(2n, 1));
    ranges.forgetBefore(0, 200n);
    const isPassedHeld = ranges.cover(batchAt(2n, 1));
    const isLastHeld = ranges.cover(batchAt(200n, 1));
    ranges.forget(0);

    expect([isFirstHeld, isSecondHeld, isPassedHeld]).toEqual([false, true, false]);
    expect(isLastHeld).toBeTrue();
    expect(ranges.cover(batchAt(200n, 1))).toBeFalse();
  });
});
