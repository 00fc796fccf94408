/**
 * The flow of both sinks: consume -> batch -> decode -> write -> announce.
 * Each sink has its own consumer group, position and pace; a sink that waits
 * never stops the other.
 */
import {
  errorCode,
  sleep,
  withinTime,
  type Config,
  type Log,
  type Metrics,
  type MonotonicClock,
  type WallClock,
  type PipelineError,
} from "@tally/shared";
import type { AssignmentEvents, Consumer } from "@tally/shared/kafka";
import { createBackpressure, type Backpressure } from "./backpressure.ts";
import type { RawBatch } from "./batcher.ts";
import type { Generation } from "./generation.ts";
import { LazyRecord } from "./lazy_record.ts";
import { createOffsetCommits, type OffsetCommits } from "./offset_commits.ts";
import { OwnedPartitions } from "./owned_partitions.ts";
import type { PartitionBuffer } from "./partition_buffer.ts";
import type { Batch, Sink, Written } from "./sink.ts";
import { createRetry, type Failures, type Retry, type SinkHealthOptions } from "./sink_health.ts";

export interface PipelineOptions {
  readonly sink: Sink;
  /** Part of the ids made for records without one. */
  readonly topicId: string;
  /** See `Generation`. */
  readonly checkLog: Generation["check"];
  readonly connect: (events: AssignmentEvents) => Promise<Consumer>;
  readonly config: Config<"processor">["processor"];
  readonly log: Log;
  readonly metrics: Metrics<"processor">;
  /** For ages and intervals. */
  readonly now: MonotonicClock;
  readonly wallNow: WallClock;
  /** 0 to less than 1, for the jitter of pauses. */
  readonly random: () => number;
  /** How soon an operator's change to a position is noticed while nothing is written. */
  readonly lookMs: number;
  /** Receives what was written, in the order of each partition. */
  readonly onWritten: (written: Written) => void;
  /** See `SinkHealthOptions`. */
  readonly onFailing: (failures: Failures) => void;
  /** See `SinkHealthOptions`. */
  readonly isKnown?: (remedy: string) => boolean;
  /** See `RetryOptions`. */
  readonly explain?: NonNullable<SinkHealthOptions["explain"]>;
  /** Receives an error of the consumer, and null when Kafka has answered it well. */
  readonly onKafka: (error: PipelineError | null) => void;
  /** Receives a defect of the code. The process must end; the next one reads from the positions. */
  readonly onDefect: (error: unknown) => void;
}

export interface Pipeline {
  /** Partitions that the group has given to this member, ascending. */
  readonly held: () => readonly number[];
  /** Partitions that wait for an operator, with the reason. */
  readonly stopped: () => ReadonlyMap<number, string>;
  /** Whether the group has answered this member: with partitions, or that there are none. */
  readonly hasJoined: () => boolean;
  /** Writes nothing more, not even what is buffered. A stop must still follow. */
  halt(): void;
  /** Stops consuming, writes what is buffered, gives the partitions back: all within this time. */
  stop(deadlineMs: number): Promise<void>;
}

// A partition without a batch for this long after a write lets its sink do bookkeeping.
const IDLE_MS = 250;
// Nothing is left to do then: whatever comes wakes the partition. Waking 48 times a second cost
// 3 ms of a core (measured).
const QUIET_MS = 5000; // chosen
// How often a pipeline looks whether paused partitions have room: before their sink runs dry.
const PAUSED_TIMEOUT_MS = 50; // chosen
// How long a stop waits for a call of the client that is under way.
const CONSUME_END_MS_MAX = 1000;
// Share of a stop's time for writing. The rest is for leaving the group: the partitions then move
// to another member at once, and not only when the session has expired.
const DRAIN_SHARE = 0.75;
const DISCONNECT_MS_MIN = 200;
// A topic can't be deleted, created and found by the client between two batches that come this soon
// after each other. Batches that come slower wait for an answer of Kafka, which takes 2 ms.
const STEADY_MS_MAX = 250; // chosen
// A partition of a new topic can't have this many records before a look at the topic, each second,
// finds it: they are four times what the fastest bench sends. With fewer than the position of the
// old one, the client finds that out of range, and opening the partition again checks the topic.
const YOUNG_RECORDS_MAX = 1_000_000n; // chosen
// Pause after a failed call of the client: Kafka is down, so no records arrive.
const AWAY_PAUSE_MS = 500;

/** Connects the consumer and runs the flow until `stop`. */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const stopping = new AbortController();
  const connected = Promise.withResolvers<Consumer>();
  const retry = createRetry(options);
  const partitions: OwnedPartitions = new OwnedPartitions({
    ...options,
    stopping: stopping.signal,
    consumer: connected.promise,
    retry,
    write: (buffer) => writePartition(buffer, flow),
  });
  const flow: Flow = {
    options,
    partitions,
    retry,
    backpressure: createBackpressure({ buffers: () => partitions.buffers(), now: options.now }),
    commits: createOffsetCommits(options.now),
    stopping: stopping.signal,
  };
  const consumer = await options.connect(partitions);
  connected.resolve(consumer);
  const consuming = consume(consumer, flow).catch(options.onDefect);
  lookAround(flow).catch(options.onDefect);
  return {
    held: () => partitions.held,
    stopped: () => partitions.stopped,
    hasJoined: () => partitions.hasJoined,
    halt() {
      stopping.abort();
      for (const buffer of partitions.buffers()) buffer.end();
    },
    async stop(deadlineMs) {
      stopping.abort();
      const endMs = performance.now() + deadlineMs;
      await withinTime(consuming, Math.min(CONSUME_END_MS_MAX, deadlineMs));
      await partitions.drain((endMs - performance.now()) * DRAIN_SHARE);
      flow.commits.commitNow(consumer);
      await consumer.disconnect(Math.max(DISCONNECT_MS_MIN, endMs - performance.now()));
    },
  };
}

/** What the loops of one pipeline share. */
interface Flow {
  readonly options: PipelineOptions;
  readonly partitions: OwnedPartitions;
  readonly retry: Retry;
  readonly backpressure: Backpressure;
  readonly commits: OffsetCommits;
  readonly stopping: AbortSignal;
}

/** Consumes until stopped, even while all partitions are paused: that keeps it in the group. */
async function consume(consumer: Consumer, flow: Flow): Promise<void> {
  const { partitions, backpressure, commits, stopping } = flow;
  while (!stopping.aborted) {
    try {
      partitions.seek(consumer);
      const recordsMax = await backpressure.regulate(consumer, stopping);
      const timeoutMs = backpressure.hasPaused ? PAUSED_TIMEOUT_MS : undefined;
      partitions.receive(await consumer.consume(recordsMax, timeoutMs), consumer.takeMarks());
      commits.commitWhenDue(consumer);
    } catch (error) {
      if (errorCode(error) === "internal") throw error;
      await sleep(AWAY_PAUSE_MS, stopping);
    }
  }
}

/**
 * The loop of one partition: takes a batch, writes it and announces it. Between writes the sink
 * does its bookkeeping.
 */
async function writePartition(buffer: PartitionBuffer, flow: Flow): Promise<void> {
  const { now } = flow.options;
  let isWritten = false;
  let lastMs = -Infinity;
  for (;;) {
    const next = await buffer.next(isWritten ? IDLE_MS : QUIET_MS);
    if (next.kind === "ended") return;
    if (next.kind === "idle") {
      if (isWritten) await keepBooks(buffer, flow);
      isWritten = false;
      continue;
    }
    flow.backpressure.noteTaken();
    // A topic may have been replaced while the partition was quiet.
    if (isYoung(buffer) && now() - lastMs > STEADY_MS_MAX) await flow.options.checkLog();
    const batch = decodableBatch(next.batch, flow.options.topicId);
    const written = await writeBatch(batch, buffer.signal, flow);
    if (written === null) return;
    isWritten = true;
    lastMs = now();
    buffer.position = batch.nextOffset;
    flow.commits.note(batch.partition, batch.nextOffset);
    flow.options.onWritten(written);
  }
}

/** Whether a new topic could soon have a record at the position. */
function isYoung({ position }: PartitionBuffer): boolean {
  return position < YOUNG_RECORDS_MAX;
}

/** Resolves with null when this process no longer owns the partition. */
async function writeBatch(batch: Batch, signal: AbortSignal, flow: Flow): Promise<Written | null> {
  const { sink, metrics, now } = flow.options;
  const startedMs = now();
  const written = await flow.retry(() => sink.write(batch, signal), signal);
  metrics.processor_write_seconds.observe({ sink: sink.name }, (now() - startedMs) / 1000);
  if (written !== null) noteGaps(batch, written, flow.options);
  return written;
}

/** Counts the gaps of a batch that is stored, and reports a loss. */
function noteGaps(
  { partition, gaps }: Batch,
  { already }: Written,
  { sink, metrics, log }: PipelineOptions,
): void {
  if (!already && gaps.length > 0) {
    metrics.processor_offset_gaps_total.inc({ sink: sink.name }, gaps.length);
  }
  // Also when it was stored before: the answer of the first attempt may have been lost.
  for (const { firstOffset, lastOffset } of gaps.filter(({ isLost }) => isLost === true)) {
    const records = Number(lastOffset - firstOffset) + 1;
    metrics.processor_lost_records_total.inc({ partition }, records);
    log.error(
      { sink: sink.name, partition, firstOffset, lastOffset, records },
      "Kafka deleted records before they were read: they are lost.",
    );
  }
}

/** The sink's bookkeeping at the position of the last write, repeated until the pipeline stops. */
async function keepBooks(buffer: PartitionBuffer, { options, retry, stopping }: Flow) {
  const { partition, position, signal } = buffer;
  const run = () => options.sink.idle(partition, position);
  await retry(run, AbortSignal.any([signal, stopping]));
}

/** Looks for changes by an operator, who may rewind or resume a partition at any time. */
async function lookAround({ options, partitions, stopping }: Flow): Promise<void> {
  for (;;) {
    await sleep(options.lookMs, stopping);
    if (stopping.aborted) return;
    await partitions.look();
  }
}

function decodableBatch(raw: RawBatch, topicId: string): Batch {
  const records = raw.records.map((record) => new LazyRecord(record, topicId));
  return { ...raw, records };
}
