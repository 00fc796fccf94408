/** How long the client waits after a failure. */
import type { MonotonicClock } from "@tally/shared/clock";

/** The pause doubles from 1 s up to a minute. */
const BACKOFF_MS_MIN = 1000; // chosen
const BACKOFF_MS_MAX = 60_000; // chosen
/** A longer `Retry-After` is cut to this: it is more likely a mistake than a wish. */
const RETRY_AFTER_MS_MAX = 600_000; // chosen

/** The pause of one client. */
export interface RetryPause {
  /** Time until the next attempt; 0 when there is no pause. */
  leftMs(): number;
  /**
   * Begins one after a failure.
   *
   * @param retryAfterMs What the answer asked for, ms; 0 when it asked for nothing.
   * @returns Its length, ms: never shorter than what was asked for.
   */
  begin(retryAfterMs: number): number;
  /** After a success the next pause is short again. */
  reset(): void;
}

/** @param random 0 to 1: half of each pause is chance, so that many clients do not ask in step. */
export function createRetryPause(now: MonotonicClock, random: () => number): RetryPause {
  let failures = 0;
  let endMs = 0;
  return {
    leftMs: () => Math.max(0, endMs - now()),
    begin(retryAfterMs) {
      const backoffMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** failures++);
      const ms = Math.min(retryAfterMs, RETRY_AFTER_MS_MAX) + (backoffMs * (1 + random())) / 2;
      endMs = now() + ms;
      return ms;
    },
    reset() {
      failures = 0;
    },
  };
}

/** Reads a `Retry-After` of seconds or a date, as ms from now; 0 when it is absent or neither. */
export function readRetryAfter(text: string | null, wallMs: number): number {
  const ms = Number(text) * 1000 || Date.parse(String(text)) - wallMs;
  return ms > 0 ? ms : 0;
}
