/**
 * One partition that this process owns for one sink: checks that records come
 * without a hole, collects them into batches and gives these to the writer in
 * order, one at a time.
 */
import type { ConsumedRecord } from "@tally/shared/kafka";
import { Batcher, type RawBatch } from "./batcher.ts";
import { recordHash } from "./positions.ts";
import type { BatchLimits, OpenedPartition } from "./sink.ts";
import type { Start } from "./start_position.ts";

export interface PartitionOptions {
  readonly partition: number;
  readonly opened: OpenedPartition;
  readonly start: Start;
  readonly limits: BatchLimits;
  /** Records and bytes in memory above which it wants to be paused. */
  readonly recordsMax: number;
  readonly bytesMax: number;
  readonly now: () => number;
}

/** What receiving records came to. */
export type Received =
  | { readonly state: "ok" }
  /** A hole: fetch again at exactly this offset, and receive nothing else before. */
  | { readonly state: "refetch"; readonly offset: bigint }
  /** The log does not hold what was written from it. */
  | { readonly state: "replaced"; readonly reason: string };

const OK: Received = { state: "ok" };

/** Takes records in, gives batches out. */
export class Partition {
  readonly partition: number;
  readonly #batcher: Batcher;
  readonly #options: PartitionOptions;
  readonly #ended = new AbortController();
  #expected: bigint;
  #expectedHash: string | null;
  #refetched: bigint | null = null;
  #wake: (() => void) | null = null;
  #draining = false;
  /** Whether the consumer was told to pause; kept by the pipeline. */
  paused = false;
  /** Where the sink stands, as far as this owner knows; moved by the pipeline with each write. */
  position: bigint;

  constructor(options: PartitionOptions) {
    this.#options = options;
    this.partition = options.partition;
    this.#batcher = new Batcher({
      partition: options.partition,
      limits: options.limits,
      nextOffset: options.start.position,
      plannedLastOffsets: options.opened.plannedLastOffsets,
    });
    this.position = options.start.position;
    this.#expected = options.start.position;
    this.#expectedHash = options.start.expectedHash;
    if (options.start.gap !== null) this.#skip(options.start.gap.lastOffset + 1n);
  }

  /** Aborted when the partition is no longer ours. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Next offset that is expected from the log. */
  get expected(): bigint {
    return this.#expected;
  }

  /**
   * Whether it holds as much as it may. An open batch alone never fills it: that would wait for
   * records which a pause keeps away, and is bounded by its own limits or by its plan.
   */
  get isFull(): boolean {
    const { recordsMax, bytesMax } = this.#options;
    const { hasClosed, bufferedRecords, bufferedBytes } = this.#batcher;
    return hasClosed && (bufferedRecords >= recordsMax || bufferedBytes >= bytesMax);
  }

  /** Whether a paused partition should receive again. */
  get hasRoom(): boolean {
    const { recordsMax, bytesMax } = this.#options;
    const { hasClosed, bufferedRecords, bufferedBytes } = this.#batcher;
    return !hasClosed || (bufferedRecords * 2 < recordsMax && bufferedBytes * 2 < bytesMax);
  }

  /**
   * Takes the next record. A hole counts only when a second fetch at exactly the expected offset
   * skips it, too (another producer's transaction markers, compaction): then it is a gap.
   */
  receive(record: ConsumedRecord): Received {
    if (record.offset < this.#expected) return this.#compare(record);
    if (record.offset > this.#expected) {
      if (this.#refetched !== this.#expected) {
        this.#refetched = this.#expected;
        return { state: "refetch", offset: this.#expected };
      }
      this.#skip(record.offset);
    }
    this.#refetched = null;
    this.#expectedHash = null;
    this.#expected = record.offset + 1n;
    this.#batcher.add(record, this.#options.now());
    this.#wakeUp();
    return OK;
  }

  /** The next batch; null after `idleMs` without one; "ended" when there will be none. */
  async next(idleMs: number): Promise<RawBatch | null | "ended"> {
    const { now } = this.#options;
    const idleAtMs = performance.now() + idleMs;
    while (!this.signal.aborted) {
      const batch = this.#batcher.take(now());
      if (batch !== null) return batch;
      if (this.#draining) return "ended";
      const leftMs = idleAtMs - performance.now();
      if (leftMs <= 0) return null;
      await this.#waitMs(Math.min(this.#batcher.dueInMs(now()) ?? leftMs, leftMs));
    }
    return "ended";
  }

  /** Gives out what is left, then ends. */
  drain(): void {
    this.#draining = true;
    this.#batcher.flush();
    this.#wakeUp();
  }

  /** Ends at once; what is buffered is left to whoever reads it again. */
  end(): void {
    this.#ended.abort();
    this.#wakeUp();
  }

  /** The record before the position shows whether this still is the log that was written from. */
  #compare(record: ConsumedRecord): Received {
    if (this.#expectedHash === null || record.offset !== this.#expected - 1n) return OK;
    const same = recordHash(record.value) === this.#expectedHash;
    this.#expectedHash = null;
    if (same) return OK;
    return {
      state: "replaced",
      reason: `log_replaced: the record at offset ${record.offset} is not the one that was written`,
    };
  }

  #skip(to: bigint): void {
    this.#batcher.addGap({ firstOffset: this.#expected, lastOffset: to - 1n });
    this.#expected = to;
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }

  async #waitMs(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
  }
}
