/**
 * How long to wait before the next attempt: each failure doubles the pause, up
 * to a maximum, and chance spreads the attempts of many.
 */

/** Pause after the first failure, and the longest one. */
export interface Backoff {
  readonly msMin: number;
  readonly msMax: number;
}

/**
 * Pause before the next attempt, ms.
 *
 * @param failures Failures in a row before the one that just happened; the first one counts 0.
 * @param random 0 to 1: where the pause lies between half and all of it. 1 means no jitter.
 */
export function backoffMs(failures: number, { msMin, msMax }: Backoff, random = 1): number {
  const ceilingMs = Math.min(msMax, msMin * 2 ** Math.min(failures, DOUBLINGS_MAX));
  return ceilingMs * (0.5 + random / 2);
}

/** Keeps the number finite: from 1 ms this many doublings are 12 days. */
const DOUBLINGS_MAX = 30;
