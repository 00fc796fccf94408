/**
 * The two clocks. Wall time can be set, and then jumps; monotonic time can't. Ages, deadlines and
 * pauses use monotonic time; what is stored, named or shown uses wall time. This is the only file
 * that reads wall time.
 */

/** Milliseconds since 1970. Jumps when the clock of the machine is set. */
export type WallMs = number & { readonly clock?: "wall" };

/** Milliseconds since an unknown moment. Never jumps; comparable within one process only. */
export type MonotonicMs = number & { readonly clock?: "monotonic" };

/** Gives the wall time. The type keeps it apart from a `MonotonicClock`. */
export type WallClock = () => WallMs;

/** Gives the monotonic time. The type keeps it apart from a `WallClock`. */
export type MonotonicClock = () => MonotonicMs;

/** Both clocks, for code that stores times and measures ages. */
export interface Clocks {
  readonly wallNow: WallClock;
  readonly monotonicNow: MonotonicClock;
}

/**
 * Clocks of machines differ. A wall time that lies further in the future than this is from a clock
 * that is wrong.
 */
export const FUTURE_MS_MAX = 5000; // chosen

/** The machine's wall clock. */
export const wallNow: WallClock = () => Date.now();

/** The process's monotonic clock. */
export const monotonicNow: MonotonicClock = () => performance.now();
