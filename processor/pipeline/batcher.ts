/**
 * The batcher of one partition: collects records in offset order and decides what closes a batch.
 * It has state but no side effects; the clock is a parameter.
 */
import type { ConsumedRecord } from "@tally/shared/kafka";
import type { Batch, BatchLimits, CloseReason, OffsetGap } from "./sink.ts";

/** A closed batch whose records are not decoded yet. */
export interface RawBatch extends Omit<Batch, "records"> {
  readonly records: readonly ConsumedRecord[];
}

export interface BatcherOptions {
  readonly partition: number;
  readonly limits: BatchLimits;
  /** The position: the first batch begins here. */
  readonly nextOffset: bigint;
  /**
   * Last offsets of the ranges that are planned, ascending. Batches close exactly there until no
   * planned range is left.
   */
  readonly plannedLastOffsets: readonly bigint[];
}

const HOUR_MS = 3_600_000;
/**
 * Gaps without a record wait at least this long: markers that come all the time would otherwise
 * cost a write each.
 */
const GAPS_AGE_MS = 1000; // chosen

/**
 * Collects the records of one partition. Offsets must ascend, and `addGap` must be called for each
 * range that is skipped.
 */
export class Batcher {
  readonly #partition: number;
  readonly #limits: BatchLimits;
  readonly #planned: bigint[];
  readonly #closed: { readonly batch: RawBatch; readonly bytes: number }[] = [];
  #records: ConsumedRecord[] = [];
  #gaps: OffsetGap[] = [];
  #bytes = 0;
  #openedAtMs = 0;
  #firstOffset: bigint;
  #bufferedRecords = 0;
  #bufferedBytes = 0;

  constructor(options: BatcherOptions) {
    this.#partition = options.partition;
    this.#limits = options.limits;
    this.#planned = [...options.plannedLastOffsets];
    this.#firstOffset = options.nextOffset;
  }

  /** Records in the open batch and in closed ones. */
  get bufferedRecords(): number {
    return this.#bufferedRecords;
  }

  /** Bytes of the records in the open batch and in closed ones. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** Whether a closed batch waits to be taken. */
  get hasClosed(): boolean {
    return this.#closed.length > 0;
  }

  /** Adds the next record. May close batches before or after it. */
  add(record: ConsumedRecord, nowMs: number): void {
    const bytes = recordBytes(record);
    this.#closePlannedBefore(record.offset);
    if (this.#planned.length === 0) {
      if (this.#isLaterHour(record)) this.#close("hour");
      else if (this.#records.length > 0 && this.#bytes + bytes > this.#limits.bytesMax)
        this.#close("bytes");
    }
    if (this.#isEmpty) this.#openedAtMs = nowMs;
    this.#records.push(record);
    this.#bytes += bytes;
    this.#bufferedRecords++;
    this.#bufferedBytes += bytes;
    if (this.#planned[0] === record.offset) this.#closePlanned();
    else if (this.#planned.length === 0 && this.#records.length >= this.#limits.recordsMax)
      this.#close("records");
  }

  /** Records a gap that begins at the next expected offset. Gaps alone make a batch, too. */
  addGap(gap: OffsetGap, nowMs: number): void {
    if (this.#isEmpty) this.#openedAtMs = nowMs;
    const before = this.#gaps.at(-1);
    const isMore = before?.lastOffset === gap.firstOffset - 1n && before.isLost === gap.isLost;
    if (isMore) this.#gaps[this.#gaps.length - 1] = { ...before, lastOffset: gap.lastOffset };
    else this.#gaps.push(gap);
    const planned = this.#planned.length;
    this.#closePlannedBefore(gap.lastOffset + 1n);
    // The rest of the gap begins the next batch.
    if (this.#planned.length < planned) this.#openedAtMs = nowMs;
  }

  /** Takes the oldest closed batch, or the open one if it is old enough, or null. */
  take(nowMs: number): RawBatch | null {
    if (this.#closed.length === 0 && this.dueInMs(nowMs) === 0) this.#close("age");
    const oldest = this.#closed.shift();
    if (oldest === undefined) return null;
    this.#bufferedRecords -= oldest.batch.records.length;
    this.#bufferedBytes -= oldest.bytes;
    return oldest.batch;
  }

  /**
   * Milliseconds until `take` gives a batch: 0 when it does now, null when more records are needed
   * first.
   */
  dueInMs(nowMs: number): number | null {
    if (this.#closed.length > 0) return 0;
    if (this.#isEmpty || this.#planned.length > 0) return null;
    return Math.max(0, this.#closesAtMs() - nowMs);
  }

  /** Closes the open batch now, unless its end is planned. */
  flush(): void {
    if (!this.#isEmpty && this.#planned.length === 0) this.#close("shutdown");
  }

  #closesAtMs(): number {
    const { ageMsMax, beatMs } = this.#limits;
    if (this.#records.length === 0) return this.#openedAtMs + Math.max(GAPS_AGE_MS, ageMsMax);
    if (beatMs === undefined) return this.#openedAtMs + ageMsMax;
    const ms = beatMs();
    return ms === 0 ? this.#openedAtMs : (Math.floor(this.#openedAtMs / ms) + 1) * ms;
  }

  get #isEmpty(): boolean {
    return this.#records.length === 0 && this.#gaps.length === 0;
  }

  #isLaterHour(record: ConsumedRecord): boolean {
    const first = this.#records[0];
    if (!this.#limits.hourly || first === undefined) return false;
    return Math.floor(record.timestampMs / HOUR_MS) > Math.floor(first.timestampMs / HOUR_MS);
  }

  /** A planned range whose last records are lost closes with the records that are left. */
  #closePlannedBefore(offset: bigint): void {
    for (
      let last = this.#planned[0];
      last !== undefined && last < offset;
      last = this.#planned[0]
    ) {
      this.#closePlanned();
    }
  }

  #closePlanned(): void {
    const last = this.#planned.shift();
    if (last !== undefined) this.#close("planned", last);
  }

  #close(reason: CloseReason, plannedLast?: bigint): void {
    const lastRecord = this.#records.at(-1)?.offset ?? -1n;
    const lastGap = this.#gaps.at(-1)?.lastOffset ?? -1n;
    const last = plannedLast ?? (lastRecord > lastGap ? lastRecord : lastGap);
    const [gaps, later] = cutGaps(this.#gaps, last);
    const batch = {
      firstOffset: this.#firstOffset,
      nextOffset: last + 1n,
      partition: this.#partition,
      records: this.#records,
      gaps,
      reason,
    };
    this.#closed.push({ batch, bytes: this.#bytes });
    this.#firstOffset = last + 1n;
    this.#records = [];
    this.#gaps = later;
    this.#bytes = 0;
  }
}

/** Cuts gaps after an offset: the planned range that ends there may end within a gap. */
function cutGaps(gaps: OffsetGap[], last: bigint): readonly [OffsetGap[], OffsetGap[]] {
  if ((gaps.at(-1)?.lastOffset ?? -1n) <= last) return [gaps, []];
  const before = gaps.filter(({ firstOffset }) => firstOffset <= last);
  const after = gaps.filter(({ lastOffset }) => lastOffset > last);
  return [
    before.map((gap) => (gap.lastOffset > last ? { ...gap, lastOffset: last } : gap)),
    after.map((gap) => (gap.firstOffset <= last ? { ...gap, firstOffset: last + 1n } : gap)),
  ];
}

/** Size of a record in memory and in a dead letter: value, key and headers. */
export function recordBytes({ value, key, headers }: ConsumedRecord): number {
  let bytes = (value?.length ?? 0) + (key?.length ?? 0);
  for (const header of headers) bytes += header.key.length + (header.value?.length ?? 0);
  return bytes;
}
