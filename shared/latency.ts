/**
 * Latency histograms that can be added: fixed buckets, so that the counts of
 * several partitions, processes and times make one histogram by addition.
 */

// 1 ms to about 1 hour in steps of 15 %: 110 buckets, an error of at most 15 %.
const GROWTH = 1.15;
const BUCKETS = 110;

/** Upper bounds in ms, ascending; the last bucket counts everything above, too. */
export const LATENCY_BOUNDS_MS: readonly number[] = Array.from(
  { length: BUCKETS },
  (_, index) => GROWTH ** index,
);

/** A histogram without counts. */
export function emptyHistogram(): number[] {
  return Array.from({ length: BUCKETS }, () => 0);
}

/** Counts one latency; negative ones (clocks differ) count as the shortest. */
export function countLatency(histogram: number[], ms: number): void {
  const index = ms <= 1 ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log(ms) / Math.log(GROWTH)));
  histogram[index] = (histogram[index] ?? 0) + 1;
}

/**
 * The latency in ms below which a share (0..1) of the counts lies, rounded up to the upper bound
 * of its bucket; null without counts.
 */
export function percentile(histogram: readonly number[], share: number): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  for (const [index, count] of histogram.entries()) {
    seen += count;
    if (seen >= total * share) return LATENCY_BOUNDS_MS[index] ?? null;
  }
  return null;
}
