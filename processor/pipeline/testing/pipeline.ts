/** A pipeline on a topic and a sink in memory, for tests. */
import { onTestFinished } from "bun:test";
import {
  PipelineError,
  createMetrics,
  encodeEvent,
  eventually,
  loadConfig,
  silentLog,
  sleep,
  wallNow,
  type Log,
} from "@tally/shared";
import type { AssignmentEvents, ConsumedRecord, Consumer, Marks } from "@tally/shared/kafka";
import { startPipeline } from "../pipeline.ts";
import { recordHash } from "../record_hash.ts";
import type { Batch, OpenedPartition, Sink, Standing, Written } from "../sink.ts";
import { idsOf } from "./sink_contract.ts";

const NO_MARKS: Marks = { ends: new Map(), jumps: new Map() };

/** A topic of two partitions in memory, read by one consumer. */
export class FakeTopic {
  readonly values: Buffer[][] = [[], []];
  readonly #fetchFrom = new Map<number, number>();
  /** What the client learned besides the records that were added. */
  marks: Marks = NO_MARKS;
  readonly paused = new Set<number>();
  handlers: AssignmentEvents | null = null;
  disconnected = false;
  /** A seek in a partition waits for its gate. */
  readonly seekGates = new Map<number, Promise<void>>();
  /** A read of a partition's watermarks waits for its gate. */
  readonly watermarkGates = new Map<number, Promise<void>>();
  /** Partitions whose watermarks are being waited for. */
  readonly waiting = new Set<number>();
  disconnectMs = 0;
  /** See `Generation`. */
  checkLog: () => Promise<void> = async () => undefined;
  readonly seeks: [partition: number, offset: bigint][] = [];

  add(partition: number, ...values: Buffer[]): void {
    this.values[partition]?.push(...values);
  }

  async assign(partitions: number[]): Promise<void> {
    const starts = await this.handlers?.onAssign(partitions);
    for (const [partition, offset] of starts ?? []) this.#fetchFrom.set(partition, Number(offset));
  }

  readonly consumer: Consumer = {
    consume: async (recordsMax) => {
      await sleep(1); // A real client waits for records, too.
      const records: ConsumedRecord[] = [];
      for (const [partition, from] of this.#fetchFrom) {
        if (this.paused.has(partition)) continue;
        const values = this.values[partition]?.slice(from, from + recordsMax) ?? [];
        records.push(...values.map((value, index) => toRecord(partition, from + index, value)));
        this.#fetchFrom.set(partition, from + values.length);
      }
      return records;
    },
    takeMarks: () => {
      const { marks } = this;
      this.marks = NO_MARKS;
      return marks;
    },
    pause: (partitions) => partitions.forEach((partition) => this.paused.add(partition)),
    resume: (partitions) => partitions.forEach((partition) => this.paused.delete(partition)),
    seek: async (partition, offset) => {
      this.seeks.push([partition, offset]);
      await this.seekGates.get(partition);
      this.#fetchFrom.set(partition, Number(offset));
    },
    commit: () => undefined,
    watermarks: async (partition) => {
      const gate = this.watermarkGates.get(partition);
      if (gate !== undefined) this.waiting.add(partition);
      await gate;
      return { low: 0n, high: BigInt(this.values[partition]?.length ?? 0) };
    },
    assigned: [0, 1],
    disconnect: async (timeoutMs) => {
      this.disconnectMs = timeoutMs;
      this.disconnected = true;
    },
  };
}

function toRecord(partition: number, offset: number, value: Buffer): ConsumedRecord {
  return {
    topic: "events",
    partition,
    offset: BigInt(offset),
    timestampMs: 0,
    key: null,
    value,
    headers: [],
  };
}

/** The value of a record. */
export function eventOf(eventId: string): Buffer {
  const at = "2026-01-31T07:00:00.000Z";
  return Buffer.from(
    encodeEvent({ eventId, sessionId: "s", eventType: "t", ts: at, receivedAt: at, payload: "1" }),
  );
}

/** A sink in memory whose next writes can be made to fail or to wait. */
export class FakeSink implements Sink {
  readonly name = "postgres";
  readonly losesDeleted = true;
  readonly limits = { recordsMax: 3, bytesMax: 10_000, ageMsMax: 1, hourly: false };
  readonly positions = new Map<number, OpenedPartition>();
  readonly stored: string[] = [];
  readonly failures: unknown[] = [];
  /** As `failures`, for the bookkeeping after the last write. */
  readonly idleFailures: unknown[] = [];
  gate: Promise<void> = Promise.resolve();

  async open(partition: number): Promise<OpenedPartition> {
    return (
      this.positions.get(partition) ?? {
        nextOffset: null,
        lastHash: null,
        plannedLastOffsets: [],
        stopped: null,
      }
    );
  }
  async begin(partition: number, nextOffset: bigint): Promise<void> {
    this.positions.set(partition, {
      nextOffset,
      lastHash: null,
      plannedLastOffsets: [],
      stopped: null,
    });
  }
  async idle(): Promise<void> {
    const failure = this.idleFailures.shift();
    if (failure !== undefined) throw failure;
  }
  async stop(partition: number, stopped: string): Promise<void> {
    this.positions.set(partition, { ...(await this.open(partition)), stopped });
  }
  async look(): Promise<ReadonlyMap<number, Standing>> {
    return new Map(
      [...this.positions].map(([partition, { nextOffset, stopped }]) => [
        partition,
        { nextOffset: nextOffset ?? 0n, stopped },
      ]),
    );
  }
  async write(batch: Batch, _signal: AbortSignal): Promise<Written> {
    await this.gate;
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const position = await this.open(batch.partition);
    if (position.nextOffset !== batch.firstOffset)
      throw new PipelineError("position_moved", "Cannot write: moved");
    const ids = idsOf(batch);
    this.stored.push(...ids);
    const last = batch.records.at(-1)?.record ?? null;
    this.positions.set(batch.partition, {
      ...position,
      nextOffset: batch.nextOffset,
      lastHash: last === null ? position.lastHash : recordHash(last.value),
    });
    return { batch, events: ids.length, duplicates: 0, deadLetters: [], already: false };
  }
}

interface FakeOptions {
  readonly env?: Record<string, string>;
  /** The first assignment, or null for none. */
  readonly assigned?: readonly number[] | null;
  readonly log?: Log;
}

/** Starts a pipeline and assigns its partitions. It stops when the test has ended. */
export async function startFakePipeline(
  topic: FakeTopic,
  sink: FakeSink,
  { env = {}, assigned = [0, 1], log = silentLog() }: FakeOptions = {},
) {
  const seen = { written: 0, failures: [] as (string | null)[], defects: [] as unknown[] };
  const metrics = createMetrics("processor");
  const pipeline = await startPipeline({
    sink,
    topicId: "topic-id",
    checkLog: () => topic.checkLog(),
    connect: async (handlers) => {
      topic.handlers = handlers;
      return topic.consumer;
    },
    config: loadConfig({ PROCESSOR_BACKOFF_MS_MAX: "100", ...env }, "processor").processor,
    log,
    metrics,
    now: () => performance.now(),
    wallNow,
    random: () => 0,
    lookMs: 10,
    onWritten: (written) => (seen.written += written.events),
    onKafka: () => undefined,
    onFailing: (failures) => seen.failures.push([...failures.keys()][0] ?? null),
    onDefect: (error) => seen.defects.push(error),
  });
  onTestFinished(() => pipeline.stop(100));
  if (assigned !== null) await topic.assign([...assigned]);
  return { pipeline, metrics, seen };
}

const WAIT_MS_MAX = 3000;

/** Waits for a condition. */
export async function until(isTrue: () => boolean): Promise<void> {
  if (await eventually(isTrue, WAIT_MS_MAX, { pollMs: 1 })) return;
  throw new Error(`Cannot continue: the condition did not come true in ${WAIT_MS_MAX} ms`);
}
