/** The batcher against a list of what was added: nothing is lost, order and limits hold. */
import { expect, test } from "bun:test";
import type { ConsumedRecord } from "@tally/shared/kafka";
import fc, { type Command } from "fast-check";
import { Batcher, type RawBatch } from "./batcher.ts";
import { modelRuns } from "../testing/model_runs.ts";
import type { BatchLimits, OffsetGap } from "./sink.ts";

const RUNS = 10_000;
const COMMANDS_MAX = 60;
const HOUR_MS = 3_600_000;
const GAPS_AGE_MS = 1000;
const PARTITION = 3;

/** A record that was added and not taken yet, and when it was added. */
interface Pending {
  readonly record: ConsumedRecord;
  readonly bytes: number;
  readonly addedAtMs: number;
}

/** An offset without a record that no batch covers yet, and when it was added. */
interface PendingGap {
  readonly offset: bigint;
  readonly addedAtMs: number;
}

/** What one batch took from the model. */
interface Taken {
  readonly taken: readonly Pending[];
  readonly gaps: readonly PendingGap[];
}

/** What can be known of a batcher from outside. */
interface Model {
  readonly limits: BatchLimits;
  readonly pending: Pending[];
  readonly gaps: PendingGap[];
  readonly planned: bigint[];
  position: bigint;
  /** The next offset of the log. */
  end: bigint;
  nowMs: number;
  hasFlushed: boolean;
}

type Step = Command<Model, Batcher>;

/** A step that is always possible. */
function step(name: string, run: (model: Model, real: Batcher) => void): Step {
  return { check: () => true, run, toString: () => name };
}

function add({ bytes, skipped, hours }: { bytes: number; skipped: number; hours: number }): Step {
  return step(`add(${bytes} bytes, ${skipped} skipped, hour ${hours})`, (model, real) => {
    if (skipped > 0) skip(model, real, skipped);
    const record = {
      topic: "events",
      partition: PARTITION,
      key: null,
      headers: [],
      offset: model.end,
      timestampMs: hours * HOUR_MS,
      value: Buffer.alloc(bytes),
    };
    model.pending.push({ record, bytes, addedAtMs: model.nowMs });
    model.end += 1n;
    real.add(record, model.nowMs);
    expectCounts(model, real);
  });
}

function skip(model: Model, real: Batcher, offsets: number): void {
  const gap = { firstOffset: model.end, lastOffset: model.end + BigInt(offsets) - 1n };
  model.gaps.push(...offsetsOf(gap).map((offset) => ({ offset, addedAtMs: model.nowMs })));
  model.end = gap.lastOffset + 1n;
  real.addGap(gap, model.nowMs);
}

const lose = (offsets: number) =>
  step(`lose(${offsets})`, (model, real) => skip(model, real, offsets));

const wait = (ms: number) => step(`wait(${ms} ms)`, (model) => void (model.nowMs += ms));

const flush = step("flush()", (model, real) => {
  model.hasFlushed = true;
  real.flush();
});

const take = step("take()", (model, real) => {
  const due = real.dueInMs(model.nowMs);
  const batch = real.take(model.nowMs);
  expect(batch !== null).toBe(due === 0);
  if (batch === null) expectNothingDue(model);
  else expectNext(model, batch);
  expectCounts(model, real);
});

function expectCounts({ pending }: Model, real: Batcher): void {
  expect(real.bufferedRecords).toBe(pending.length);
  expect(real.bufferedBytes).toBe(sum(pending));
}

/** What is left is below every limit, and ends before the next planned range does. */
function expectNothingDue({ limits, pending, gaps, planned, end, nowMs }: Model): void {
  const [first] = pending;
  if (planned[0] !== undefined) return expect(end).toBeLessThanOrEqual(planned[0]);
  if (first === undefined) return;
  expect(pending.length).toBeLessThan(limits.recordsMax);
  const openedAtMs = Math.min(first.addedAtMs, gaps[0]?.addedAtMs ?? first.addedAtMs);
  expect(nowMs - openedAtMs).toBeLessThan(limits.ageMsMax);
  expectWithin(limits, pending);
}

/** The batch is the next of what was added: all of its range, for a reason that is true. */
function expectNext(model: Model, batch: RawBatch): void {
  const taken = model.pending.splice(0, batch.records.length);
  expect(batch.partition).toBe(PARTITION);
  expect(batch.records).toEqual(taken.map(({ record }) => record));
  expect(batch.firstOffset).toBe(model.position);
  const gaps = expectGaps(model, batch);
  const planned = model.planned.shift();
  if (planned === undefined) expectLimits(model, batch, { taken, gaps });
  else expect([batch.reason, batch.nextOffset]).toEqual(["planned", planned + 1n]);
  // Nothing of the range is still pending.
  const left = model.pending[0]?.record.offset ?? model.end;
  expect(left).toBeGreaterThanOrEqual(batch.nextOffset);
  model.position = batch.nextOffset;
}

/** The gaps are the offsets of the range that have no record, each once and in order. */
function expectGaps(model: Model, { gaps, nextOffset }: RawBatch): readonly PendingGap[] {
  const count = model.gaps.filter(({ offset }) => offset < nextOffset).length;
  const taken = model.gaps.splice(0, count);
  expect(gaps.flatMap(offsetsOf)).toEqual(taken.map(({ offset }) => offset));
  return taken;
}

function offsetsOf({ firstOffset, lastOffset }: OffsetGap): bigint[] {
  return Array.from(
    { length: Number(lastOffset - firstOffset) + 1 },
    (_, at) => firstOffset + BigInt(at),
  );
}

function expectLimits(model: Model, batch: RawBatch, { taken, gaps }: Taken): void {
  const { limits, pending, nowMs, hasFlushed } = model;
  const [first] = taken;
  const [next] = pending;
  const lasts = [taken.at(-1)?.record.offset ?? -1n, gaps.at(-1)?.offset ?? -1n];
  expect(lasts).toContain(batch.nextOffset - 1n);
  const openedAtMs = Math.min(
    ...[...taken.slice(0, 1), ...gaps.slice(0, 1)].map((each) => each.addedAtMs),
  );
  expect(taken.length).toBeLessThanOrEqual(limits.recordsMax);
  expectWithin(limits, taken);
  const isTrue = {
    records: taken.length === limits.recordsMax,
    bytes: next !== undefined && sum(taken) + next.bytes > limits.bytesMax,
    hour:
      next !== undefined && first !== undefined && limits.hourly && hourOf(next) > hourOf(first),
    age: nowMs - openedAtMs >= (first === undefined ? GAPS_AGE_MS : limits.ageMsMax),
    shutdown: hasFlushed,
    planned: false,
  };
  expect([batch.reason, isTrue[batch.reason]]).toEqual([batch.reason, true]);
}

/** A single record may be larger than the limit, because it can't be split. */
function expectWithin({ bytesMax, hourly }: BatchLimits, records: readonly Pending[]): void {
  const [first] = records;
  if (first === undefined || records.length === 1) return;
  expect(sum(records)).toBeLessThanOrEqual(bytesMax);
  if (hourly) for (const each of records) expect(hourOf(each)).toBeLessThanOrEqual(hourOf(first));
}

const hourOf = ({ record }: Pending) => Math.floor(record.timestampMs / HOUR_MS);
const sum = (records: readonly Pending[]) => records.reduce((all, { bytes }) => all + bytes, 0);

const limits = fc.record({
  recordsMax: fc.integer({ min: 1, max: 6 }),
  bytesMax: fc.integer({ min: 1, max: 100 }),
  ageMsMax: fc.integer({ min: 1, max: 20 }),
  hourly: fc.boolean(),
});
const plans = fc
  .uniqueArray(fc.bigInt({ min: 0n, max: 30n }), { maxLength: 4 })
  .map((ends) => ends.toSorted((a, b) => (a < b ? -1 : 1)));
const commands = fc.commands(
  [
    fc
      .record({
        bytes: fc.integer({ min: 0, max: 60 }),
        skipped: fc.constantFrom(0, 0, 0, 1, 5),
        hours: fc.integer({ min: 1, max: 3 }),
      })
      .map(add),
    fc.integer({ min: 1, max: 9 }).map(lose),
    fc.constant(take),
    fc.oneof(fc.integer({ min: 1, max: 15 }), fc.constant(GAPS_AGE_MS)).map(wait),
    fc.constant(flush),
  ],
  { maxCommands: COMMANDS_MAX, size: "max" },
);

test("Batcher loses nothing and keeps order, limits and plans, for any sequence of steps", () => {
  const property = fc.property(limits, plans, commands, (wanted, planned, steps) => {
    const options = { partition: PARTITION, limits: wanted, nextOffset: 0n };
    const real = new Batcher({ ...options, plannedLastOffsets: planned });
    const model: Model = {
      limits: wanted,
      planned: [...planned],
      pending: [],
      gaps: [],
      position: 0n,
      end: 0n,
      nowMs: 0,
      hasFlushed: false,
    };
    fc.modelRun(() => ({ model, real }), steps);

    flush.run(model, real);
    while (real.hasClosed) take.run(model, real);
    // Only a planned range whose end was not reached may keep records.
    if (model.planned.length === 0) expect([model.pending, model.gaps]).toEqual([[], []]);
    else expect(model.end).toBeLessThanOrEqual(model.planned[0] ?? 0n);
  });
  fc.assert(property, modelRuns(RUNS));
});
