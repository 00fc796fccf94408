/**
 * Decides where a sink begins in a partition, from its position and from what the log still holds.
 */
import type { Watermarks } from "@tally/shared/kafka";
import type { OffsetGap, OpenedPartition } from "./sink.ts";

/** Where and how to begin. */
export interface Start {
  /** The first batch begins here. */
  readonly position: bigint;
  /** The first offset to fetch: the position, or the record before it to compare its hash. */
  readonly fetchFrom: bigint;
  /** Whether the position must be created first. */
  readonly isNew: boolean;
  /** Hash of the record before the position, or null when that record is not fetched. */
  readonly expectedHash: string | null;
  /** What the log has lost between the position and its start, or null. */
  readonly gap: OffsetGap | null;
  /** Why the partition must wait for an operator, or null. */
  readonly stopped: string | null;
}

/**
 * Decides the start; pure. It never jumps silently: what the log has lost is a gap, and a position
 * that the log never reached is a stop.
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
