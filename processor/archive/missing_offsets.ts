/** Arithmetic on ranges of offsets: which offsets of a batch have no record. Pure. */
import type { Batch, OffsetGap } from "../pipeline/sink.ts";

/** Offsets of the batch's range without a record. */
export function missingOffsets({ records, firstOffset, nextOffset }: Batch): OffsetGap[] {
  if (BigInt(records.length) === nextOffset - firstOffset) return [];
  const missing: OffsetGap[] = [];
  let expected = firstOffset;
  for (const { record } of records) {
    if (record.offset > expected) {
      missing.push({ firstOffset: expected, lastOffset: record.offset - 1n });
    }
    expected = record.offset + 1n;
  }
  if (expected < nextOffset) missing.push({ firstOffset: expected, lastOffset: nextOffset - 1n });
  return missing;
}

/** What is left of `ranges` without `gaps`; both ascending, each without overlaps of its own. */
export function subtractGaps(
  ranges: readonly OffsetGap[],
  gaps: readonly OffsetGap[],
): OffsetGap[] {
  let left = [...ranges];
  for (const gap of gaps) {
    left = left.flatMap((range) => {
      if (gap.lastOffset < range.firstOffset || gap.firstOffset > range.lastOffset) return [range];
      const before = { firstOffset: range.firstOffset, lastOffset: gap.firstOffset - 1n };
      const after = { firstOffset: gap.lastOffset + 1n, lastOffset: range.lastOffset };
      return [before, after].filter(({ firstOffset, lastOffset }) => firstOffset <= lastOffset);
    });
  }
  return left;
}
