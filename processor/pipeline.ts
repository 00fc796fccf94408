/**
 * The flow of both sinks: consume -> decode -> batch -> write -> announce.
 * Each sink has its own consumer group, position and pace; what one waits for
 * never stops the other.
 */
import {
  PipelineError,
  decodeRecord,
  errorCode,
  type Config,
  type Log,
  type Metrics,
} from "@tally/shared";
import type { Consumer, ConsumedRecord } from "@tally/shared/kafka";
import type { RawBatch } from "./batch.ts";
import { Partition } from "./partition.ts";
import { pause, retrying } from "./retry.ts";
import type { Batch, Sink, Written } from "./sink.ts";
import { decideStart } from "./start.ts";

/** What the consumer asks and tells its pipeline. */
export interface ConsumerHandlers {
  readonly onAssign: (partitions: number[]) => Promise<ReadonlyMap<number, bigint>>;
  readonly onRevoke: (partitions: number[], lost: boolean) => Promise<void>;
  readonly onOffsetOutOfRange: (partition: number) => void;
}

export interface PipelineOptions {
  readonly sink: Sink;
  /** Part of the ids made for records without one. */
  readonly topicId: string;
  readonly connect: (handlers: ConsumerHandlers) => Promise<Consumer>;
  readonly config: Config<"processor">["processor"];
  readonly log: Log;
  readonly metrics: Metrics<"processor">;
  readonly now: () => number;
  readonly random: () => number;
  /** Told what was written, in the order of each partition. */
  readonly onWritten: (written: Written) => void;
  /** Told that what the sink writes to failed, and, with null, that it answers again. */
  readonly onFailed: (error: PipelineError | null) => void;
  /** Told of a defect of ours: the process must end and re-read from its positions. */
  readonly onDefect: (error: unknown) => void;
}

export interface Pipeline {
  /** Partitions that wait for an operator, with the reason. */
  readonly stopped: ReadonlyMap<number, string>;
  /** Stops consuming, writes what is buffered, gives the partitions back. Bounded by the deadline. */
  stop(deadlineMs: number): Promise<void>;
}

// One call of the client; large enough that its cost per record vanishes.
const CONSUME_RECORDS_MAX = 2000;
const WATERMARKS_TIMEOUT_MS = 5000;
// How long a partition without a batch waits before its sink may do bookkeeping.
const IDLE_MS = 250;
// A write in flight when its partition is revoked may finish within this time.
const REVOKE_MS_MAX = 5000;
// What a writer gets to notice that its partition has ended.
const END_MS_MAX = 1000;

/** Connects the consumer and runs the flow until `stop`. */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const flow = new Flow(options);
  flow.consumer = await options.connect(flow);
  flow.connected.resolve(flow.consumer);
  const consuming = flow.consume().catch(options.onDefect);
  return {
    stopped: flow.stopped,
    async stop(deadlineMs) {
      flow.stopping.abort();
      await consuming;
      await flow.drain(deadlineMs);
      await flow.consumer?.disconnect(deadlineMs);
    },
  };
}

/** The state of one pipeline: the partitions that it owns. */
class Flow implements ConsumerHandlers {
  readonly options: PipelineOptions;
  readonly stopping = new AbortController();
  readonly connected = Promise.withResolvers<Consumer>();
  readonly stopped = new Map<number, string>();
  readonly #partitions = new Map<number, Partition>();
  readonly #running = new Map<Partition, Promise<void>>();
  /** Where to fetch next, by partition; done between two calls of `consume`, so that no stale record follows. */
  readonly #seeks = new Map<number, bigint>();
  consumer: Consumer | null = null;
  #failing = false;

  constructor(options: PipelineOptions) {
    this.options = options;
  }

  /** Consumes until stopped; with all partitions paused, too: that keeps the membership. */
  async consume(): Promise<void> {
    const consumer = await this.connected.promise;
    while (!this.stopping.signal.aborted) {
      try {
        await this.#seek(consumer);
        this.#receive(await consumer.consume(CONSUME_RECORDS_MAX));
        this.#regulate(consumer);
      } catch (error) {
        if (errorCode(error) === "internal") throw error;
        await pause(WATERMARKS_TIMEOUT_MS / 10, this.stopping.signal);
      }
    }
  }

  /** One partition's way: take a batch, decode it, write it, announce it. */
  async #run(partition: Partition): Promise<void> {
    const { sink, config, random, onWritten } = this.options;
    let position: bigint | null = null;
    for (;;) {
      const raw = await partition.next(IDLE_MS);
      if (raw === "ended") return;
      if (raw === null) {
        if (position !== null) await this.#idle(partition.partition, position);
        position = null;
        continue;
      }
      const batch = this.#decode(raw);
      const written = await retrying(() => sink.write(batch, partition.signal), {
        signal: partition.signal,
        backoffMsMax: config.backoffMs,
        random,
        onFailed: (error) => this.#onFailed(error),
      });
      if (written === null) return;
      this.#onWorking();
      position = batch.nextOffset;
      this.#commit(batch);
      onWritten(written);
    }
  }

  #decode(raw: RawBatch): Batch {
    const { topicId } = this.options;
    return {
      ...raw,
      records: raw.records.map((record) => ({ record, decoded: decodeRecord(record, topicId) })),
    };
  }

  /** Answers where newly assigned partitions begin; waits as long as position or log can't be read. */
  onAssign = async (partitions: number[]): Promise<ReadonlyMap<number, bigint>> => {
    const { sink, metrics, log } = this.options;
    metrics.processor_rebalances_total.inc({ sink: sink.name });
    const starts = await Promise.all(
      partitions.map(async (partition) => [partition, await this.#takeOver(partition)] as const),
    );
    log.info({ sink: sink.name, partitions }, "Partitions assigned.");
    return new Map(starts.filter((entry): entry is [number, bigint] => entry[1] !== null));
  };

  onRevoke = async (partitions: number[], lost: boolean): Promise<void> => {
    const { sink, metrics, log } = this.options;
    metrics.processor_rebalances_total.inc({ sink: sink.name });
    const finished = partitions.map((partition) => this.#release(partition));
    await Promise.race([Promise.all(finished), pause(REVOKE_MS_MAX)]);
    log.info({ sink: sink.name, partitions, lost }, "Partitions revoked.");
  };

  onOffsetOutOfRange = (partition: number): void => {
    this.#reopen(partition);
  };

  /** Gives out what the partitions hold, until the deadline. */
  async drain(deadlineMs: number): Promise<void> {
    const partitions = [...this.#partitions.values()];
    for (const partition of partitions) partition.drain();
    await Promise.race([Promise.all(this.#running.values()), pause(deadlineMs)]);
    for (const partition of partitions) partition.end();
    await Promise.race([Promise.all(this.#running.values()), pause(END_MS_MAX)]);
  }

  /** Opens a partition and begins to write it; returns the offset to fetch from, null when stopping. */
  async #takeOver(number: number): Promise<bigint | null> {
    const { sink, config, random, now } = this.options;
    await this.#release(number);
    const opened = await retrying(() => this.#open(number), {
      signal: this.stopping.signal,
      backoffMsMax: config.backoffMs,
      random,
      onFailed: (error) => this.#onFailed(error),
    });
    if (opened === null) return null;
    this.#onWorking();
    const partition = new Partition({
      partition: number,
      opened: opened.opened,
      start: opened.start,
      limits: sink.limits,
      recordsMax: config.partitionRecordsMax,
      bytesMax: config.partitionBytesMax,
      now,
    });
    this.#partitions.set(number, partition);
    if (opened.start.stopped !== null) await this.#stopPartition(partition, opened.start.stopped);
    else this.#start(partition);
    return opened.start.fetchFrom;
  }

  async #open(number: number) {
    const { sink } = this.options;
    const consumer = await this.connected.promise;
    const opened = await sink.open(number);
    const start = decideStart(opened, await consumer.watermarks(number, WATERMARKS_TIMEOUT_MS));
    if (start.isNew) await sink.begin(number, start.position);
    if (start.gap !== null)
      this.options.metrics.processor_offset_gaps_total.inc({ sink: sink.name });
    return { opened, start };
  }

  #start(partition: Partition): void {
    const running = this.#run(partition)
      .catch((error: unknown) => this.#onRunFailed(partition, error))
      .finally(() => this.#running.delete(partition));
    this.#running.set(partition, running);
  }

  async #onRunFailed(partition: Partition, error: unknown): Promise<void> {
    const { sink, metrics, log, onDefect } = this.options;
    const code = errorCode(error);
    if (code === "position_moved") {
      metrics.processor_fence_hits_total.inc({ sink: sink.name });
      log.warn({ sink: sink.name, partition: partition.partition, error }, "Position found moved.");
      this.#reopen(partition.partition);
    } else if (code === "archive_conflict") {
      await this.#stopPartition(partition, `${code}: ${(error as Error).message}`);
    } else onDefect(error);
  }

  /** Reads the position again and fetches from there. */
  #reopen(number: number): void {
    const current = this.#partitions.get(number);
    if (current === undefined || this.stopping.signal.aborted) return;
    current.end();
    void this.#takeOver(number).then((fetchFrom) => {
      if (fetchFrom !== null && this.#partitions.has(number)) this.#seeks.set(number, fetchFrom);
    }, this.options.onDefect);
  }

  async #release(number: number): Promise<void> {
    const partition = this.#partitions.get(number);
    if (partition === undefined) return;
    this.#partitions.delete(number);
    this.#seeks.delete(number);
    this.stopped.delete(number);
    partition.end();
    await this.#running.get(partition);
  }

  async #stopPartition(partition: Partition, reason: string): Promise<void> {
    const { sink, metrics, log, config, random } = this.options;
    partition.end();
    this.stopped.set(partition.partition, reason);
    metrics.processor_partitions_stopped.set({ sink: sink.name }, this.stopped.size);
    log.error(
      { sink: sink.name, partition: partition.partition, reason },
      "Partition stopped: an operator must decide.",
    );
    await retrying(() => sink.stop(partition.partition, reason), {
      signal: this.stopping.signal,
      backoffMsMax: config.backoffMs,
      random,
      onFailed: (error) => this.#onFailed(error),
    });
  }

  #receive(records: readonly ConsumedRecord[]): void {
    for (const record of records) {
      const partition = this.#partitions.get(record.partition);
      if (partition === undefined || partition.signal.aborted || this.#seeks.has(record.partition))
        continue;
      const received = partition.receive(record);
      if (received.state === "refetch") this.#seeks.set(record.partition, received.offset);
      else if (received.state === "replaced")
        void this.#stopPartition(partition, received.reason).catch(this.options.onDefect);
    }
  }

  async #seek(consumer: Consumer): Promise<void> {
    for (const [partition, offset] of this.#seeks) {
      await consumer.seek(partition, offset);
      this.#seeks.delete(partition);
    }
  }

  /** Pauses partitions that hold as much as they may, resumes those that have room again. */
  #regulate(consumer: Consumer): void {
    for (const partition of this.#partitions.values()) {
      const mustPause =
        partition.signal.aborted || (partition.paused ? !partition.hasRoom : partition.isFull);
      if (mustPause === partition.paused) continue;
      if (mustPause) consumer.pause([partition.partition]);
      else consumer.resume([partition.partition]);
      partition.paused = mustPause;
    }
  }

  async #idle(partition: number, position: bigint): Promise<void> {
    try {
      await this.options.sink.idle(partition, position);
    } catch (error) {
      if (errorCode(error) === "internal") throw error;
      this.#onFailed(error as PipelineError);
    }
  }

  /** A courtesy to tools that read lag from Kafka; positions are in PostgreSQL. */
  #commit(batch: Batch): void {
    this.consumer?.commit(new Map([[batch.partition, batch.nextOffset]]));
  }

  #onFailed(error: PipelineError): void {
    const { sink, metrics, log, onFailed } = this.options;
    metrics.processor_write_errors_total.inc({ sink: sink.name, code: error.code });
    onFailed(error);
    if (this.#failing) return;
    this.#failing = true;
    metrics.processor_paused.set({ sink: sink.name }, 1);
    log.warn(
      { sink: sink.name, code: error.code, error },
      "Pipeline paused: it goes on by itself.",
    );
  }

  #onWorking(): void {
    const { sink, metrics, log, onFailed } = this.options;
    if (!this.#failing) return;
    this.#failing = false;
    metrics.processor_paused.set({ sink: sink.name }, 0);
    onFailed(null);
    log.info({ sink: sink.name }, "Pipeline resumed.");
  }
}
