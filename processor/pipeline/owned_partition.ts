/**
 * One partition in one pipeline: its transitions from state to state. `Life` lists the states, what
 * leads from one to the next, and what a revocation in the middle of a write does.
 */
import { errorCode, type Config, type Log, type Metrics, type MonotonicClock } from "@tally/shared";
import type { ConsumedRecord, Consumer } from "@tally/shared/kafka";
import { readOpening, type HandOver, type Opening } from "./opening.ts";
import type { Generation } from "./generation.ts";
import { PartitionBuffer, type Received } from "./partition_buffer.ts";
import { RELEASED, type Life, type Stop } from "./partition_life.ts";
import type { Sink, Standing } from "./sink.ts";
import type { Retry } from "./sink_health.ts";

export interface OwnedPartitionOptions {
  readonly sink: Sink;
  readonly config: Config<"processor">["processor"];
  readonly log: Log;
  readonly metrics: Metrics<"processor">;
  /** For ages and intervals. */
  readonly now: MonotonicClock;
  /** Aborted when the pipeline stops: nothing is opened after that. */
  readonly stopping: AbortSignal;
  /** Resolves when the consumer is connected. A partition may be assigned before that. */
  readonly consumer: Promise<Pick<Consumer, "watermarks">>;
  /** Throws when the topic is another one than the position belongs to; see `Generation`. */
  readonly checkLog: Generation["check"];
  readonly retry: Retry;
  /** Writes the batches of a buffer until it ends. */
  readonly write: (buffer: PartitionBuffer) => Promise<void>;
  /** Called when `stopReason` was set or cleared. */
  readonly onStopChanged: () => void;
  readonly onDefect: (error: unknown) => void;
}

/**
 * The state of a partition, noted before the table is read, to compare with it. A position only
 * grows unless an operator moves it.
 */
export interface Glance {
  readonly buffer: PartitionBuffer;
  readonly position: bigint;
  readonly isStopped: boolean;
}

const NO_HAND_OVER: HandOver = () => false;

/** One partition on behalf of one pipeline; the object stays when the partition moves away. */
export class OwnedPartition {
  readonly number: number;
  readonly #options: OwnedPartitionOptions;
  #life: Life = RELEASED;
  /** Resolves when the last writer has ended. */
  #writing: Promise<void> = Promise.resolve();
  /** A partition has one seek at a time, even when it was revoked meanwhile. */
  #isSeekUnderWay = false;

  constructor(number: number, options: OwnedPartitionOptions) {
    this.number = number;
    this.#options = options;
  }

  get state(): Life["state"] {
    return this.#life.state;
  }

  /** The buffer, or null while the partition is released or not open yet. */
  get buffer(): PartitionBuffer | null {
    return this.#life.buffer;
  }

  /** Why the partition waits for an operator, or null. */
  get stopReason(): string | null {
    const life = this.#life;
    return life.state === "stopping" || life.state === "stopped" ? life.reason : null;
  }

  /** Resolves when the last writer has ended. */
  get writing(): Promise<void> {
    return this.#writing;
  }

  /** Takes the partition over. Resolves when it is open, or when the opening was given up. */
  async open(handOver: HandOver, isPaused = false): Promise<void> {
    const { sink, consumer, checkLog, retry, stopping } = this.#options;
    const released = this.release();
    const givenUp = new AbortController();
    this.#enter({ state: "opening", buffer: null, givenUp });
    await released;
    const signal = AbortSignal.any([stopping, givenUp.signal]);
    const opening = await retry(
      () => readOpening(this.number, { sink, consumer, checkLog }),
      signal,
    );
    // A given-up opening has lost the partition, however far it came.
    if (opening === null || signal.aborted) return;
    await this.#begin(opening, { handOver, isPaused });
  }

  /** Ends the opening or the buffer. Resolves when the write that is under way has ended. */
  release(): Promise<void> {
    const life = this.#life;
    if (life.state === "opening") life.givenUp.abort();
    life.buffer?.end();
    this.#enter(RELEASED);
    return this.#writing;
  }

  /** Takes a record, unless it is stale or the partition is not running. See `Marks` for `jump`. */
  receive(record: ConsumedRecord, jump?: bigint): void {
    const { state, buffer } = this.#life;
    if (state === "running") this.#follow(buffer, buffer.receive(record, jump));
  }

  /** Takes the end of the log, with the same exceptions. */
  reachEnd(end: bigint, jump?: bigint): void {
    const { state, buffer } = this.#life;
    if (state === "running") this.#follow(buffer, buffer.reachEnd(end, jump));
  }

  /** Does what follows from a record or from the end of the log. */
  #follow(buffer: PartitionBuffer, received: Received): void {
    if (received.kind === "refetch") {
      this.#enter({ state: "seeking", buffer, to: received.offset });
    } else if (received.kind === "replaced") {
      this.#stop(buffer, received.reason).catch(this.#options.onDefect);
    }
  }

  /**
   * Begins the seek that is due, if any. Does not wait for the seek: the partition's leader may be
   * down.
   */
  seek(consumer: Pick<Consumer, "seek">): void {
    const life = this.#life;
    if (life.state !== "seeking" || this.#isSeekUnderWay) return;
    this.#isSeekUnderWay = true;
    const onDone = (): void => {
      this.#isSeekUnderWay = false;
      if (this.#life === life) this.#enter({ state: "running", buffer: life.buffer });
    };
    consumer.seek(this.number, life.to).then(onDone, this.#options.onDefect);
  }

  /** Opens a partition that runs again: its position decides where to fetch. */
  reopen(): void {
    const { state, buffer } = this.#life;
    if (state === "running" || state === "seeking") this.#openAgain(buffer);
  }

  /**
   * Opens a partition again whose log no longer has what should be fetched. What is buffered is
   * written first: it was read in time, and the log may have deleted it since.
   */
  reopenDrained(): void {
    this.drain();
    const life = this.#life;
    if (life.state !== "draining") return;
    const reopen = (): void => {
      if (this.#life === life) this.#openAgain(life.buffer);
    };
    this.#writing.then(reopen, this.#options.onDefect);
  }

  /** Lets the writer finish what is buffered. */
  drain(): void {
    const { state, buffer } = this.#life;
    if (state !== "running" && state !== "seeking") return;
    this.#enter({ state: "draining", buffer });
    buffer.drain();
  }

  /** The state for `follow` to compare with the table, or null when there is no buffer. */
  glance(): Glance | null {
    const { state, buffer } = this.#life;
    if (buffer === null) return null;
    return { buffer, position: buffer.position, isStopped: state === "stopped" };
  }

  /** Opens the partition again when an operator has rewound it or has cleared its stop. */
  follow(before: Glance, { nextOffset, stopped }: Standing): void {
    const { sink, log } = this.#options;
    const { buffer } = before;
    if (this.#life.buffer !== buffer) return;
    const isRewound = this.stopReason === null && nextOffset < before.position;
    const isResumed = before.isStopped && stopped === null;
    if (!isRewound && !isResumed) return;
    const fields = { sink: sink.name, partition: this.number, nextOffset };
    log.info(fields, "Partition changed by an operator.");
    this.#openAgain(buffer);
  }

  #openAgain({ isPaused }: PartitionBuffer): void {
    const { stopping, onDefect } = this.#options;
    if (!stopping.aborted) this.open(NO_HAND_OVER, isPaused).catch(onDefect);
  }

  async #begin({ opened, start }: Opening, { handOver, isPaused }: Begin): Promise<void> {
    const { sink, config, now } = this.#options;
    const { partitionRecordsMax: recordsMax, partitionBytesMax: bytesMax } = config;
    const { number: partition } = this;
    const { limits } = sink;
    const held = { partition, limits, recordsMax, bytesMax, now, isPaused };
    const buffer = new PartitionBuffer({ ...held, opened, start });
    if (opened.stopped !== null) {
      // The stop is stored already. Storing it again could undo what an operator is doing now.
      this.#enterStop({ state: "stopped", buffer, reason: opened.stopped });
    } else if (start.stopped !== null) {
      await this.#stop(buffer, start.stopped);
    } else {
      const { fetchFrom: to } = start;
      const isHandedOver = handOver(this.number, to);
      this.#enter(isHandedOver ? { state: "running", buffer } : { state: "seeking", buffer, to });
      this.#writing = this.#write(buffer);
    }
  }

  #write(buffer: PartitionBuffer): Promise<void> {
    const { write, onDefect } = this.#options;
    return write(buffer)
      .catch((error: unknown) => this.#onWriteFailed(buffer, error))
      .catch(onDefect);
  }

  async #onWriteFailed(buffer: PartitionBuffer, error: unknown): Promise<void> {
    const { sink, metrics, log } = this.#options;
    const code = errorCode(error);
    if (code !== "position_moved" && code !== "archive_conflict") throw error;
    const isOwned = this.#life.buffer === buffer;
    if (code === "position_moved") {
      metrics.processor_fence_hits_total.inc({ sink: sink.name });
      log.warn(
        { sink: sink.name, partition: this.number, error },
        "Another owner or an operator has moved the position.",
      );
      if (isOwned) this.reopen();
    } else if (isOwned) {
      await this.#stop(buffer, `${code}: ${(error as Error).message}`);
    } else {
      const text = "Archive conflict found after a revocation; the next owner decides.";
      log.warn({ sink: sink.name, partition: this.number, error }, text);
    }
  }

  /** Ends the buffer until an operator decides, and stores the reason. */
  async #stop(buffer: PartitionBuffer, reason: string): Promise<void> {
    const { sink, retry, stopping } = this.#options;
    const life: Stop = { state: "stopping", buffer, reason };
    this.#enterStop(life);
    const store = async (): Promise<true> => {
      // If the partition has changed hands, do not store the reason: the next owner finds it
      // itself, and an operator may already have cleared it.
      if (this.#life === life) await sink.stop(this.number, reason);
      return true;
    };
    const isStored = await retry(store, stopping);
    if (isStored !== null && this.#life === life) this.#enter({ ...life, state: "stopped" });
  }

  #enterStop(life: Stop): void {
    const { sink, log } = this.#options;
    const { buffer, reason } = life;
    buffer.end();
    this.#enter(life);
    const fields = { sink: sink.name, partition: this.number, reason };
    log.error(fields, "Partition stopped: an operator must decide.");
  }

  #enter(life: Life): void {
    const before = this.stopReason;
    this.#life = life;
    if (this.stopReason !== before) this.#options.onStopChanged();
  }
}

interface Begin {
  readonly handOver: HandOver;
  readonly isPaused: boolean;
}
