/**
 * What a frame shows, as Prometheus' gauges; what is not known has no value, rather than an old
 * one.
 */
import type { Metrics, MetricsFrame } from "@tally/shared";

/** Sets the gauges of a frame. */
export function showFrame(
  metrics: Pick<
    Metrics<"processor">,
    "processor_lag_records" | "processor_oldest_unarchived_seconds"
  >,
  { partitions, archive }: Pick<MetricsFrame, "partitions" | "archive">,
): void {
  const lagRecords = metrics.processor_lag_records;
  for (const { partition, lag, archiveLag } of partitions) {
    for (const [sink, records] of [["postgres", lag] as const, ["archive", archiveLag] as const]) {
      if (records === null) lagRecords.remove({ sink, partition });
      else lagRecords.set({ sink, partition }, records);
    }
  }
  const oldest = metrics.processor_oldest_unarchived_seconds;
  if (archive.oldestUnarchivedSeconds === null) oldest.remove({});
  else oldest.set(archive.oldestUnarchivedSeconds);
}
