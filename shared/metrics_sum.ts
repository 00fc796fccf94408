/**
 * The metrics of several processes as those of one service. Counters and histograms of a
 * process that has ended are kept, because a sum that falls would look like a restart.
 */
import { AggregatorRegistry, type Registry } from "prom-client";

/** The values of one process at one time; plain data that can be sent to another process. */
export type MetricsSnapshot = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

/** Adds up the metrics of several processes; a row of metrics.ts may ask for the largest value. */
export async function sumMetrics(snapshots: readonly MetricsSnapshot[]): Promise<{
  /** In the text format of Prometheus. */
  readonly text: string;
  readonly snapshot: MetricsSnapshot;
}> {
  const registry = AggregatorRegistry.aggregate([...snapshots]);
  return { text: await registry.metrics(), snapshot: await registry.getMetricsAsJSON() };
}

/** What stays true of a process that has ended: all but its gauges. */
export function lastingMetrics(snapshot: MetricsSnapshot): MetricsSnapshot {
  // The library's types call the types numbers, and they are words.
  return snapshot.filter(({ type }) => String(type) !== "gauge");
}
