/**
 * Where a sink begins in a partition of the log: decided from its position and what the log still
 * holds.
 */
import type { Watermarks } from "@tally/shared/kafka";
import type { OffsetGap, OpenedPartition } from "./sink.ts";

/** How to begin. */
export interface Start {
  /** The first batch begins here. */
  readonly position: bigint;
  /** The first offset to fetch: the position, or one before it to compare its hash. */
  readonly fetchFrom: bigint;
  /** Whether the position must be made first. */
  readonly isNew: boolean;
  /** Expected hash of the record before the position, when that is fetched. */
  readonly expectedHash: string | null;
  /** What the log lost below its start. */
  readonly gap: OffsetGap | null;
  /** Why the partition must wait for an operator; null: go on. */
  readonly stopped: string | null;
}

/**
 * Decides the start; pure. Never jumps: what the log lost is a gap, what it never had is a stop.
 */
export function decideStart(opened: OpenedPartition, { low, high }: Watermarks): Start {
  const position = opened.nextOffset ?? low;
  const start: Start = {
    position,
    fetchFrom: position,
    isNew: opened.nextOffset === null,
    expectedHash: null,
    gap: null,
    stopped: opened.stopped,
  };
  if (start.stopped !== null || start.isNew) return start;
  if (position > high) {
    return {
      ...start,
      stopped: `log_replaced: the position is ${position}, the log ends at ${high}`,
    };
  }
  if (position < low) {
    return { ...start, fetchFrom: low, gap: { firstOffset: position, lastOffset: low - 1n } };
  }
  if (opened.lastHash === null || position === low) return start;
  return { ...start, fetchFrom: position - 1n, expectedHash: opened.lastHash };
}
