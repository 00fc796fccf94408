/**
 * The contract of `Sink` as a suite of tests, which the tests of each sink run. The pipeline is
 * exactly-once because of this contract and nothing else (P3, P4).
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { decodeRecord, encodeEvent, isRecordFault, isRetryable } from "@tally/shared";
import { recordHash } from "../record_hash.ts";
import type { Batch, DecodedRecord, Sink } from "../sink.ts";

/** A storage under test, with sinks that use it. */
export interface SinkHarness {
  /** Another owner: a new sink on the same storage and the same log. */
  newSink(): Sink;
  /** An owner whose storage fails at the first write, at least. A later write may work. */
  newFailingSink(): Sink;
  /** Prepares the storage for a batch that will be written (the archive needs its rows). */
  prepare(batch: Batch): Promise<void>;
  /** Ids of the events that are stored of a partition, in offset order. */
  storedIds(partition: number): Promise<string[]>;
  close(): Promise<void>;
}

/** Runs the suite against a storage. `makeHarness` is called once. */
export function sinkContract(name: string, makeHarness: () => Promise<SinkHarness>): void {
  describe(`${name} as a sink`, () => {
    let harness: SinkHarness;
    let partitions = 0;

    beforeAll(async () => {
      harness = await makeHarness();
    }, START_MS_MAX);
    afterAll(() => harness.close());

    /** Sinks of several owners, at the start of a partition that no other test uses. */
    async function owners(count: number): Promise<{ partition: number; sinks: Sink[] }> {
      const partition = partitions++;
      const sinks = Array.from({ length: count }, () => harness.newSink());
      await sinks[0]?.begin(partition, 0n);
      return { partition, sinks };
    }

    async function prepared(batch: Batch): Promise<Batch> {
      await harness.prepare(batch);
      return batch;
    }

    test("open() finds no position before begin(), which creates it once", async () => {
      const sink = harness.newSink();
      const partition = partitions++;

      const before = await sink.open(partition);
      await sink.begin(partition, 7n);
      await sink.begin(partition, 9n);

      expect(before.nextOffset).toBeNull();
      expect(await sink.open(partition)).toEqual({
        nextOffset: 7n,
        lastHash: null,
        plannedLastOffsets: [],
        stopped: null,
      });
    });

    test("write() keeps events in offset order and moves the position", async () => {
      const { partition, sinks } = await owners(2);
      const [sink, other] = sinks as [Sink, Sink];
      const first = await prepared(testBatch({ partition, firstOffset: 0n, count: 3 }));
      const second = await prepared(testBatch({ partition, firstOffset: 3n, count: 2 }));

      const written = await sink.write(first, NEVER);
      await sink.write(second, NEVER);

      expect(written).toMatchObject({ events: 3, duplicates: 0, deadLetters: [], already: false });
      expect(await harness.storedIds(partition)).toEqual(idsOf(first, second));
      const lastValue = second.records.at(-1)?.record.value ?? null;
      expect(await other.open(partition)).toMatchObject({
        nextOffset: 5n,
        lastHash: recordHash(lastValue),
        plannedLastOffsets: [],
      });
    });

    test("write() changes nothing and reports already when the batch was written before", async () => {
      const { partition, sinks } = await owners(2);
      const [sink, other] = sinks as [Sink, Sink];
      const batch = await prepared(testBatch({ partition, firstOffset: 0n, count: 3 }));
      await sink.write(batch, NEVER);

      const again = await sink.write(batch, NEVER);
      const elsewhere = await other.write(batch, NEVER);

      expect([again, elsewhere]).toMatchObject([
        { events: 0, already: true },
        { events: 0, already: true },
      ]);
      expect(await harness.storedIds(partition)).toEqual(idsOf(batch));
    });

    test("write() counts and keeps each event once when two owners write at the same time", async () => {
      const { partition, sinks } = await owners(2);
      const batch = await prepared(testBatch({ partition, firstOffset: 0n, count: 20 }));

      const written = await Promise.all(sinks.map((sink) => sink.write(batch, NEVER)));

      expect(written.map(({ events }) => events).toSorted(byNumber)).toEqual([0, 20]);
      expect(await harness.storedIds(partition)).toEqual(idsOf(batch));
    });

    test.each([
      ["begins before the position and ends after it", 0n, 3],
      ["begins after the position", 4n, 1],
    ])("write() rejects with position_moved when the batch %s", async (_, firstOffset, count) => {
      const { partition, sinks } = await owners(2);
      const [sink, other] = sinks as [Sink, Sink];
      const batch = await prepared(testBatch({ partition, firstOffset: 0n, count: 2 }));
      await other.write(batch, NEVER);
      const stale = await prepared(testBatch({ partition, firstOffset, count }));

      const outcome = await sink.write(stale, NEVER).catch((error: unknown) => error);

      expect(outcome).toMatchObject({ code: "position_moved" });
      expect(await harness.storedIds(partition)).toEqual(idsOf(batch));
    });

    test("write() ends and keeps all of the batch or nothing when it is aborted", async () => {
      const { partition, sinks } = await owners(2);
      const [sink, other] = sinks as [Sink, Sink];
      const batch = await prepared(testBatch({ partition, firstOffset: 0n, count: 3 }));
      const aborted = AbortSignal.abort();

      const outcome = await sink.write(batch, aborted).catch(() => null);

      const stored = await harness.storedIds(partition);
      expect(stored).toEqual(outcome === null ? [] : idsOf(batch));
      await other.write(batch, NEVER);
      expect(await harness.storedIds(partition)).toEqual(idsOf(batch));
    });

    test("write() rejects as retryable when its storage fails, and loses nothing", async () => {
      const { partition, sinks } = await owners(1);
      const batch = await prepared(testBatch({ partition, firstOffset: 0n, count: 3 }));

      const outcome = await harness.newFailingSink().write(batch, NEVER).catch(keepError);

      expect(outcome).toBeInstanceOf(Error);
      expect(isRetryable(outcome)).toBeTrue();
      expect(await harness.storedIds(partition)).toEqual([]);
      await sinks[0]?.write(batch, NEVER);
      expect(await harness.storedIds(partition)).toEqual(idsOf(batch));
    });

    test("stop() is visible to the next owner", async () => {
      const { partition, sinks } = await owners(2);

      await sinks[0]?.stop(partition, "archive_conflict: by hand");

      expect((await sinks[1]?.open(partition))?.stopped).toBe("archive_conflict: by hand");
    });

    test("look() reads the position and the stop of every partition", async () => {
      const { partition, sinks } = await owners(2);
      const batch = await prepared(testBatch({ partition, firstOffset: 0n, count: 2 }));
      await sinks[0]?.write(batch, NEVER);
      await sinks[0]?.stop(partition, "log_replaced: by hand");

      const standings = await sinks[1]?.look();

      expect(standings?.get(partition)).toEqual({
        nextOffset: 2n,
        stopped: "log_replaced: by hand",
      });
    });

    test.each([1, 2, 3])("write() keeps each event once in crash order %d", async (seed) => {
      const { partition, sinks } = await owners(3);
      const whole = await prepared(testBatch({ partition, firstOffset: 0n, count: 60 }));

      await crashAndContinue({ whole, owners: [...sinks, harness.newFailingSink()], seed });

      expect(await harness.storedIds(partition)).toEqual(idsOf(whole));
      expect((await sinks[0]?.open(partition))?.nextOffset).toBe(60n);
    });
  });
}

/** A harness may wait for servers that start, ms. */
const START_MS_MAX = 60_000;
const NEVER = new AbortController().signal;
const STEPS_MAX = 500;

/**
 * Two owners at a time write what they believe to be next; each may be aborted or fail anywhere.
 */
async function crashAndContinue({ whole, owners, seed }: CrashRun): Promise<void> {
  const random = randomOf(seed);
  for (let step = 0; step < STEPS_MAX; step++) {
    const pair = [0, 1].map(() => owners[Math.floor(random() * owners.length)]);
    const outcomes = await Promise.all(pair.map((sink) => sink && writeNext(sink, whole, random)));
    if (outcomes.includes("end")) return;
  }
  throw new Error(`Cannot reach the end of the log: ${STEPS_MAX} steps with seed ${seed}`);
}

interface CrashRun {
  readonly whole: Batch;
  readonly owners: readonly Sink[];
  readonly seed: number;
}

async function writeNext(sink: Sink, whole: Batch, random: () => number): Promise<"end" | "more"> {
  const abort = new AbortController();
  const size = BigInt(1 + Math.floor(random() * 9));
  const abortAfterMs = random() < 0.4 ? Math.floor(random() * 15) : null;
  try {
    const { nextOffset, plannedLastOffsets } = await sink.open(whole.partition);
    if (nextOffset === null || nextOffset >= whole.nextOffset) return "end";
    const planned = plannedLastOffsets[0];
    const wanted = planned === undefined ? nextOffset + size : planned + 1n;
    const end = wanted < whole.nextOffset ? wanted : whole.nextOffset;
    if (abortAfterMs !== null) setTimeout(() => abort.abort(), abortAfterMs);
    await sink.write(slice(whole, nextOffset, end), abort.signal);
  } catch (error) {
    // Only what the contract names may happen here; anything else is a defect.
    if (!isRetryable(error)) throw error;
  }
  return "more";
}

function slice(whole: Batch, firstOffset: bigint, nextOffset: bigint): Batch {
  const records = whole.records.slice(Number(firstOffset), Number(nextOffset));
  return { ...whole, firstOffset, nextOffset, records };
}

/** Park and Miller's generator: the same seed gives the same run. */
function randomOf(seed: number): () => number {
  let state = seed * 7919;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** What a batch for tests is made from. */
export interface TestBatch {
  readonly partition: number;
  readonly firstOffset: bigint;
  readonly count: number;
  /** Of each record; one hour of 2026 when absent. */
  readonly timestampMs?: number;
  /** Ids by index; unique ones when absent. */
  readonly eventIds?: readonly string[];
}

/** A batch of canonical records with consecutive offsets. */
export function testBatch(wanted: TestBatch): Batch {
  const { partition, firstOffset, count, eventIds, timestampMs = TEST_MS } = wanted;
  const records = Array.from({ length: count }, (_, index) => {
    const eventId = eventIds?.[index] ?? Bun.randomUUIDv7();
    return testRecord({ partition, offset: firstOffset + BigInt(index), timestampMs, eventId });
  });
  const nextOffset = firstOffset + BigInt(count);
  return { partition, firstOffset, nextOffset, records, gaps: [], reason: "records" };
}

const TEST_MS = Date.parse("2026-01-31T07:13:32.345Z");

function testRecord({ partition, offset, timestampMs, eventId }: TestRecord): DecodedRecord {
  const receivedAt = new Date(timestampMs).toISOString();
  const value = Buffer.from(
    encodeEvent({
      eventId,
      sessionId: `session-${partition}`,
      eventType: "page_view",
      ts: receivedAt,
      receivedAt,
      // In an order that jsonb does not keep.
      payload: `{"offset":${offset},"a":1}`,
      // With and without a context: both are written, rebuilt and compared.
      ...(offset % 3n === 1n ? { source: "web-page" } : {}),
    }),
  );
  const key = Buffer.from(`session-${partition}`);
  const record = { topic: "test", partition, offset, timestampMs, key, value, headers: [] };
  return { record, decoded: decodeRecord(record, "test") };
}

interface TestRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly eventId: string;
}

/** Ids of the events of batches, in order. */
export function idsOf(...batches: readonly Batch[]): string[] {
  return batches.flatMap(({ records }) =>
    records.flatMap(({ decoded }) => (isRecordFault(decoded) ? [] : [decoded.eventId])),
  );
}

const byNumber = (a: number, b: number) => a - b;
const keepError = (error: unknown) => error;
