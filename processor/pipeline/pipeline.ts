/**
 * The flow of both sinks: consume -> batch -> decode -> write -> announce.
 * Each sink has its own consumer group, position and pace; what one waits for
 * never stops the other.
 */
import {
  errorCode,
  type Config,
  type ErrorCode,
  type Log,
  type Metrics,
  type PipelineError,
} from "@tally/shared";
import type { ConsumedRecord, Consumer } from "@tally/shared/kafka";
import { createBackpressure } from "./backpressure.ts";
import type { RawBatch } from "./batcher.ts";
import { LazyRecord } from "./lazy_record.ts";
import { OwnedPartitions, type ConsumerHandlers } from "./owned_partitions.ts";
import type { Partition } from "./partition.ts";
import { pause, retrying } from "./retry.ts";
import type { Batch, Sink, Written } from "./sink.ts";

export interface PipelineOptions {
  readonly sink: Sink;
  /** Part of the ids made for records without one. */
  readonly topicId: string;
  readonly connect: (handlers: ConsumerHandlers) => Promise<Consumer>;
  readonly config: Config<"processor">["processor"];
  readonly log: Log;
  readonly metrics: Metrics<"processor">;
  readonly now: () => number;
  /** 0 to less than 1, for the jitter of pauses. */
  readonly random: () => number;
  /** How soon an operator's change to a position is noticed where nothing is written. */
  readonly lookMs: number;
  /** Told what was written, in the order of each partition. */
  readonly onWritten: (written: Written) => void;
  /**
   * Told the codes with which calls under way fail, at each failure and when a call that failed
   * has ended; none: all is well.
   */
  readonly onFailing: (codes: ReadonlySet<ErrorCode>) => void;
  /**
   * Told of a defect of ours: the process must end, and the next one re-reads from the positions.
   */
  readonly onDefect: (error: unknown) => void;
}

export interface Pipeline {
  /** Partitions that wait for an operator, with the reason. */
  readonly stopped: ReadonlyMap<number, string>;
  /** Whether the group has given out partitions, or none, to this member. */
  readonly hasJoined: () => boolean;
  /** Stops consuming, writes what is buffered, gives the partitions back: all in this time. */
  stop(deadlineMs: number): Promise<void>;
}

// One call of the client; large enough that its cost per record vanishes.
const CONSUME_RECORDS_MAX = 2000;
// A commit is a write of the broker's own: one a batch cost as much as the records themselves.
const COMMIT_MS = 1000;
// How long a partition without a batch waits before its sink may do bookkeeping.
const IDLE_MS = 250;
// What a call of the client that is under way gets when the pipeline stops.
const CONSUME_END_MS_MAX = 1000;
// What writing may take of a stop's time: the rest is for leaving the group, so that the partitions
// go to another member at once, and not after its session.
const DRAIN_SHARE = 0.75;
const DISCONNECT_MS_MIN = 200;
// Kafka could not be asked to pause or resume: it is away, and so are records.
const AWAY_PAUSE_MS = 500;

/** Connects the consumer and runs the flow until `stop`. */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { sink, topicId, metrics, now, onWritten } = options;
  const stopping = new AbortController();
  const connected = Promise.withResolvers<Consumer>();
  const health = sinkHealth(options, stopping.signal);
  const partitions: OwnedPartitions = new OwnedPartitions({
    ...options,
    stopping: stopping.signal,
    consumer: connected.promise,
    retry: health.retry,
    write: (partition) => writePartition(partition),
  });
  const backpressure = createBackpressure(() => partitions.values());
  const courtesy: Courtesy = { positions: new Map(), committedMs: now() };
  const consumer = await options.connect(partitions);
  connected.resolve(consumer);

  /** Consumes until stopped; with all partitions paused, too: that keeps the membership. */
  async function consume(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        seek(consumer, partitions, options.onDefect);
        receive(await consumer.consume(CONSUME_RECORDS_MAX), partitions, options.onDefect);
        await backpressure.regulate(consumer, stopping.signal);
        commit(consumer, courtesy, now());
      } catch (error) {
        if (errorCode(error) === "internal") throw error;
        await pause(AWAY_PAUSE_MS, stopping.signal);
      }
    }
  }

  /** One partition's way: take a batch, write it, announce it. */
  async function writePartition(partition: Partition): Promise<void> {
    let idleAt: bigint | null = null;
    for (;;) {
      const raw = await partition.next(IDLE_MS);
      if (raw === "ended") return;
      if (raw === null) {
        if (idleAt !== null) await health.catchUp(partition, idleAt);
        idleAt = null;
        continue;
      }
      backpressure.noteTaken();
      const batch = decodableBatch(raw, topicId);
      const startedMs = now();
      const write = () => sink.write(batch, partition.signal);
      const written = await health.retry(write, partition.signal);
      metrics.processor_write_seconds.observe({ sink: sink.name }, (now() - startedMs) / 1000);
      if (written === null) return;
      partition.position = batch.nextOffset;
      const gaps = written.already ? 0 : batch.gaps.length;
      if (gaps > 0) metrics.processor_offset_gaps_total.inc({ sink: sink.name }, gaps);
      idleAt = batch.nextOffset;
      courtesy.positions.set(batch.partition, batch.nextOffset);
      onWritten(written);
    }
  }

  const consuming = consume().catch(options.onDefect);
  void lookAround(partitions, options.lookMs, stopping.signal).catch(options.onDefect);
  return {
    stopped: partitions.stopped,
    hasJoined: () => partitions.hasJoined,
    stop(deadlineMs) {
      stopping.abort();
      return end({ consuming, partitions, courtesy, consumer }, deadlineMs);
    },
  };
}

interface Running {
  readonly consuming: Promise<void>;
  readonly partitions: OwnedPartitions;
  readonly courtesy: Courtesy;
  readonly consumer: Consumer;
}

async function end(
  { consuming, partitions, courtesy, consumer }: Running,
  deadlineMs: number,
): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  await Promise.race([consuming, pause(Math.min(CONSUME_END_MS_MAX, deadlineMs))]);
  await partitions.drain((endMs - performance.now()) * DRAIN_SHARE);
  commit(consumer, courtesy, Infinity);
  await consumer.disconnect(Math.max(DISCONNECT_MS_MIN, endMs - performance.now()));
}

/** An operator may rewind a partition or let a stopped one go on, at any time. */
async function lookAround(
  partitions: OwnedPartitions,
  lookMs: number,
  stopping: AbortSignal,
): Promise<void> {
  for (;;) {
    await pause(lookMs, stopping);
    if (stopping.aborted) return;
    await partitions.look();
  }
}

function decodableBatch(raw: RawBatch, topicId: string): Batch {
  const records = raw.records.map((record) => new LazyRecord(record, topicId));
  return { ...raw, records };
}

/**
 * Hands records to their partitions; what a partition can't accept is fetched again, or stops it.
 */
function receive(
  records: readonly ConsumedRecord[],
  partitions: OwnedPartitions,
  onDefect: PipelineOptions["onDefect"],
): void {
  for (const record of records) {
    const partition = partitions.get(record.partition);
    if (
      partition === undefined ||
      partition.signal.aborted ||
      partitions.seeks.has(record.partition)
    )
      continue;
    const received = partition.receive(record);
    if (received.state === "refetch") partitions.seeks.set(record.partition, received.offset);
    else if (received.state === "replaced")
      partitions.stop(partition, received.reason).catch(onDefect);
  }
}

/**
 * Begins the seeks that wait, one at a time for each partition, and waits for none: a partition
 * whose leader is away must not hold up the others. Until it is done its records are stale.
 */
function seek(
  consumer: Consumer,
  { seeks, seeking }: OwnedPartitions,
  onDefect: PipelineOptions["onDefect"],
): void {
  for (const [partition, offset] of seeks) {
    if (seeking.has(partition)) continue;
    seeking.add(partition);
    const done = () => {
      seeking.delete(partition);
      if (seeks.get(partition) === offset) seeks.delete(partition);
    };
    consumer.seek(partition, offset).then(done, onDefect);
  }
}

/**
 * What Kafka is told of the positions, at times: tools read lag from there. They are in PostgreSQL.
 */
interface Courtesy {
  readonly positions: Map<number, bigint>;
  committedMs: number;
}

function commit(consumer: Consumer, courtesy: Courtesy, nowMs: number): void {
  if (courtesy.positions.size === 0 || nowMs - courtesy.committedMs < COMMIT_MS) return;
  consumer.commit(courtesy.positions);
  courtesy.positions.clear();
  courtesy.committedMs = nowMs;
}

/**
 * Whether what the sink writes to answers: repeats writes, counts failures, one line per change.
 * What fails is known call by call: a call that ends, however it ends, takes its failure along.
 */
function sinkHealth(
  { sink, config, random, log, metrics, onFailing }: PipelineOptions,
  stopping: AbortSignal,
) {
  /** Code of the last failure of each call under way; bounded by the partitions. */
  const failing = new Map<symbol, ErrorCode>();
  const paused = (isPaused: boolean) =>
    metrics.processor_paused.set({ sink: sink.name }, isPaused ? 1 : 0);
  paused(false);
  const onFailed = (call: symbol, error: PipelineError): void => {
    const { code } = error;
    metrics.processor_write_errors_total.inc({ sink: sink.name, code });
    const isFirst = failing.size === 0;
    failing.set(call, code);
    onFailing(new Set(failing.values()));
    if (!isFirst) return;
    paused(true);
    log.warn({ sink: sink.name, code, error }, "Pipeline paused: it goes on by itself.");
  };
  const onEnded = (call: symbol, isWorking: boolean): void => {
    if (!failing.delete(call)) return;
    onFailing(new Set(failing.values()));
    if (failing.size > 0) return;
    paused(false);
    if (isWorking) log.info({ sink: sink.name }, "Pipeline resumed.");
  };
  const { backoffMs: backoffMsMax } = config;
  /** Repeats while the world is at fault; null when the signal ended it. */
  const retry = async <T>(run: () => Promise<T>, signal: AbortSignal): Promise<T | null> => {
    const call = Symbol(sink.name);
    let isWorking = false;
    try {
      const onError = (error: PipelineError): void => onFailed(call, error);
      const outcome = await retrying(run, { signal, backoffMsMax, random, onFailed: onError });
      isWorking = outcome !== null;
      return outcome;
    } finally {
      onEnded(call, isWorking);
    }
  };
  return {
    retry,
    /** Repeats bookkeeping, too, until the pipeline stops. */
    async catchUp({ partition, signal }: Partition, position: bigint): Promise<void> {
      const run = () => sink.idle(partition, position);
      await retry(run, AbortSignal.any([signal, stopping]));
    },
  };
}
