/**
 * Gaps as rows of `offset_gaps`. All gaps of a batch share one row, so that thousands
 * of holes a second cost no more rows than batches; a loss has a row of its own. Pure.
 */
import type { OffsetGap } from "./sink.ts";

/** A row of `offset_gaps`, by the names of its columns; offsets are text. */
export interface GapRow {
  readonly first_offset: string;
  readonly last_offset: string;
  readonly offsets: string;
  /** A multirange of PostgreSQL; null when the gaps are one range. */
  readonly holes: string | null;
  readonly lost: boolean;
}

/** The rows of a batch's gaps, which are in offset order. */
export function gapRows(gaps: readonly OffsetGap[]): GapRow[] {
  const lost = gaps.filter(({ isLost }) => isLost === true);
  const others = gaps.filter(({ isLost }) => isLost !== true);
  return [...lost.map((gap) => rowOf([gap], true)), ...(others.length > 0 ? [rowOf(others)] : [])];
}

/** How many offsets there are in ranges. */
function countOffsets(ranges: readonly OffsetGap[]): bigint {
  return ranges.reduce((sum, range) => sum + range.lastOffset - range.firstOffset + 1n, 0n);
}

function rowOf(gaps: readonly OffsetGap[], lost = false): GapRow {
  return {
    first_offset: String(gaps[0]?.firstOffset),
    last_offset: String(gaps.at(-1)?.lastOffset),
    offsets: String(countOffsets(gaps)),
    holes: gaps.length === 1 ? null : multirange(gaps),
    lost,
  };
}

function multirange(ranges: readonly OffsetGap[]): string {
  return `{${ranges.map(({ firstOffset, lastOffset }) => `[${firstOffset},${lastOffset}]`)}}`;
}
