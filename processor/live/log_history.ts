/**
 * What this process has seen of the log's ends: when each offset was written, and how
 * long Kafka keeps a record before it deletes it, whether by age or by size. From that
 * follows how near a waiting record is to being deleted (retention.ts). Times are
 * monotonic, so that no jump of a clock changes an age.
 */
import type { MonotonicMs } from "@tally/shared";
import type { LogLook } from "./lag.ts";

/** Ages of records, ms. */
export interface LogAges {
  /**
   * How long Kafka kept the records that it deleted last. Null before this process saw it delete
   * any; infinite when they were older than what it has seen.
   */
  readonly keptMs: number | null;
  /** How long the record at the position exists; null when it is older than what was seen. */
  readonly waitingMs: number | null;
}

/** The end of a log at one moment. */
interface Sample {
  readonly atMs: MonotonicMs;
  readonly high: bigint;
}

interface Seen {
  /** In order of time; never empty. */
  samples: Sample[];
  spacingMs: number;
  low: bigint;
  keptMs: number | null;
}

/**
 * Samples of one partition. When there are more, every second one is left out: an age is known to
 * within a hundredth of the time that was seen.
 */
const SAMPLES_MAX = 256; // chosen

/** Remembers looks at the log. */
export class LogHistory {
  readonly #seen = new Map<number, Seen>();

  note({ byPartition, monotonicMs: atMs }: LogLook): void {
    for (const [partition, { low, high }] of byPartition) {
      const seen = this.#seen.get(partition);
      if (seen === undefined) {
        this.#seen.set(partition, { samples: [{ atMs, high }], spacingMs: 0, low, keptMs: null });
        continue;
      }
      addSample(seen, { atMs, high });
      if (low > seen.low) seen.keptMs = leastAgeOf(seen, low, atMs);
      seen.low = low;
    }
  }

  /** The ages that decide whether the record at a position will be deleted soon. */
  agesAt(partition: number, position: bigint, nowMs: MonotonicMs): LogAges {
    const seen = this.#seen.get(partition);
    if (seen === undefined) return { keptMs: null, waitingMs: null };
    const { low, keptMs } = seen;
    return {
      // The first record of the log was not deleted yet, so records are kept at least that long.
      keptMs: keptMs === null ? null : Math.max(keptMs, leastAgeOf(seen, low, nowMs)),
      waitingMs: greatestAgeOf(seen, position, nowMs),
    };
  }
}

/** The last sample is always the newest; those before it lie at least `spacingMs` apart. */
function addSample(seen: Seen, sample: Sample): void {
  const { samples } = seen;
  const last = samples.at(-1);
  const isClose = sample.atMs - (samples.at(-2)?.atMs ?? -Infinity) < seen.spacingMs;
  if (last?.high === sample.high || isClose) samples.pop();
  samples.push(sample);
  if (samples.length <= SAMPLES_MAX) return;
  seen.samples = samples.filter((_, index) => index % 2 === 0 || index === samples.length - 1);
  const [first] = seen.samples;
  seen.spacingMs = (sample.atMs - (first?.atMs ?? 0)) / (SAMPLES_MAX / 2);
}

/** The least age that a record can have; infinite when it is older than all samples. */
function leastAgeOf({ samples }: Seen, offset: bigint, nowMs: MonotonicMs): number {
  const after = samples.findIndex(({ high }) => high > offset);
  if (after === 0) return Infinity;
  return after < 0 ? 0 : nowMs - (samples[after]?.atMs ?? nowMs);
}

/** The greatest age that a record can have, or null when it is older than all samples. */
function greatestAgeOf({ samples }: Seen, offset: bigint, nowMs: MonotonicMs): number | null {
  const before = samples.findLast(({ high }) => high <= offset);
  return before === undefined ? null : nowMs - before.atMs;
}
