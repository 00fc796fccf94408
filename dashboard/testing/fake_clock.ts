/** Test support: a clock that only a test moves; it runs the timers that fall due. */
import type { Clock } from "../stream/stream.ts";

export interface FakeClock extends Clock {
  /** Moves forward by this many ms. */
  pass(ms: number): void;
  /** Number of timers that wait. */
  waiting(): number;
}

export function fakeClock(startMs = 1_000_000): FakeClock {
  let nowMs = startMs;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    now: () => nowMs,
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
    waiting: () => timers.length,
  };
}
