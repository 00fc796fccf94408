/** What a pipeline counts, on a topic and a sink in memory. */
import { expect, test } from "bun:test";
import { PipelineError, silentLog, type Log } from "@tally/shared";
import { FakeTopic, FakeSink, eventOf, startFakePipeline, until } from "./testing/pipeline.ts";
import { recordHash } from "./record_hash.ts";

test("processor_rebalances_total counts assignments and revocations", async () => {
  const topic = new FakeTopic();
  const { metrics } = await startFakePipeline(topic, new FakeSink());

  const assigned = await metrics.expose();
  await topic.handlers?.onRevoke([0], false);

  expect(assigned).toContain('processor_rebalances_total{sink="postgres"} 1');
  expect(await metrics.expose()).toContain('processor_rebalances_total{sink="postgres"} 2');
});

test("processor_partitions_stopped counts partitions that wait for an operator, until they are revoked", async () => {
  const [topic, sink] = [new FakeTopic(), new FakeSink()];
  topic.add(0, eventOf("other"), eventOf("next"));
  const lastHash = recordHash(eventOf("a"));
  sink.positions.set(0, { nextOffset: 1n, lastHash, plannedLastOffsets: [], stopped: null });
  const { pipeline, metrics } = await startFakePipeline(topic, sink);

  await until(() => pipeline.stopped().size === 1);
  const stopped = await metrics.expose();
  await topic.handlers?.onRevoke([0], false);

  expect(stopped).toContain('processor_partitions_stopped{sink="postgres"} 1');
  expect(await metrics.expose()).toContain('processor_partitions_stopped{sink="postgres"} 0');
});

test("processor_stalls_total counts partitions that stood still", async () => {
  const [topic, sink] = [new FakeTopic(), new FakeSink()];
  const { metrics } = await startFakePipeline(topic, sink);

  topic.handlers?.onStalled(0);

  expect(await metrics.expose()).toContain('processor_stalls_total{sink="postgres"} 1');
});

test("processor_offset_gaps_total counts a gap below the start of the log", async () => {
  const [topic, sink] = [new FakeTopic(), new FakeSink()];
  topic.add(0, eventOf("a"), eventOf("b"), eventOf("c"));
  Object.assign(topic.consumer, { watermarks: async () => ({ low: 2n, high: 3n }) });
  sink.positions.set(0, { nextOffset: 0n, lastHash: null, plannedLastOffsets: [], stopped: null });

  const { metrics, seen } = await startFakePipeline(topic, sink);
  await until(() => seen.written === 1);

  expect(sink.stored).toEqual(["c"]);
  expect(await metrics.expose()).toContain('processor_offset_gaps_total{sink="postgres"} 1');
});

test("processor_lost_records_total counts what Kafka deleted before it was read, with one log line", async () => {
  const [topic, sink] = [new FakeTopic(), new FakeSink()];
  topic.add(0, eventOf("a"), eventOf("b"), eventOf("c"));
  Object.assign(topic.consumer, { watermarks: async () => ({ low: 2n, high: 3n }) });
  sink.positions.set(0, { nextOffset: 0n, lastHash: null, plannedLastOffsets: [], stopped: null });
  const errors: unknown[] = [];
  const log = { ...silentLog(), error: (fields: unknown) => errors.push(fields) } as unknown as Log;

  const { metrics, seen } = await startFakePipeline(topic, sink, { log });
  await until(() => seen.written === 1);

  expect(await metrics.expose()).toContain('processor_lost_records_total{partition="0"} 2');
  expect(errors).toEqual([
    { sink: "postgres", partition: 0, firstOffset: 0n, lastOffset: 1n, records: 2 },
  ]);
});

test("processor_lost_records_total does not count holes in the log", async () => {
  const [topic, sink] = [new FakeTopic(), new FakeSink()];
  topic.add(0, eventOf("a"));
  topic.marks = { ends: new Map([[0, 3n]]), jumps: new Map() };

  const { metrics, seen } = await startFakePipeline(topic, sink);
  await until(() => seen.written === 1 && sink.positions.get(0)?.nextOffset === 3n);

  const text = await metrics.expose();
  expect(text).toContain('processor_offset_gaps_total{sink="postgres"} 1');
  expect(text).not.toMatch(/^processor_lost_records_total\{/m);
});

test("processor_paused is 1 while the sink waits, and processor_write_seconds counts what was written", async () => {
  const [topic, sink] = [new FakeTopic(), new FakeSink()];
  topic.add(0, eventOf("a"));
  sink.failures.push(
    ...Array.from({ length: 3 }, () => new PipelineError("database_unavailable", "away")),
  );

  const { metrics, seen } = await startFakePipeline(topic, sink);
  await until(() => seen.failures.length > 0);
  const waiting = await metrics.expose();
  sink.failures.length = 0;
  await until(() => seen.written === 1);

  expect(waiting).toContain('processor_paused{sink="postgres"} 1');
  const text = await metrics.expose();
  expect(text).toContain('processor_paused{sink="postgres"} 0');
  expect(text).toContain('processor_write_seconds_count{sink="postgres"} 1');
});

test("processor_paused returns to 0 without a further record when bookkeeping was refused", async () => {
  const [topic, sink] = [new FakeTopic(), new FakeSink()];
  topic.add(0, eventOf("a"));
  sink.idleFailures.push(new PipelineError("database_unavailable", "away"));

  const { metrics, seen } = await startFakePipeline(topic, sink);
  await until(() => seen.failures.length === 2);

  expect(seen.failures).toEqual(["database_unavailable", null]);
  expect(await metrics.expose()).toContain('processor_paused{sink="postgres"} 0');
});
