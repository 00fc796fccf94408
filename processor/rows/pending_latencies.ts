/**
 * Latencies measured behind a commit, which the next statement takes along. A
 * crash loses those of one batch: they are figures about the rows, not the rows.
 */
import { countLatency, emptyHistogram } from "@tally/shared";

/** Counts by bucket (`LATENCY_BOUNDS_MS`), none when empty, and the sum. */
export interface Latencies {
  readonly buckets: readonly number[];
  readonly sumMs: number;
}

const NONE: Latencies = { buckets: [], sumMs: 0 };

/** What waits to be counted, by partition; at most one batch each. */
export class PendingLatencies {
  readonly #pending = new Map<number, Latencies>();

  /** Whether anything waits. */
  has(partition: number): boolean {
    return this.#pending.has(partition);
  }

  /** Takes what waits; the caller counts it or puts it back. */
  take(partition: number): Latencies {
    const latencies = this.#pending.get(partition) ?? NONE;
    this.#pending.delete(partition);
    return latencies;
  }

  /** Gives back what was not counted. */
  putBack(partition: number, latencies: Latencies): void {
    if (latencies !== NONE) this.#pending.set(partition, latencies);
  }

  /** Measures rows that were committed at a time, ms since 1970. */
  measure(partition: number, receivedAt: readonly string[], committedMs: number): void {
    if (receivedAt.length === 0) return;
    const buckets = emptyHistogram();
    let sumMs = 0;
    for (const time of receivedAt) {
      const ms = Math.max(0, committedMs - Date.parse(time));
      countLatency(buckets, ms);
      sumMs += ms;
    }
    this.#pending.set(partition, { buckets, sumMs });
  }

  /** Forgets a partition that has a new owner. */
  forget(partition: number): void {
    this.#pending.delete(partition);
  }
}
