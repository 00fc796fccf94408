/**
 * The buffer of one owner of a partition, from its opening to its end. It checks
 * that records arrive without a hole, collects them into batches, and gives the
 * batches to the writer in order, one at a time.
 */
import { withinTime, type MonotonicClock } from "@tally/shared";
import type { ConsumedRecord } from "@tally/shared/kafka";
import { Batcher, type RawBatch } from "./batcher.ts";
import { recordHash } from "./record_hash.ts";
import type { BatchLimits, OffsetGap, OpenedPartition } from "./sink.ts";
import type { Start } from "./start_position.ts";

export interface PartitionBufferOptions {
  readonly partition: number;
  readonly opened: OpenedPartition;
  readonly start: Start;
  readonly limits: BatchLimits;
  /** The buffer is full above this number of records. */
  readonly recordsMax: number;
  /** The buffer is full above this number of bytes. */
  readonly bytesMax: number;
  /** For ages and intervals. */
  readonly now: MonotonicClock;
  /** Whether the consumer has paused the partition already. */
  readonly isPaused?: boolean;
}

/** What became of a record, or of the end of the log. */
export type Received =
  /** It is in the buffer, or its offset is below the position. */
  | { readonly kind: "taken" }
  /** There may be a hole: fetch again at exactly this offset, and receive nothing else before. */
  | { readonly kind: "refetch"; readonly offset: bigint }
  /** The log does not hold what was written from it. */
  | { readonly kind: "replaced"; readonly reason: string };

/** What the writer does next. */
export type Next =
  | { readonly kind: "batch"; readonly batch: RawBatch }
  /** No batch was complete in time. */
  | { readonly kind: "idle" }
  /** There are no more batches. */
  | { readonly kind: "ended" };

const TAKEN: Received = { kind: "taken" };
const IDLE: Next = { kind: "idle" };
const ENDED: Next = { kind: "ended" };

/** Takes records in, gives batches out. */
export class PartitionBuffer {
  readonly partition: number;
  readonly #batcher: Batcher;
  readonly #options: PartitionBufferOptions;
  readonly #ended = new AbortController();
  #expected: bigint;
  #comparison: Start["expected"];
  #refetched: bigint | null = null;
  #wake: (() => void) | null = null;
  #isDraining = false;
  /** Whether the consumer has paused the partition; set by the backpressure. */
  isPaused: boolean;
  /** The sink's position as far as this owner knows; the pipeline moves it with each write. */
  position: bigint;

  constructor(options: PartitionBufferOptions) {
    const { partition, opened, start, limits, isPaused = false } = options;
    this.#options = options;
    this.partition = partition;
    this.isPaused = isPaused;
    this.#batcher = new Batcher({
      partition,
      limits,
      nextOffset: start.position,
      plannedLastOffsets: opened.plannedLastOffsets,
    });
    this.position = start.position;
    this.#expected = start.position;
    this.#comparison = start.expected;
    if (start.gap !== null) this.#addGap(start.gap);
  }

  /** Aborted when this owner may no longer write the partition. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** The offset that the next record should have. */
  get expected(): bigint {
    return this.#expected;
  }

  /**
   * Whether the buffer is full. An open batch alone does not count as full: a pause would keep away
   * the records that it waits for. The open batch is bounded by its own limits or by its plan.
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
   * Takes the next record. A hole before it is a gap (transaction markers of another producer,
   * aborted or compacted records), except after a jump of the client: then it becomes a gap only
   * when a second fetch at exactly the expected offset jumps as well. See `Marks`.
   *
   * @param jump The first offset after a jump; undefined when there was none.
   */
  receive(record: ConsumedRecord, jump?: bigint): Received {
    if (record.offset < this.#expected) return this.#compare(record);
    const skipped = this.#skipTo(record.offset, jump);
    if (skipped !== TAKEN) return skipped;
    this.#refetched = null;
    this.#comparison = null;
    this.#expected = record.offset + 1n;
    this.#batcher.add(record, this.#options.now());
    this.#wakeWriter();
    return TAKEN;
  }

  /** Takes the end of the log: the records and gaps before it have arrived. */
  reachEnd(end: bigint, jump?: bigint): Received {
    const skipped = this.#skipTo(end, jump);
    if (skipped === TAKEN) this.#wakeWriter();
    return skipped;
  }

  /** The next batch; idle after `idleMs` without one. */
  async next(idleMs: number): Promise<Next> {
    const { now } = this.#options;
    const idleAtMs = performance.now() + idleMs;
    while (!this.signal.aborted) {
      const batch = this.#batcher.take(now());
      if (batch !== null) return { kind: "batch", batch };
      if (this.#isDraining) return ENDED;
      const leftMs = idleAtMs - performance.now();
      if (leftMs <= 0) return IDLE;
      await this.#waitForChange(Math.min(this.#batcher.dueInMs(now()) ?? leftMs, leftMs));
    }
    return ENDED;
  }

  /** Closes the open batch. `next` gives what is left and then ends. */
  drain(): void {
    this.#isDraining = true;
    this.#batcher.flush();
    this.#wakeWriter();
  }

  /** Ends the buffer at once. The next owner reads the buffered records again. */
  end(): void {
    this.#ended.abort();
    this.#wakeWriter();
  }

  /** The last record before the position shows whether this is still the log it was read from. */
  #compare(record: ConsumedRecord): Received {
    if (record.offset !== this.#comparison?.offset) return TAKEN;
    const isSame = recordHash(record.value) === this.#comparison.hash;
    this.#comparison = null;
    if (isSame) return TAKEN;
    return {
      kind: "replaced",
      reason: `log_replaced: the record at offset ${record.offset} is not the one that was written`,
    };
  }

  /** Skips to an offset, unless a jump of the client skipped to it and must be proven. */
  #skipTo(offset: bigint, jump: bigint | undefined): Received {
    const expected = this.#expected;
    if (offset <= expected) return TAKEN;
    if (jump !== undefined && expected < jump && this.#refetched !== expected) {
      this.#refetched = expected;
      return { kind: "refetch", offset: expected };
    }
    this.#addGap({ firstOffset: expected, lastOffset: offset - 1n });
    return TAKEN;
  }

  #addGap(gap: OffsetGap): void {
    this.#batcher.addGap(gap, this.#options.now());
    this.#expected = gap.lastOffset + 1n;
  }

  #wakeWriter(): void {
    this.#wake?.();
    this.#wake = null;
  }

  async #waitForChange(waitMsMax: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await withinTime(promise, waitMsMax);
  }
}
