/**
 * The figures of a frame as Prometheus gauges, and the hub's subscribers as metrics. A
 * figure that is not known has no value, rather than an old one.
 */
import type { Metrics, MetricsFrame, PartitionFrame, SinkName } from "@tally/shared";
import type { HubOptions } from "./stream.ts";

/** Sets the gauges of a frame. */
export function showFrame(
  metrics: Metrics<"processor">,
  { partitions, archive }: Pick<MetricsFrame, "partitions" | "archive">,
): void {
  for (const sink of SINKS) {
    for (const frame of partitions) showPlace(metrics, sink, frame);
    const near = partitions.filter(({ nearsRetention }) => nearsRetention.includes(sink));
    metrics.processor_retention_alarms.set({ sink }, near.length);
  }
  for (const { partition, lostRecords } of partitions) {
    metrics.processor_unacknowledged_lost_records.set({ partition }, lostRecords);
  }
  const oldest = metrics.processor_oldest_unarchived_seconds;
  if (archive.oldestUnarchivedSeconds === null) oldest.remove({});
  else oldest.set(archive.oldestUnarchivedSeconds);
}

const SINKS = ["postgres", "archive"] as const satisfies readonly SinkName[];

function showPlace(metrics: Metrics<"processor">, sink: SinkName, frame: PartitionFrame): void {
  const { partition, logStart } = frame;
  const [position, lag, seconds] =
    sink === "postgres"
      ? [frame.stored, frame.lag, frame.lagSeconds]
      : [frame.archived, frame.archiveLag, frame.archiveLagSeconds];
  const left =
    position === null || logStart === null ? null : Number(BigInt(position) - BigInt(logStart));
  const values = [
    [metrics.processor_lag_records, lag],
    [metrics.processor_lag_seconds, seconds],
    [metrics.processor_retention_left_records, left],
  ] as const;
  for (const [gauge, value] of values) {
    if (value === null) gauge.remove({ sink, partition });
    else gauge.set({ sink, partition }, value);
  }
}

/** Callbacks of the hub that count subscribers. */
export function countSubscribers(
  metrics: Metrics<"processor">,
): Pick<HubOptions, "onSubscribers" | "onDisconnected"> {
  return {
    onSubscribers: (subscribers) => metrics.processor_subscribers.set(subscribers),
    onDisconnected: (reason) => metrics.processor_subscribers_disconnected_total.inc({ reason }),
  };
}
