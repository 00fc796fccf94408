/** Test support: a clock that only a test moves; it runs the timers that fall due. */
import type { Clock } from "../stream/stream.ts";

export interface FakeClock extends Clock {
  /** Moves forward by this many ms. */
  pass(ms: number): void;
  /** Sets the time of day; the monotonic time stays. */
  set(byMs: number): void;
  /** Number of timers that wait. */
  waiting(): number;
}

/** The time of day at monotonic time 0. */
const WALL_MS = Date.parse("2026-01-31T07:00:00.000Z");

export function fakeClock(startMs = 1_000_000): FakeClock {
  let nowMs = startMs;
  let wrongMs = WALL_MS;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    now: () => nowMs,
    wallNow: () => nowMs + wrongMs,
    after: (ms, run) => {
      const timer = { atMs: nowMs + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    pass: (ms) => {
      const endMs = nowMs + ms;
      for (;;) {
        const due = timers.filter((timer) => timer.atMs <= endMs);
        const next = due.toSorted((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        timers = timers.filter((timer) => timer !== next);
        nowMs = next.atMs;
        next.run();
      }
      nowMs = endMs;
    },
    set: (byMs) => {
      wrongMs += byMs;
    },
    waiting: () => timers.length,
  };
}
