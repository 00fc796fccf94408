/** Histograms of latencies: how much time a share of the requests took at most. */
import { build, type Histogram } from "hdr-histogram-js";

/** Latencies in whole microseconds, each kept to three significant digits. */
export type LatencyHistogram = Histogram;

/** One hour in µs: no latency is longer, as an answer is waited for some seconds. */
const LATENCY_US_MAX = 3_600_000_000;

/** Makes an empty histogram. */
export function createLatencyHistogram(): LatencyHistogram {
  return build({ highestTrackableValue: LATENCY_US_MAX, numberOfSignificantValueDigits: 3 });
}

/** Records one latency. */
export function recordMs(histogram: LatencyHistogram, ms: number): void {
  histogram.recordValue(Math.round(ms * 1000));
}

/** The latency, ms, that this percentage (0..100) of the requests did not exceed. */
export function percentileMs(histogram: LatencyHistogram, percentage: number): number {
  return histogram.getValueAtPercentile(percentage) / 1000;
}
