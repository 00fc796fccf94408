/** One partition that a consumer holds: where it stands, and since when nothing came. */

export interface HeldPartition {
  readonly partition: number;
  /** False until the caller's offset is set, and again after it was out of range. */
  isStarted: boolean;
  /** By the caller. */
  isPaused: boolean;
  nextOffset: bigint;
  /** Time of the last record or move, on performance.now()'s clock. */
  movedAt: number;
  /** Without a record for this long it is looked at, ms. */
  patienceMs: number;
}

/** The client can lose its one error, or a fetcher: a partition this quiet is looked at. Chosen. */
const PATIENCE_MS_MIN = 5000;
/** Doubled with each look that found records, so that a slow fetch is not begun for ever. */
const PATIENCE_MS_MAX = 80_000;

/** A partition that was just assigned. */
export function heldPartition(partition: number): HeldPartition {
  return {
    partition,
    isStarted: false,
    isPaused: false,
    nextOffset: 0n,
    movedAt: performance.now(),
    patienceMs: PATIENCE_MS_MIN,
  };
}

/** Moves it behind a record that came. */
export function moveBehind(state: HeldPartition, offset: number, now: number): void {
  state.nextOffset = BigInt(offset) + 1n;
  state.movedAt = now;
  state.patienceMs = PATIENCE_MS_MIN;
}

/** Looks less often from now on, until a record comes. */
export function losePatience(state: HeldPartition): void {
  state.patienceMs = Math.min(state.patienceMs * 2, PATIENCE_MS_MAX);
}
