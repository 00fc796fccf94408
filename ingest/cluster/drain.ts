/**
 * How fast Kafka takes what waits for it, and so how long what waits now will take. Pure: the clock
 * is a parameter.
 */

/** The rate is that of the last one or two of these. */
const WINDOW_MS = 500; // chosen
/** Before this much time under way the rate is not known. */
const KNOWN_MS = 100; // chosen

/** Bytes that wait for their acknowledgement, and the rate at which they get it. */
export class Drain {
  #waiting = 0;
  #sinceMs = 0;
  #drained = 0;
  #before = { ms: 0, drained: 0 };

  /** Bytes that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Counts bytes that begin to wait. */
  add(bytes: number, nowMs: number): void {
    // A rate over time without work would be too low.
    if (this.#waiting === 0) this.#restart(nowMs, { ms: 0, drained: 0 });
    this.#waiting += bytes;
  }

  /** Counts bytes that wait no more. */
  remove(bytes: number, nowMs: number): void {
    this.#waiting -= bytes;
    this.#drained += bytes;
    const ms = nowMs - this.#sinceMs;
    if (ms >= WINDOW_MS) this.#restart(nowMs, { ms, drained: this.#drained });
  }

  /** How long what waits will take, or null when the rate is not known. */
  msLeft(nowMs: number): number | null {
    const ms = this.#before.ms + nowMs - this.#sinceMs;
    const drained = this.#before.drained + this.#drained;
    if (ms < KNOWN_MS || drained === 0) return null;
    return (this.#waiting * ms) / drained;
  }

  #restart(nowMs: number, before: { readonly ms: number; readonly drained: number }): void {
    this.#sinceMs = nowMs;
    this.#drained = 0;
    this.#before = before;
  }
}
