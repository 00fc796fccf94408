/**
 * What became of each event that the load test sent, by its number: the side of
 * the comparison that knows what was promised.
 */

/** Not sent, got a 202, got a 4xx, or nobody knows (5xx, timeout, broken connection). */
export type Outcome = "unsent" | "accepted" | "rejected" | "unknown";

const OUTCOMES: readonly Outcome[] = ["unsent", "accepted", "rejected", "unknown"];

/** Events of one run with their outcomes; grows as they are sent. */
export class Ledger {
  #codes = new Uint8Array(1 << 16);
  readonly #counts: Record<Outcome, number> = { unsent: 0, accepted: 0, rejected: 0, unknown: 0 };
  /** One above the highest number written down. */
  total = 0;

  /** Writes down the outcome of `count` events from `first` on; each number once. */
  set(outcome: Outcome, range: { first: number; count: number }): void {
    const end = range.first + range.count;
    if (end > this.#codes.length) this.#grow(end);
    this.#codes.fill(OUTCOMES.indexOf(outcome), range.first, end);
    this.#counts[outcome] += range.count;
    this.total = Math.max(this.total, end);
  }

  /** Turns one accepted event of a batch into a rejected one. */
  reject(number: number): void {
    this.#codes[number] = OUTCOMES.indexOf("rejected");
    this.#counts.accepted -= 1;
    this.#counts.rejected += 1;
  }

  /** The outcome of one event. */
  outcomeOf(number: number): Outcome {
    return OUTCOMES[this.#codes[number] ?? 0] ?? "unsent";
  }

  /** How many events have an outcome. */
  count(outcome: Outcome): number {
    return this.#counts[outcome];
  }

  /** Events that may have reached the service. */
  get sent(): number {
    return this.#counts.accepted + this.#counts.rejected + this.#counts.unknown;
  }

  #grow(length: number): void {
    const codes = new Uint8Array(Math.max(length, this.#codes.length * 2));
    codes.set(this.#codes);
    this.#codes = codes;
  }
}
