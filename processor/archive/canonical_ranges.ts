/**
 * Where the log is known to hold its own archive lines: the rows' pipeline of this
 * process has decoded the records there, and each was canonical. The archive need
 * not decode them a second time. It holds as long as an offset keeps its record: a
 * log that changes under a running process is told apart when a partition is opened.
 */
import { isRecordFault } from "@tally/shared";
import { missingOffsets } from "./lost_records.ts";
import type { Batch } from "../pipeline/sink.ts";

/** Ranges of offsets, partition by partition. */
export interface CanonicalRanges {
  /** Told what the rows' pipeline wrote; remembers its range when each record is canonical. */
  note(batch: Batch): void;
  /** Whether the value of each record of a range is its line. */
  cover(range: Pick<Batch, "partition" | "firstOffset" | "nextOffset">): boolean;
  /** The archive has passed this offset. */
  forgetBefore(partition: number, offset: bigint): void;
  forget(partition: number): void;
}

interface Range {
  readonly firstOffset: bigint;
  nextOffset: bigint;
}

/**
 * Adjoining ranges are one, so there is nearly always one range a partition; this many only when
 * records of other producers are among the canonical ones and the archive is far behind. Chosen.
 */
const RANGES_MAX = 100;

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

/** Decoding gives the value itself as the line when it is canonical, byte for byte. */
function isCanonical({ record, decoded }: Batch["records"][number]): boolean {
  return !isRecordFault(decoded) && decoded.line === record.value;
}
