/** Counts what a pipeline has written, in the metrics of the processor. */
import type { Metrics } from "@tally/shared";
import type { Sink, Written } from "./pipeline/sink.ts";

/** Counts one write. What was stored before, by an earlier attempt or owner, counts once. */
export function countWritten(
  metrics: Metrics<"processor">,
  sink: Sink["name"],
  written: Written,
): void {
  const { batch, events, duplicates, deadLetters, already } = written;
  metrics.processor_batches_closed_total.inc({ sink, reason: batch.reason });
  if (already) return;
  metrics.processor_records_total.inc({ sink }, batch.records.length);
  if (sink === "archive") {
    metrics.processor_archived_events_total.inc(events);
    if (events > 0) metrics.processor_archived_objects_total.inc();
    return;
  }
  metrics.processor_rows_total.inc(events);
  if (duplicates > 0) metrics.processor_duplicates_total.inc(duplicates);
  for (const code of deadLetters) metrics.processor_dead_letters_total.inc({ code });
}
