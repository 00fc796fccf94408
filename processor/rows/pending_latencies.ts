/**
 * Latencies that are measured after a commit and stored by the next statement. A
 * crash loses those of one batch: they are figures about the rows, not the rows.
 */
import {
  countLatency,
  emptyHistogram,
  FUTURE_MS_MAX,
  isReceiveTime,
  type Clocks,
} from "@tally/shared";

/** Counts by bucket (`LATENCY_BOUNDS_MS`), none when nothing was measured, and the sum. */
export interface Latencies {
  readonly buckets: readonly number[];
  readonly sumMs: number;
}

const NONE: Latencies = { buckets: [], sumMs: 0 };

/** Latencies that are not stored yet, by partition; of at most one batch per partition. */
export class PendingLatencies {
  readonly #pending = new Map<number, Latencies>();
  readonly #clocks: Clocks;
  readonly #startOffsetMs: number;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
    this.#startOffsetMs = clocks.wallNow() - clocks.monotonicNow();
  }

  has(partition: number): boolean {
    return this.#pending.has(partition);
  }

  /** Takes the latencies of a partition; the caller stores them or puts them back. */
  take(partition: number): Latencies {
    const latencies = this.#pending.get(partition) ?? NONE;
    this.#pending.delete(partition);
    return latencies;
  }

  /** Puts back latencies that were not stored. */
  putBack(partition: number, latencies: Latencies): void {
    if (latencies !== NONE) this.#pending.set(partition, latencies);
  }

  /**
   * Measures rows that have just been committed. Two clocks count: the wall clock, and the wall
   * time of the start plus the monotonic time since. They differ after the wall clock has jumped.
   * Nothing says which is right, so the shorter latency counts that is not negative.
   */
  measure(partition: number, receivedAt: readonly string[]): void {
    if (receivedAt.length === 0) return;
    const wallMs = this.#clocks.wallNow();
    // Whole: the sum is stored as a bigint.
    const steadyMs = Math.round(this.#clocks.monotonicNow() + this.#startOffsetMs);
    const earlyMs = Math.min(wallMs, steadyMs);
    const lateMs = Math.max(wallMs, steadyMs);
    const buckets = emptyHistogram();
    let sumMs = 0;
    for (const time of receivedAt) {
      const receivedMs = Date.parse(time);
      if (!isReceiveTime(receivedMs)) continue;
      const committedMs = receivedMs <= earlyMs + FUTURE_MS_MAX ? earlyMs : lateMs;
      const ms = Math.max(0, committedMs - receivedMs);
      countLatency(buckets, ms);
      sumMs += ms;
    }
    this.#pending.set(partition, { buckets, sumMs });
  }

  /** Forgets the latencies of a partition that has a new owner. */
  forget(partition: number): void {
    this.#pending.delete(partition);
  }
}
