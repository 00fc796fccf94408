/** One partition that a consumer holds: its next offset, and how long it has been quiet. */
import { backoffMs } from "../backoff.ts";

export interface HeldPartition {
  readonly partition: number;
  /** False until the caller's offset is set, and again after it was out of range. */
  isStarted: boolean;
  /** Whether the caller has paused it. */
  isPaused: boolean;
  nextOffset: bigint;
  /** Time of the last record or move, on performance.now()'s clock. */
  movedAt: number;
  /** Times in a row that the log had records and the client delivered none. */
  stalls: number;
}

/**
 * The client can drop its only error, or stop fetching: a partition that is quiet for this long is
 * compared with the log. Each stall doubles the time, so that a slow fetch can end. Chosen.
 */
const PATIENCE = { msMin: 5000, msMax: 80_000 };

/** A partition that was just assigned. */
export function heldPartition(partition: number): HeldPartition {
  return {
    partition,
    isStarted: false,
    isPaused: false,
    nextOffset: 0n,
    movedAt: performance.now(),
    stalls: 0,
  };
}

/** Moves the next offset past a record that was delivered. */
export function moveAfter(state: HeldPartition, offset: number, now: number): void {
  state.nextOffset = BigInt(offset) + 1n;
  state.movedAt = now;
  state.stalls = 0;
}

/** How long the partition may be quiet before it is compared with the log, ms. */
export function patienceMs(state: HeldPartition): number {
  return backoffMs(state.stalls, PATIENCE);
}
