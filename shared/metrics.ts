/**
 * Every metric of the system, one row per metric. To add one, add a row here: services get
 * typed handles from these rows. Label values are bounded, never ids or messages.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { MetricsSnapshot } from "./metrics_sum.ts";
import { addProcessMetrics } from "./process_metrics.ts";

/** One metric: a row of the table. */
export interface MetricRow {
  readonly type: "counter" | "gauge" | "histogram";
  readonly labels: readonly string[];
  readonly help: string;
  /** Upper bounds of a histogram's buckets, in the unit of its name. */
  readonly buckets?: readonly number[];
  /** How the values of several processes become one; their sum when absent. */
  readonly aggregator?: "max";
}

// From 1 ms to 10 s: a publish on one machine takes 2 to 20 ms, the deadline is 10 s.
const SECONDS_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

/** The rows of both services; a name consists of service, noun and unit. */
export const METRICS = {
  ingest_requests_total: {
    type: "counter",
    labels: ["status"],
    help: "Answers of POST /events by status.",
  },
  ingest_request_seconds: {
    type: "histogram",
    labels: [],
    buckets: SECONDS_BUCKETS,
    help: "Time from a request to its answer.",
  },
  ingest_events_accepted_total: {
    type: "counter",
    labels: [],
    help: "Events answered with 202: stored by all in-sync replicas.",
  },
  ingest_timestamps_replaced_total: {
    type: "counter",
    labels: [],
    help: "Accepted events whose `ts` was outside the allowed time and was replaced by the receive time.",
  },
  ingest_events_rejected_total: {
    type: "counter",
    labels: ["code"],
    help: "Events that break a rule, by code.",
  },
  ingest_rejected_published_total: {
    type: "counter",
    labels: [],
    help: "Rejected events that were published to become dead letters.",
  },
  ingest_rejected_left_out_total: {
    type: "counter",
    labels: [],
    help: "Rejected events that became no dead letter: their key had used up INGEST_REJECTED_BYTES_PER_SECOND_MAX.",
  },
  ingest_events_unknown_total: {
    type: "counter",
    labels: [],
    help: "Events of requests answered 503 after they were handed to Kafka.",
  },
  ingest_publish_seconds: {
    type: "histogram",
    labels: [],
    buckets: SECONDS_BUCKETS,
    help: "Time from a request's hand-over to Kafka to its last delivery report.",
  },
  ingest_unavailable_total: {
    type: "counter",
    labels: ["code"],
    help: "Requests refused with 503, by cause.",
  },
  ingest_in_flight_requests: {
    type: "gauge",
    labels: [],
    help: "Requests being read, checked or published.",
  },
  ingest_in_flight_bytes: {
    type: "gauge",
    labels: [],
    help: "Bytes of records handed to Kafka without a delivery report.",
  },
  ingest_in_flight_records: {
    type: "gauge",
    labels: [],
    help: "Records handed to Kafka without a delivery report.",
  },
  ingest_partitions_unavailable: {
    type: "gauge",
    labels: [],
    help: "Partitions of the topic that store no events now; their requests get 503.",
    aggregator: "max",
  },
  ingest_processes: {
    type: "gauge",
    labels: [],
    help: "Processes that take requests; below `INGEST_PROCESSES` one is being replaced.",
  },
  ingest_processes_ended_total: {
    type: "counter",
    labels: [],
    help: "Processes of several that ended without having been asked to, and were replaced.",
  },
  processor_records_total: {
    type: "counter",
    labels: ["sink"],
    help: "Records this process took from the log and finished.",
  },
  processor_rows_total: { type: "counter", labels: [], help: "Rows this process inserted." },
  processor_duplicates_total: {
    type: "counter",
    labels: [],
    help: "Records whose event was already a row.",
  },
  processor_duplicates_pruned_total: {
    type: "counter",
    labels: [],
    help: "Old duplicates that this process removed from the list; their count is kept.",
  },
  processor_dead_letters_total: {
    type: "counter",
    labels: ["code"],
    help: "Records set aside, by code.",
  },
  processor_dead_letters_resent_total: {
    type: "counter",
    labels: ["code"],
    help: "Dead letters that this process sent again, by code.",
  },
  processor_resends_ended_total: {
    type: "counter",
    labels: ["outcome"],
    help: "Resent dead letters by outcome: stored as a row, dead again, or deleted from the log before they were read.",
  },
  processor_archived_events_total: {
    type: "counter",
    labels: [],
    help: "Archive lines this process confirmed.",
  },
  processor_archived_objects_total: {
    type: "counter",
    labels: [],
    help: "Archive objects this process confirmed.",
  },
  processor_batches_closed_total: {
    type: "counter",
    labels: ["sink", "reason"],
    help: "Batches, by the reason they were closed.",
  },
  processor_write_seconds: {
    type: "histogram",
    labels: ["sink"],
    buckets: SECONDS_BUCKETS,
    help: "Duration of one write; for rows this includes decoding.",
  },
  processor_write_errors_total: {
    type: "counter",
    labels: ["sink", "code"],
    help: "Writes that failed and were retried, by code.",
  },
  processor_fence_hits_total: {
    type: "counter",
    labels: ["sink"],
    help: "Writes refused because the position had moved.",
  },
  processor_other_groups: {
    type: "gauge",
    labels: [],
    help: "Group prefixes of other processors that work on the same tables; above 0 each record is processed more than once.",
  },
  processor_stalls_total: {
    type: "counter",
    labels: ["sink"],
    help: "Partitions that delivered nothing although the log had records, and got a new fetcher.",
  },
  processor_offset_gaps_total: {
    type: "counter",
    labels: ["sink"],
    help: "Ranges of offsets without a record: transaction markers, aborted, compacted or deleted records; how long they are is in `offset_gaps`.",
  },
  processor_lost_records_total: {
    type: "counter",
    labels: ["partition"],
    help: "Records that Kafka deleted before they were read, found by this process.",
  },
  processor_unacknowledged_lost_records: {
    type: "gauge",
    labels: ["partition"],
    help: "Records that Kafka deleted before they were read, and that no operator has acknowledged (`bun run positions acknowledge`).",
  },
  processor_rebalances_total: {
    type: "counter",
    labels: ["sink"],
    help: "Assignments and revocations of partitions.",
  },
  processor_paused: {
    type: "gauge",
    labels: ["sink"],
    help: "1 while the sink waits for a dependency, else 0.",
  },
  processor_partitions_stopped: {
    type: "gauge",
    labels: ["sink"],
    help: "Partitions that wait for an operator.",
  },
  processor_lag_records: {
    type: "gauge",
    labels: ["sink", "partition"],
    help: "High watermark minus position.",
  },
  processor_lag_seconds: {
    type: "gauge",
    labels: ["sink", "partition"],
    help: "Upper bound of the age of the oldest record that the sink has not written; 0 without lag.",
  },
  processor_retention_left_records: {
    type: "gauge",
    labels: ["sink", "partition"],
    help: "Position minus the first offset of the log: at 0 the log deletes records that are not written.",
  },
  processor_retention_alarms: {
    type: "gauge",
    labels: ["sink"],
    help: "Partitions whose next record to write has half of the age at which Kafka deletes records.",
  },
  processor_oldest_unarchived_seconds: {
    type: "gauge",
    labels: [],
    help: "Age of the oldest stored event without an archive line.",
  },
  processor_unavailable_total: {
    type: "counter",
    labels: ["code"],
    help: "Queries and streams refused with 503, by cause.",
  },
  processor_subscribers: { type: "gauge", labels: [], help: "Open streams." },
  processor_subscribers_disconnected_total: {
    type: "counter",
    labels: ["reason"],
    help: "Streams closed by the server.",
  },
  processor_dead_letters_unpublished: {
    type: "gauge",
    labels: [],
    help: "Dead letters not yet on the DLQ topic.",
  },
} as const satisfies Record<string, MetricRow>;

type Rows = typeof METRICS;
type Label<N extends keyof Rows> = Rows[N]["labels"][number];
type Handle<N extends keyof Rows> = Rows[N]["type"] extends "counter"
  ? Counter<Label<N>>
  : Rows[N]["type"] extends "gauge"
    ? Gauge<Label<N>>
    : Histogram<Label<N>>;

/** The metrics of one service, keyed by their full names. */
export type Metrics<S extends "ingest" | "processor"> = {
  readonly [N in keyof Rows as N extends `${S}_${string}` ? N : never]: Handle<N>;
} & {
  /** All metrics in the text format of Prometheus. */
  readonly expose: () => Promise<string>;
  /** Content type of that text. */
  readonly contentType: string;
  /** All metrics as data, for another process. */
  readonly snapshot: () => Promise<MetricsSnapshot>;
};

/** Creates the metrics of one service, in a registry of their own: tests don't share counts. */
export function createMetrics<S extends "ingest" | "processor">(service: S): Metrics<S> {
  const registry = new Registry();
  addProcessMetrics(registry);
  const handles: Record<string, unknown> = {
    expose: () => registry.metrics(),
    contentType: registry.contentType,
    snapshot: () => registry.getMetricsAsJSON(),
  };
  for (const [name, row] of Object.entries<MetricRow>(METRICS)) {
    if (!name.startsWith(`${service}_`)) continue;
    const { help } = row;
    const aggregator: "sum" | "max" = row.aggregator ?? "sum";
    const shape = { name, help, aggregator, labelNames: [...row.labels], registers: [registry] };
    if (row.type === "counter") handles[name] = new Counter(shape);
    else if (row.type === "gauge") handles[name] = new Gauge(shape);
    else
      handles[name] = new Histogram({ ...shape, buckets: [...(row.buckets ?? SECONDS_BUCKETS)] });
  }
  return handles as Metrics<S>;
}
