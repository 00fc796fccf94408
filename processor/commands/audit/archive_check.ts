/**
 * Checks the archive of one partition while its rows are read: ranges tile, objects
 * are as planned, lines are the rows (P4, P5). One object at a time.
 */
import type { BucketReader, StoredObject } from "../../archive/bucket.ts";
import type { Ledger } from "./ledger.ts";
import { readAhead, type StoredRow } from "./entries.ts";
import { offsetsOf, type Findings, type Place } from "./findings.ts";
import { checkObject, type ArchiveRange } from "./object_check.ts";
import { Tiling, type TilingFault } from "./tiling.ts";

/** Sums over the ranges of a partition, to compare with the counters of its position. */
export interface ArchiveSums {
  events: number;
  objects: number;
  /** Of lines, before compression. */
  bytes: number;
  /** Where the first range begins, or null when there is none. */
  firstOffset: bigint | null;
}

export interface ArchiveCheckOptions {
  readonly place: Place;
  readonly ranges: AsyncIterable<ArchiveRange>;
  readonly bucket: BucketReader;
  /** Where the first range must begin, or null when that is unknown. */
  readonly firstOffset: bigint | null;
  /** The archive's position, or the end of a bounded audit. */
  readonly nextOffset: bigint;
  readonly ledger: Ledger;
  readonly findings: Findings;
}

/**
 * Objects in memory, the current one included: reading ahead hides the answer time of the store. An
 * object has at most 64 MiB (the range of ARCHIVE_OBJECT_BYTES_MAX), by default 8.
 */
const OBJECTS_AHEAD_MAX = 4;

interface ReadRange {
  readonly range: ArchiveRange;
  readonly stored: StoredObject | null;
}

/** The check of one partition; `take` expects the rows in offset order. */
export class ArchiveCheck {
  readonly sums: ArchiveSums = { events: 0, objects: 0, bytes: 0, firstOffset: null };
  readonly #options: ArchiveCheckOptions;
  readonly #ranges: AsyncGenerator<ReadRange>;
  #tiling = new Tiling(0n);
  #firstOffset = 0n;
  #current: ReadRange | null = null;
  #rows: StoredRow[] = [];

  constructor(options: ArchiveCheckOptions) {
    const { ranges, bucket } = options;
    this.#options = options;
    const read = async (range: ArchiveRange): Promise<ReadRange> => ({
      range,
      stored: range.key === null ? null : await bucket.read(range.key),
    });
    this.#ranges = readAhead(ranges, read, OBJECTS_AHEAD_MAX);
  }

  /** Reads the first range and decides where the archive begins; must be called first. */
  async begin(): Promise<void> {
    const { firstOffset, nextOffset } = this.#options;
    const head = await this.#ranges.next();
    const first = head.done === true ? nextOffset : head.value.range.firstOffset;
    // An existing range counts, whatever the counters say: they are compared separately.
    this.#firstOffset = firstOffset === null || firstOffset > first ? first : firstOffset;
    this.#tiling = new Tiling(this.#firstOffset);
    this.sums.firstOffset = head.done === true ? null : first;
    if (head.done !== true) this.#enter(head.value);
  }

  /** Takes a row; adds a finding when no range of the archive holds its offset. */
  async take(row: StoredRow): Promise<void> {
    const { nextOffset, ledger } = this.#options;
    if (row.offset >= nextOffset) return ledger.count("unarchived");
    if (row.offset < this.#firstOffset) return ledger.count("beforeArchive");
    while (this.#current !== null && this.#current.range.lastOffset < row.offset) {
      await this.#advance();
    }
    if (this.#current !== null && this.#current.range.firstOffset <= row.offset) {
      this.#rows.push(row);
      return;
    }
    const { place, findings } = this.#options;
    const { eventId, offset } = row;
    findings.add("line_missing", { ...place, offset: String(offset), eventId });
  }

  /** Checks the remaining ranges, and that they reach the position. */
  async end(): Promise<void> {
    while (this.#current !== null) await this.#advance();
    this.#report(this.#tiling.end(this.#options.nextOffset));
  }

  /** Judges the current range and goes to the next. */
  async #advance(): Promise<void> {
    this.#judge();
    const { done, value } = await this.#ranges.next();
    if (done === true) this.#current = null;
    else this.#enter(value);
  }

  #enter(current: ReadRange): void {
    const { range } = current;
    this.#current = current;
    this.#report(this.#tiling.take(range));
    this.sums.events += range.events;
    this.sums.objects += range.key === null ? 0 : 1;
    this.sums.bytes += range.bytes;
    const { place, findings } = this.#options;
    if (range.state === "stored") return;
    const offsets = offsetsOf(range.firstOffset, range.lastOffset);
    findings.add("range_not_stored", { ...place, ...offsets, detail: range.state });
  }

  #judge(): void {
    if (this.#current === null) return;
    const { place, findings, ledger } = this.#options;
    const times = checkObject({ ...this.#current, rows: this.#rows, place, findings });
    for (const ms of times) ledger.countLine(ms);
    this.#rows = [];
  }

  #report(fault: TilingFault | null): void {
    if (fault === null) return;
    const { place, findings } = this.#options;
    const { kind, firstOffset, lastOffset } = fault;
    const count = Number(lastOffset - firstOffset) + 1;
    findings.add(kind, { ...place, ...offsetsOf(firstOffset, lastOffset) }, count);
  }
}
