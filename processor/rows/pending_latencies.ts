/**
 * Latencies that are measured after a commit and stored by the next statement. A
 * crash loses those of one batch: they are figures about the rows, not the rows.
 */
import { countLatency, emptyHistogram } from "@tally/shared";

/** Counts by bucket (`LATENCY_BOUNDS_MS`), none when nothing was measured, and the sum. */
export interface Latencies {
  readonly buckets: readonly number[];
  readonly sumMs: number;
}

const NONE: Latencies = { buckets: [], sumMs: 0 };

/** Latencies that are not stored yet, by partition; of at most one batch per partition. */
export class PendingLatencies {
  readonly #pending = new Map<number, Latencies>();

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

  /** Measures rows that were committed at `committedMs` (since 1970). */
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

  /** Forgets the latencies of a partition that has a new owner. */
  forget(partition: number): void {
    this.#pending.delete(partition);
  }
}
