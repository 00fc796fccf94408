/**
 * One round of questions at a time. A caller who joins during a round gets the answer of the
 * next one, which begins after it: no answer is older than its question, and many questions
 * cost no more than two rounds.
 */

/** Runs `round` for its callers. */
export class Rounds<T> {
  readonly #round: () => Promise<T>;
  #running: Promise<T> | null = null;
  #next: Promise<T> | null = null;

  constructor(round: () => Promise<T>) {
    this.#round = round;
  }

  /** The outcome of a round that begins now or later. */
  join(): Promise<T> {
    if (this.#next !== null) return this.#next;
    if (this.#running === null) return this.#begin();
    const begin = (): Promise<T> => this.#begin();
    this.#next = this.#running.then(begin, begin);
    return this.#next;
  }

  #begin(): Promise<T> {
    this.#next = null;
    this.#running = this.#round().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }
}
