/**
 * Rounds over the subscribers of the stream. A round serves each of them once, one slice at a time,
 * with a pause after each slice. In the pauses this process writes rows, and other processes of
 * the machine get their turn: a frame for thousands of viewers delays neither (P13).
 */
import { monotonicNow, type MonotonicClock } from "@tally/shared";

/** The clock and the timers of the rounds. Tests replace both. */
export interface RoundClock {
  readonly now: MonotonicClock;
  /** Makes one call later. Returns a function that cancels it. */
  readonly after: (ms: number, call: () => void) => () => void;
}

/** The clock and the timers of this process. */
export const ROUND_CLOCK: RoundClock = {
  now: monotonicNow,
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

export interface RoundsOptions<M> {
  readonly clock: RoundClock;
  /** The time over which a round with many members is spread, ms. */
  readonly spreadMs: number;
  /** Serves one member. It may remove members. */
  readonly serve: (member: M) => void;
}

/** Pause after a slice, ms; chosen: many times what a slice takes. */
const SLICE_PAUSE_MS = 5;
/** A slice ends after this time, ms; chosen. The members that are left follow in the next ones. */
const SLICE_MS_MAX = 2;
/**
 * Members of a slice. One costs about 26 µs (measured with 2,000 viewers), with what Bun does
 * afterwards to write to its socket: a slice takes half a millisecond to three.
 */
const SLICE_MEMBERS = { min: 20, max: 100 };

/** The members, and the round that is under way, if any. */
export class Rounds<M> {
  readonly #options: RoundsOptions<M>;
  /** Each member with the round that served it last. The one that waits longest comes first. */
  readonly #members = new Map<M, number>();
  #round = 0;
  #cancel: (() => void) | null = null;

  constructor(options: RoundsOptions<M>) {
    this.#options = options;
  }

  get size(): number {
    return this.#members.size;
  }

  /** The members now; the caller may remove them meanwhile. */
  members(): Iterable<M> {
    return this.#members.keys();
  }

  /** Adds a member. The round that is under way does not serve it. */
  add(member: M): void {
    this.#members.set(member, this.#round);
  }

  /** Removes a member. Returns whether it was one. */
  remove(member: M): boolean {
    return this.#members.delete(member);
  }

  /**
   * Begins a round; its first slice is served at once. If a round is under way, it goes on with
   * those that it has not served, and the others follow. So nobody waits for more than two rounds.
   */
  begin(): void {
    this.#round += 1;
    if (this.#cancel === null) this.#serveSlice(SLICE_PAUSE_MS);
  }

  /** Ends the round that is under way; the members that are left are not served. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Serves as many as the time since the last slice asks for, so that late timers catch up. */
  #serveSlice(sinceMs: number): void {
    const { clock, spreadMs, serve } = this.#options;
    const startedMs = clock.now();
    const { min, max } = SLICE_MEMBERS;
    const wanted = Math.ceil((this.#members.size * sinceMs) / spreadMs);
    const membersMax = Math.min(max, Math.max(min, wanted));
    let served = 0;
    this.#cancel = null;
    for (const [member, round] of this.#members) {
      // This one waits longest and has been served: all have.
      if (round === this.#round) return;
      if (served === membersMax || clock.now() - startedMs >= SLICE_MS_MAX) {
        const next = () => this.#serveSlice(clock.now() - startedMs);
        this.#cancel = clock.after(SLICE_PAUSE_MS, next);
        return;
      }
      served += 1;
      // To the end of the order.
      this.#members.delete(member);
      this.#members.set(member, this.#round);
      serve(member);
    }
  }
}
