/**
 * The order in which whole bodies are judged. A process does little at a time and lets Kafka's
 * reports, new connections and refusals come between; what is more than that waits in its order,
 * and the wait is known, so that a request can be refused before it would be too long.
 */
import type { MonotonicClock } from "@tally/shared";

/** Work at a stretch, ms; about six bodies of 500 events. */
export const STRETCH_MS = 25; // chosen
/** Longest wait: an answer is wanted within a second, and Kafka needs its part of it. */
export const WAIT_MS_MAX = 300; // chosen
/** One piece of work counts for this much at most: a machine that stood still is no overload. */
const PIECE_MS_MAX = 50; // chosen
/** How much the newest piece counts in the pace. */
const NEWEST = 0.05; // chosen
/** The first pieces of a process are slow, as its code is cold: they say nothing of its pace. */
const PIECES_MIN = 100; // chosen

interface Piece {
  readonly bytes: number;
  readonly begin: () => void;
}

export interface WorkQueueOptions {
  readonly now: MonotonicClock;
  /** Runs an action once, after everything that is ready now. */
  readonly afterTurn: (action: () => void) => void;
  /** Bytes that may wait, whatever the pace: they are held in memory, decompressed. */
  readonly bytesMax: number;
}

/** Work that waits, and how long it will. */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #afterTurn = () => this.#goOn();
  #waiting: Piece[] = [];
  #bytes = 0;
  /** Work since the last turn. */
  #ms = 0;
  #isTurnAwaited = false;
  /** Means of the latest pieces. */
  #meanMs = 0;
  #meanBytes = 1;
  #pieces = 0;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Whether work that comes now would wait for too long, or beside too much. */
  get isFull(): boolean {
    return this.waitMs > WAIT_MS_MAX || this.#bytes >= this.#options.bytesMax;
  }

  /** How long work that comes now would wait; 0 while the pace is not known. */
  get waitMs(): number {
    if (this.#pieces < PIECES_MIN) return 0;
    return (this.#bytes * this.#meanMs) / this.#meanBytes;
  }

  /**
   * Does work of this size now, or in its turn.
   *
   * @param bytes Its size, by which its time is estimated.
   */
  run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    // Work waits only when the stretch is over: nothing passes what waits.
    if (this.#ms < STRETCH_MS) return this.#do(bytes, work);
    this.#bytes += bytes;
    return new Promise((resolve) => {
      this.#waiting.push({ bytes, begin: () => resolve(this.#do(bytes, work)) });
    });
  }

  #do<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const { now, afterTurn } = this.#options;
    const startedMs = now();
    // Only what it does until its first wait is work of this process.
    const outcome = work();
    const ms = Math.min(PIECE_MS_MAX, now() - startedMs);
    this.#ms += ms;
    this.#pieces += 1;
    this.#meanMs += (ms - this.#meanMs) * NEWEST;
    this.#meanBytes += (bytes - this.#meanBytes) * NEWEST;
    if (!this.#isTurnAwaited) afterTurn(this.#afterTurn);
    this.#isTurnAwaited = true;
    return outcome;
  }

  #goOn(): void {
    this.#isTurnAwaited = false;
    this.#ms = 0;
    let done = 0;
    while (done < this.#waiting.length && this.#ms < STRETCH_MS) {
      const piece = this.#waiting[done++];
      if (piece === undefined) break;
      this.#bytes -= piece.bytes;
      piece.begin();
    }
    if (done > 0) this.#waiting = this.#waiting.slice(done);
  }
}
