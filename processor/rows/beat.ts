/**
 * How often batches close for want of company. Those of all partitions close at the
 * same moments, so that they share a statement. While statements take long there are
 * fewer of them, with more rows: a row then costs half as much (docs/performance.md).
 */

/** The time between two statements is at least this many times what one takes. */
const SPACING = 2; // chosen
/** Longest beat, in shortest ones. A power of two, so that long and short beats meet. */
const GROWTH_MAX = 4; // chosen
/** Share of the newest statement in the average. */
const NEWEST_SHARE = 0.2; // chosen

export class Beat {
  readonly #shortestMs: number;
  #statementMs = 0;
  #ms: number;

  /** @param shortestMs Time between two statements while they take little time; 0 or more. */
  constructor(shortestMs: number) {
    this.#shortestMs = shortestMs;
    this.#ms = shortestMs;
  }

  /** Time between two beats now. */
  get ms(): number {
    return this.#ms;
  }

  /** Learns how long a statement of several batches took. */
  note(statementMs: number): void {
    this.#statementMs += (statementMs - this.#statementMs) * NEWEST_SHARE;
    const longestMs = this.#shortestMs * GROWTH_MAX;
    let ms = this.#shortestMs;
    while (ms < longestMs && ms < this.#statementMs * SPACING) ms *= 2;
    this.#ms = ms;
  }
}
