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
  const left: OffsetGap[] = [];
  let next = 0;
  for (const { firstOffset, lastOffset } of ranges) {
    let from = firstOffset;
    while ((gaps[next]?.lastOffset ?? from) < from) next += 1;
    // The last gap that is looked at may reach into the next range, so it stays `next`.
    for (let at = next; from <= lastOffset; at += 1) {
      const gap = gaps[at];
      if (gap === undefined || gap.firstOffset > lastOffset) {
        left.push({ firstOffset: from, lastOffset });
        break;
      }
      if (gap.firstOffset > from)
        left.push({ firstOffset: from, lastOffset: gap.firstOffset - 1n });
      from = gap.lastOffset + 1n;
      next = at;
    }
  }
  return left;
}

/** The parts of gaps within a range. */
export function clipGaps(
  gaps: readonly OffsetGap[],
  { firstOffset, nextOffset }: Pick<Batch, "firstOffset" | "nextOffset">,
): OffsetGap[] {
  return gaps.flatMap((gap) => {
    const first = gap.firstOffset < firstOffset ? firstOffset : gap.firstOffset;
    const last = gap.lastOffset < nextOffset ? gap.lastOffset : nextOffset - 1n;
    return first > last ? [] : [{ ...gap, firstOffset: first, lastOffset: last }];
  });
}
