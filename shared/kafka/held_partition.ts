/** One partition that a consumer holds: its next offset, and whether its fetcher still works. */
import { backoffMs } from "../backoff.ts";
import type { MarkCollector } from "./assignment_events.ts";
import type { ClientQueue, QueueMark } from "./client_queue.ts";

export interface HeldPartition {
  readonly partition: number;
  /** False until the caller's offset is set, and again after it was out of range. */
  isStarted: boolean;
  /** Whether the caller has paused it. */
  isPaused: boolean;
  nextOffset: bigint;
  /** Number of the newest move that was asked for; an older one must not take effect after it. */
  moveWanted: number;
  /** Whether something has come since the last move, pause or resume; see `Marks`. */
  isFollowing: boolean;
  /** Time of the last record, move or resume, or seen at the log's end; monotonic, ms. */
  movedAtMs: number;
  /** Since when the log is known to have records that did not arrive, or null. */
  behindSinceMs: number | null;
  /** Where the client's queue was when the patience ended, or null. */
  overdueAt: QueueMark | null;
  /** Times in a row that the log had records and the client delivered none. */
  stalls: number;
}

/** A partition without a record for this long is compared with the log. */
const QUIET_MS = 5000; // chosen

/**
 * The client can drop its only error, or stop fetching: this is how long records may wait in the
 * log. Each stall doubles the time, so that a slow fetch can end.
 */
const PATIENCE = { msMin: 5000, msMax: 80_000 }; // chosen

/** A partition that was just assigned. */
export function heldPartition(partition: number, nowMs: number): HeldPartition {
  return {
    partition,
    isStarted: false,
    isPaused: false,
    nextOffset: 0n,
    moveWanted: 0,
    isFollowing: false,
    movedAtMs: nowMs,
    behindSinceMs: null,
    overdueAt: null,
    stalls: 0,
  };
}

/** Notes that the client has come to an offset: there is a record, or the end of the log. */
export function arriveAt(
  state: HeldPartition,
  offset: bigint,
  { nowMs, marks }: { readonly nowMs: number; readonly marks: MarkCollector },
): void {
  if (!state.isFollowing && offset > state.nextOffset) marks.noteJump(state.partition, offset);
  state.isFollowing = true;
  state.nextOffset = offset;
  state.stalls = 0;
  startQuiet(state, nowMs);
}

/**
 * Notes that the client fetches from an offset. An end of the log from before this move must not
 * be taken for the next thing after it: all records up to there would become a gap.
 */
export function startFrom(
  state: HeldPartition,
  nextOffset: bigint,
  { nowMs, marks }: { readonly nowMs: number; readonly marks: MarkCollector },
): void {
  marks.forget(state.partition);
  state.nextOffset = nextOffset;
  state.isStarted = true;
  state.isFollowing = false;
  startQuiet(state, nowMs);
}

/** Notes a pause or its end. */
export function setPaused(state: HeldPartition, isPaused: boolean, nowMs: number): void {
  state.isPaused = isPaused;
  state.isFollowing = false;
  if (!isPaused) startQuiet(state, nowMs);
}

/** Starts the quiet time again: the client could not deliver anything before now. */
function startQuiet(state: HeldPartition, nowMs: number): void {
  state.movedAtMs = nowMs;
  state.behindSinceMs = null;
  state.overdueAt = null;
}

/** Whether the partition must be compared with the log: it should deliver, and is quiet. */
export function isQuiet(state: HeldPartition, nowMs: number): boolean {
  return state.isStarted && !state.isPaused && nowMs - state.movedAtMs > QUIET_MS;
}

/**
 * Notes the end of the log of a quiet partition.
 *
 * A stall needs proof, because a new fetcher throws away what the client has fetched ahead: the
 * records were in the log for the whole patience, and since then everything that the client held
 * was taken. So the records were not fetched, and do not just wait for this process to take them.
 *
 * @returns Whether the partition is stalled: its fetcher has stopped.
 */
export function noteLogEnd(
  state: HeldPartition,
  high: bigint,
  { nowMs, queue }: { readonly nowMs: number; readonly queue: ClientQueue },
): boolean {
  if (state.nextOffset >= high) {
    startQuiet(state, nowMs);
    return false;
  }
  state.behindSinceMs ??= nowMs;
  if (nowMs - state.behindSinceMs < backoffMs(state.stalls, PATIENCE)) return false;
  state.overdueAt ??= queue.mark();
  return queue.hasPassed(state.overdueAt);
}
