/** A hub whose rounds run only when a test says so. Test support. */
import type { RoundClock } from "../rounds.ts";
import type { HubOptions } from "../stream.ts";

/** A clock and timers that a test moves. */
export class FakeRoundClock implements RoundClock {
  nowMs = 1000;
  readonly #timers = new Set<{ readonly atMs: number; readonly call: () => void }>();

  readonly now = (): number => this.nowMs;

  readonly after = (ms: number, call: () => void): (() => void) => {
    const timer = { atMs: this.nowMs + ms, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Number of timers that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets time pass; timers that are due are called in time, in their order. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > endMs) break;
      this.#timers.delete(next);
      // A call may have taken time.
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.call();
    }
    this.nowMs = Math.max(this.nowMs, endMs);
  }
}

/** Options of a small hub. */
export function hubOptions(options: Partial<HubOptions> = {}): HubOptions {
  return {
    subscribersMax: 3,
    subscriberBytesMax: 1000,
    retryMs: 1500,
    intervalMs: 1000,
    clock: new FakeRoundClock(),
    ...options,
  };
}
