import { describe, expect, test } from "bun:test";
import { createMetrics, type Metrics } from "./metrics.ts";
import { lastingMetrics, sumMetrics, type MetricsSnapshot } from "./metrics_sum.ts";

/** As a snapshot arrives that came from another process. */
async function sent(metrics: Metrics<"ingest">): Promise<MetricsSnapshot> {
  return JSON.parse(JSON.stringify(await metrics.snapshot())) as MetricsSnapshot;
}

function valueOf(text: string, name: string): number {
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

describe("sumMetrics()", () => {
  test("adds counters by label, gauges and buckets when two processes have counted", async () => {
    const [one, other] = [createMetrics("ingest"), createMetrics("ingest")];
    one.ingest_requests_total.inc({ status: 202 }, 3);
    other.ingest_requests_total.inc({ status: 202 }, 4);
    other.ingest_requests_total.inc({ status: 503 });
    one.ingest_in_flight_records.set(5);
    other.ingest_in_flight_records.set(6);
    one.ingest_request_seconds.observe(0.002);
    other.ingest_request_seconds.observe(3);

    const { text } = await sumMetrics([await sent(one), await sent(other)]);

    expect(valueOf(text, 'ingest_requests_total{status="202"}')).toBe(7);
    expect(valueOf(text, 'ingest_requests_total{status="503"}')).toBe(1);
    expect(valueOf(text, "ingest_in_flight_records")).toBe(11);
    expect(valueOf(text, 'ingest_request_seconds_bucket{le="0.001"}')).toBe(0);
    expect(valueOf(text, 'ingest_request_seconds_bucket{le="0.0025"}')).toBe(1);
    expect(valueOf(text, 'ingest_request_seconds_bucket{le="+Inf"}')).toBe(2);
    expect(valueOf(text, "ingest_request_seconds_count")).toBe(2);
    expect(valueOf(text, "ingest_request_seconds_sum")).toBeCloseTo(3.002);
  });

  test("takes the largest of what every process sees of the same topic", async () => {
    const [one, other] = [createMetrics("ingest"), createMetrics("ingest")];
    one.ingest_partitions_unavailable.set(2);
    other.ingest_partitions_unavailable.set(6);

    const { text } = await sumMetrics([await sent(one), await sent(other)]);

    expect(valueOf(text, "ingest_partitions_unavailable")).toBe(6);
  });

  test("adds memory and CPU and keeps the first start", async () => {
    const metrics = createMetrics("ingest");
    const alone = await metrics.expose();

    const { text } = await sumMetrics([await sent(metrics), await sent(metrics)]);

    const memory = valueOf(alone, "process_resident_memory_bytes");
    expect(valueOf(text, "process_resident_memory_bytes")).toBeGreaterThan(1.5 * memory);
    expect(valueOf(text, "process_start_time_seconds")).toBe(
      valueOf(alone, "process_start_time_seconds"),
    );
  });

  test("gives the same text as one process alone when there is one", async () => {
    const metrics = createMetrics("ingest");
    metrics.ingest_events_accepted_total.inc(3);
    metrics.ingest_publish_seconds.observe(0.1);
    const own = (text: string) => text.split("\n").filter((line) => !/\bprocess_/.test(line));

    const { text } = await sumMetrics([await sent(metrics)]);

    expect(own(text)).toEqual(own(await metrics.expose()));
  });

  test("can be added again when its snapshot is one of the next sum", async () => {
    const metrics = createMetrics("ingest");
    metrics.ingest_events_accepted_total.inc(3);
    metrics.ingest_publish_seconds.observe(0.1);
    const one = await sent(metrics);
    const { snapshot } = await sumMetrics([one, one]);

    const { text } = await sumMetrics([snapshot, one]);

    expect(valueOf(text, "ingest_events_accepted_total")).toBe(9);
    expect(valueOf(text, "ingest_publish_seconds_count")).toBe(3);
  });
});

test("lastingMetrics() keeps counters and histograms and no gauge when a process has ended", async () => {
  const [ended, living] = [createMetrics("ingest"), createMetrics("ingest")];
  ended.ingest_events_accepted_total.inc(10);
  ended.ingest_publish_seconds.observe(0.1);
  ended.ingest_in_flight_bytes.set(1000);
  living.ingest_events_accepted_total.inc(1);

  const { text } = await sumMetrics([lastingMetrics(await sent(ended)), await sent(living)]);

  expect(valueOf(text, "ingest_events_accepted_total")).toBe(11);
  expect(valueOf(text, "ingest_publish_seconds_count")).toBe(1);
  expect(valueOf(text, "ingest_in_flight_bytes")).toBe(0);
});
