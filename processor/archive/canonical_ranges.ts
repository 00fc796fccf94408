/**
 * Ranges in which every record's value is known to be its archive line: the rows'
 * pipeline of this process has decoded the records, and all were canonical, so the archive
 * need not decode them again. A range is forgotten when its partition is opened again.
 */
import { isRecordFault } from "@tally/shared";
import { missingOffsets } from "./missing_offsets.ts";
import type { Batch } from "../pipeline/sink.ts";

/**
 * Ranges of offsets per partition. They hold as long as an offset keeps its record: whether the log
 * was replaced is checked when a partition is opened.
 */
export interface CanonicalRanges {
  /** Called with each batch that the rows' pipeline wrote; notes it when all is canonical. */
  note(batch: Batch): void;
  /** Whether the value of every record of a range is its line. */
  cover(range: Pick<Batch, "partition" | "firstOffset" | "nextOffset">): boolean;
  /** Forgets what lies before an offset: the archive has passed it. */
  forgetBefore(partition: number, offset: bigint): void;
  forget(partition: number): void;
}

interface Range {
  readonly firstOffset: bigint;
  nextOffset: bigint;
}

/**
 * Most ranges that one partition keeps. Adjoining ranges become one, so there is nearly always one;
 * there are more only when another producer's records are in between and the archive lags far.
 */
const RANGES_MAX = 100; // chosen

export function createCanonicalRanges(): CanonicalRanges {
  const known = new Map<number, Range[]>();
  return {
    note(batch) {
      if (missingOffsets(batch).length > 0 || !batch.records.every(isCanonical)) return;
      const { partition, firstOffset, nextOffset } = batch;
      const ranges = known.get(partition) ?? [];
      known.set(partition, ranges);
      const last = ranges.at(-1);
      if (last?.nextOffset === firstOffset) last.nextOffset = nextOffset;
      else ranges.push({ firstOffset, nextOffset });
      if (ranges.length > RANGES_MAX) ranges.shift();
    },
    forgetBefore(partition, offset) {
      const ranges = known.get(partition) ?? [];
      while (ranges[0] !== undefined && ranges[0].nextOffset <= offset) ranges.shift();
    },
    cover({ partition, firstOffset, nextOffset }) {
      const ranges = known.get(partition) ?? [];
      return ranges.some(
        (range) => range.firstOffset <= firstOffset && nextOffset <= range.nextOffset,
      );
    },
    forget: (partition) => void known.delete(partition),
  };
}

/** A record is canonical when decoding gives its value, byte for byte, as the line. */
function isCanonical({ record, decoded }: Batch["records"][number]): boolean {
  return !isRecordFault(decoded) && decoded.line === record.value;
}
