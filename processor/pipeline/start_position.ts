/**
 * Decides where a sink begins in a partition, from its position and from what the log still holds.
 */
import type { Watermarks } from "@tally/shared/kafka";
import type { OffsetGap, OpenedPartition } from "./sink.ts";

/** Where and how to begin. */
export interface Start {
  /** The first batch begins here. */
  readonly position: bigint;
  /** The first offset to fetch: the position, or the last record before it to compare its hash. */
  readonly fetchFrom: bigint;
  /** Whether the position must be created first. */
  readonly isNew: boolean;
  /** The last record before the position, or null when it is not fetched. */
  readonly expected: { readonly offset: bigint; readonly hash: string } | null;
  /** What the log has lost between the position and its start, or null. */
  readonly gap: OffsetGap | null;
  /** Why the partition must wait for an operator, or null. */
  readonly stopped: string | null;
}

/**
 * Decides the start; pure. It never jumps silently: what the log has lost is a gap, and a position
 * that the log never reached is a stop.
 *
 * @param losesDeleted Of the sink. Such a sink begins at offset 0, so that what was deleted before
 * it first ran counts as well.
 */
export function decideStart(
  opened: OpenedPartition,
  { low, high }: Watermarks,
  losesDeleted: boolean,
): Start {
  const position = opened.nextOffset ?? (losesDeleted ? 0n : low);
  const start: Start = {
    position,
    fetchFrom: position,
    isNew: opened.nextOffset === null,
    expected: null,
    gap: null,
    stopped: opened.stopped,
  };
  if (start.stopped !== null) return start;
  if (position > high) {
    return {
      ...start,
      stopped: `log_replaced: the position is ${position}, the log ends at ${high}`,
    };
  }
  if (position < low) {
    const gap = { firstOffset: position, lastOffset: low - 1n, isLost: losesDeleted };
    return { ...start, fetchFrom: low, gap };
  }
  const { lastHash: hash, lastOffset: offset = position - 1n } = opened;
  if (hash === null || offset < low) return start;
  return { ...start, fetchFrom: offset, expected: { offset, hash } };
}
