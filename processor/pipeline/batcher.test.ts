import { describe, expect, test } from "bun:test";
import type { ConsumedRecord } from "@tally/shared/kafka";
import fc from "fast-check";
import { Batcher, type RawBatch } from "./batcher.ts";
import type { BatchLimits } from "./sink.ts";

const LIMITS: BatchLimits = { recordsMax: 3, bytesMax: 100, ageMsMax: 10, hourly: false };
const HOUR_MS = 3_600_000;

function record(offset: number, changes: Partial<ConsumedRecord> = {}): ConsumedRecord {
  return {
    topic: "events",
    partition: 2,
    offset: BigInt(offset),
    timestampMs: HOUR_MS,
    key: null,
    value: Buffer.alloc(10),
    headers: [],
    ...changes,
  };
}

function batcher(changes: Partial<BatchLimits> = {}, plannedLastOffsets: bigint[] = []): Batcher {
  return new Batcher({
    partition: 2,
    limits: { ...LIMITS, ...changes },
    nextOffset: 0n,
    plannedLastOffsets,
  });
}

function takeAll(from: Batcher, nowMs: number): RawBatch[] {
  const batches: RawBatch[] = [];
  for (let batch = from.take(nowMs); batch !== null; batch = from.take(nowMs)) batches.push(batch);
  return batches;
}

describe("Batcher", () => {
  test("add() closes a batch when it has recordsMax records", () => {
    const open = batcher();

    for (const offset of [0, 1, 2, 3]) open.add(record(offset), 0);

    expect(takeAll(open, 0)).toMatchObject([
      { reason: "records", firstOffset: 0n, nextOffset: 3n, partition: 2 },
    ]);
    expect(open.bufferedRecords).toBe(1);
    expect(open.bufferedBytes).toBe(10);
  });

  test("add() closes a batch before the record that would pass bytesMax", () => {
    const open = batcher({ recordsMax: 100 });

    open.add(record(0, { value: Buffer.alloc(60) }), 0);
    open.add(record(1, { value: Buffer.alloc(60) }), 0);

    expect(takeAll(open, 0)).toMatchObject([{ reason: "bytes", nextOffset: 1n }]);
  });

  test("add() counts keys and headers towards bytesMax", () => {
    const open = batcher({ recordsMax: 100 });
    const heavy = {
      key: Buffer.alloc(30),
      headers: [{ key: "trace", value: Buffer.alloc(25) }],
    };

    open.add(record(0, heavy), 0);
    open.add(record(1, heavy), 0);

    expect(open.bufferedBytes).toBe(140);
    expect(takeAll(open, 0)).toMatchObject([{ reason: "bytes", nextOffset: 1n }]);
    expect(open.bufferedBytes).toBe(70);
  });

  test("add() takes a record larger than bytesMax alone", () => {
    const open = batcher();

    open.add(record(0, { value: Buffer.alloc(500) }), 0);
    open.add(record(1), 0);

    expect(takeAll(open, 0)).toMatchObject([{ reason: "bytes", firstOffset: 0n, nextOffset: 1n }]);
  });

  test("take() gives the open batch once its first record is ageMsMax old", () => {
    const open = batcher();

    open.add(record(0), 100);

    expect(open.dueInMs(104)).toBe(6);
    expect(open.take(109)).toBeNull();
    expect(open.take(110)).toMatchObject({ reason: "age", nextOffset: 1n });
    expect(open.dueInMs(110)).toBeNull();
  });

  test("take() gives open batches at the next beat, whenever their first record came", () => {
    const [early, late] = [batcher({ beatMs: () => 20 }), batcher({ beatMs: () => 20 })];

    early.add(record(0), 101);
    late.add(record(0), 119);

    expect([early.dueInMs(101), late.dueInMs(119)]).toEqual([19, 1]);
    expect([early.take(119), late.take(119)]).toEqual([null, null]);
    expect([early.take(120), late.take(120)]).toMatchObject([{ reason: "age" }, { reason: "age" }]);
  });

  test("take() gives the open batch at once when the beat is 0", () => {
    const open = batcher({ beatMs: () => 0 });

    open.add(record(0), 101);

    expect(open.take(101)).toMatchObject({ reason: "age" });
  });

  test("add() closes before a record of a later hour, and keeps a late record of an earlier hour", () => {
    const open = batcher({ recordsMax: 100, hourly: true });

    open.add(record(0, { timestampMs: 2 * HOUR_MS }), 0);
    open.add(record(1, { timestampMs: 2 * HOUR_MS - 1 }), 0);
    open.add(record(2, { timestampMs: 3 * HOUR_MS }), 0);

    expect(takeAll(open, 0)).toMatchObject([{ reason: "hour", firstOffset: 0n, nextOffset: 2n }]);
  });

  test("add() closes exactly at planned ends, whatever the limits are", () => {
    const open = batcher({ recordsMax: 2 }, [3n, 4n]);

    for (const offset of [0, 1, 2, 3, 4, 5]) open.add(record(offset), 0);

    expect(open.dueInMs(5)).toBe(0);
    expect(takeAll(open, 5)).toMatchObject([
      { reason: "planned", firstOffset: 0n, nextOffset: 4n },
      { reason: "planned", firstOffset: 4n, nextOffset: 5n },
    ]);
  });

  test("flush() and age do not close a batch whose end is planned", () => {
    const open = batcher({}, [5n]);
    open.add(record(0), 0);

    open.flush();

    expect(open.take(1000)).toBeNull();
  });

  test("add() closes a planned range whose last record is lost", () => {
    const open = batcher({ recordsMax: 100 }, [3n]);
    open.add(record(0), 0);

    open.addGap({ firstOffset: 1n, lastOffset: 6n }, 0);
    open.add(record(7), 0);

    expect(takeAll(open, 0)).toMatchObject([
      { reason: "planned", firstOffset: 0n, nextOffset: 4n },
    ]);
  });

  test("addGap() closes planned ranges that are lost completely, without a next record", () => {
    const open = batcher({}, [3n, 5n, 9n]);

    open.addGap({ firstOffset: 0n, lastOffset: 6n }, 0);

    expect(takeAll(open, 0)).toMatchObject([
      {
        reason: "planned",
        firstOffset: 0n,
        nextOffset: 4n,
        records: [],
        gaps: [{ firstOffset: 0n, lastOffset: 3n }],
      },
      {
        reason: "planned",
        firstOffset: 4n,
        nextOffset: 6n,
        records: [],
        gaps: [{ firstOffset: 4n, lastOffset: 5n }],
      },
    ]);
  });

  test("take() moves the position past a gap at the end of the log when the batch is old", () => {
    const open = batcher({ ageMsMax: 10 });
    open.add(record(0), 0);
    open.addGap({ firstOffset: 1n, lastOffset: 1n }, 5);
    open.addGap({ firstOffset: 2n, lastOffset: 3n }, 6);

    const batches = takeAll(open, 10);

    expect(batches).toMatchObject([
      { firstOffset: 0n, nextOffset: 4n, gaps: [{ firstOffset: 1n, lastOffset: 3n }] },
    ]);
  });

  test("take() gives gaps without a record after a second", () => {
    const open = batcher({ ageMsMax: 10 });
    open.addGap({ firstOffset: 0n, lastOffset: 0n }, 0);

    const [early, late] = [takeAll(open, 999), takeAll(open, 1000)];

    expect(early).toEqual([]);
    expect(late).toMatchObject([{ firstOffset: 0n, nextOffset: 1n, records: [], reason: "age" }]);
  });

  test("take() gives adjoining ranges, in order and without loss, for any records and limits", () => {
    const inputs = fc.record({
      sizes: fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 60 }),
      recordsMax: fc.integer({ min: 1, max: 10 }),
      steps: fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 20 }),
    });
    fc.assert(
      fc.property(inputs, ({ sizes, recordsMax, steps }) => {
        const open = batcher({ recordsMax });
        const batches: RawBatch[] = [];
        let nowMs = 0;
        for (const [offset, size] of sizes.entries()) {
          nowMs += steps[offset % steps.length] ?? 0;
          open.add(record(offset, { value: Buffer.alloc(size) }), nowMs);
          if (offset % 3 === 0) batches.push(...takeAll(open, nowMs));
        }
        open.flush();
        batches.push(...takeAll(open, nowMs));

        let expected = 0n;
        for (const batch of batches) {
          expect(batch.firstOffset).toBe(expected);
          expect(batch.records.map(({ offset }) => offset)).toEqual(
            Array.from(
              { length: Number(batch.nextOffset - expected) },
              (_, index) => expected + BigInt(index),
            ),
          );
          expect(batch.records.length).toBeLessThanOrEqual(recordsMax);
          expected = batch.nextOffset;
        }
        expect(expected).toBe(BigInt(sizes.length));
        expect([open.bufferedRecords, open.bufferedBytes]).toEqual([0, 0]);
      }),
    );
  });
});
