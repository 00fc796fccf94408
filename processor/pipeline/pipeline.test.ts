import { describe, expect, test } from "bun:test";
import { errorCode, PipelineError } from "@tally/shared";
import { FakeTopic, FakeSink, eventOf, startFakePipeline, until } from "./testing/pipeline.ts";
import { recordHash } from "./record_hash.ts";

describe("startPipeline()", () => {
  test("startPipeline() writes nothing of a quiet partition whose topic was created again", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    const { seen } = await startFakePipeline(topic, sink);
    const recreated = new PipelineError("topic_recreated", "Cannot go on");
    topic.checkLog = () => Promise.reject(recreated);

    topic.add(0, eventOf("of-the-new-topic"));
    await until(() => seen.defects.length > 0);

    expect(seen.defects).toEqual([recreated]);
    expect(sink.stored).toEqual([]);
  });

  test("startPipeline() checks the topic before it uses a position", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    const recreated = new PipelineError("topic_recreated", "Cannot go on");
    topic.checkLog = () => Promise.reject(recreated);
    topic.add(0, eventOf("of-the-new-topic"));

    const { pipeline, seen } = await startFakePipeline(topic, sink, { assigned: [0] });

    expect(seen.defects).toEqual([recreated]);
    expect(sink.positions.size).toBe(0);
    expect(pipeline.stopped().size).toBe(0);
  });

  test("startPipeline() asks for the topic once while records keep coming", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    let checks = 0;
    topic.checkLog = async () => void checks++;
    const ids = Array.from({ length: 300 }, (_, n) => `a-${n}`);
    topic.add(0, ...ids.map(eventOf));

    const { seen } = await startFakePipeline(topic, sink, { assigned: [0] });
    await until(() => seen.written === ids.length);

    // Once when it was opened, and once before the first of the hundred batches.
    expect(checks).toBe(2);
  });

  test("halt() writes nothing more, not even what is buffered", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    const gate = Promise.withResolvers<void>();
    let begun = 0;
    const write = sink.write.bind(sink);
    sink.write = async (batch, signal) => {
      begun++;
      await gate.promise;
      return await write(batch, signal);
    };
    topic.add(0, ...["a", "b", "c", "d", "e", "f"].map(eventOf));
    const { pipeline } = await startFakePipeline(topic, sink, { assigned: [0] });
    await until(() => begun === 1);

    pipeline.halt();
    gate.resolve();
    await pipeline.stop(100);

    // The write that was under way may still end.
    expect(sink.stored).toEqual(["a", "b", "c"]);
    expect(begun).toBe(1);
  });

  test("startPipeline() writes each partition in order and announces it", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    const ids = Array.from({ length: 20 }, (_, n) => `a-${n}`);
    topic.add(0, ...ids.map(eventOf));

    const { seen } = await startFakePipeline(topic, sink);
    await until(() => seen.written === 20);

    expect(sink.stored).toEqual(ids);
  });

  test("startPipeline() repeats a write while the world is at fault and reports it once", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    topic.add(0, eventOf("a"));
    sink.failures.push(
      new PipelineError("database_unavailable", "1"),
      new PipelineError("database_unavailable", "2"),
    );

    const { seen, metrics } = await startFakePipeline(topic, sink);
    await until(() => seen.written === 1);

    expect(seen.failures).toEqual(["database_unavailable", "database_unavailable", null]);
    const exposed = await metrics.expose();
    expect(exposed).toContain(
      'processor_write_errors_total{sink="postgres",code="database_unavailable"} 2',
    );
    expect(exposed).toContain('processor_paused{sink="postgres"} 0');
  });

  test("startPipeline() opens a partition again when another owner wrote, and continues there", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    topic.add(0, eventOf("a"), eventOf("b"), eventOf("c"));
    const gate = Promise.withResolvers<void>();
    sink.gate = gate.promise;
    const { seen, metrics } = await startFakePipeline(topic, sink);
    sink.positions.set(0, {
      nextOffset: 2n,
      lastHash: recordHash(eventOf("b")),
      plannedLastOffsets: [],
      stopped: null,
    });

    gate.resolve();
    await until(() => seen.written === 1);

    expect(sink.stored).toEqual(["c"]);
    expect(await metrics.expose()).toContain('processor_fence_hits_total{sink="postgres"} 1');
  });

  test("startPipeline() stops a partition whose log was replaced, and only that one", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    topic.add(0, eventOf("other"), eventOf("next"));
    topic.add(1, eventOf("b"));
    sink.positions.set(0, {
      nextOffset: 1n,
      lastHash: recordHash(eventOf("a")),
      plannedLastOffsets: [],
      stopped: null,
    });

    const { pipeline, seen } = await startFakePipeline(topic, sink);
    await until(() => pipeline.stopped().size === 1 && seen.written === 1);

    expect(sink.stored).toEqual(["b"]);
    expect(pipeline.stopped().get(0)).toStartWith("log_replaced");
    expect((await sink.open(0)).stopped).toStartWith("log_replaced");
  });

  test("startPipeline() pauses a full partition, keeps memory bounded, and resumes it", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    const gate = Promise.withResolvers<void>();
    sink.gate = gate.promise;
    const { seen } = await startFakePipeline(topic, sink, {
      env: { PROCESSOR_PARTITION_RECORDS_MAX: "100", PROCESSOR_BATCH_RECORDS_MAX: "3" },
    });

    topic.add(0, ...Array.from({ length: 110 }, (_, n) => eventOf(`a-${n}`)));
    await until(() => topic.paused.has(0));
    topic.add(0, eventOf("last"));
    gate.resolve();
    await until(() => seen.written === 111);

    expect(topic.paused.has(0)).toBeFalse();
  });

  test("stop() writes what is buffered and gives the partitions back", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    const gate = Promise.withResolvers<void>();
    sink.gate = gate.promise;
    topic.add(0, ...Array.from({ length: 10 }, (_, n) => eventOf(`a-${n}`)));
    const { pipeline } = await startFakePipeline(topic, sink);
    await until(() => topic.values[0]?.length === 10);

    const stopping = pipeline.stop(2000);
    gate.resolve();
    await stopping;

    expect(new Set(sink.stored).size).toBe(sink.stored.length);
    expect((await sink.open(0)).nextOffset).toBe(BigInt(sink.stored.length));
    expect(topic.disconnected).toBeTrue();
  });

  test("startPipeline() forgets the failure of a write whose partition is revoked", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    topic.add(0, eventOf("a"));
    sink.write = () => Promise.reject(new PipelineError("archive_unavailable", "away"));
    const { seen, metrics } = await startFakePipeline(topic, sink);
    await until(() => seen.failures.includes("archive_unavailable"));

    await topic.handlers?.onRevoke([0], false);
    await until(() => seen.failures.at(-1) === null);

    expect(await metrics.expose()).toContain('processor_paused{sink="postgres"} 0');
  });

  test("startPipeline() stays paused while one partition fails and another is written", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    const write = sink.write.bind(sink);
    sink.write = (batch, signal) =>
      batch.partition === 0
        ? Promise.reject(new PipelineError("database_unavailable", "locked"))
        : write(batch, signal);
    topic.add(0, eventOf("a"));
    const { seen, metrics } = await startFakePipeline(topic, sink);
    await until(() => seen.failures.length > 0);

    topic.add(1, eventOf("b"));
    await until(() => seen.written === 1);

    expect(new Set(seen.failures)).toEqual(new Set(["database_unavailable"]));
    expect(await metrics.expose()).toContain('processor_paused{sink="postgres"} 1');
  });

  test("startPipeline() reports a fault of decoding as a defect", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    topic.add(0, { length: 5 } as unknown as Buffer);

    const { seen } = await startFakePipeline(topic, sink);
    await until(() => seen.defects.length > 0);

    expect(seen.defects.map(errorCode)).toEqual(["internal"]);
    expect(seen.failures).toEqual([]);
  });

  test("startPipeline() reports a defect instead of repeating the write", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    topic.add(0, eventOf("a"));
    const defect = new TypeError("ours");
    sink.failures.push(defect);

    const { seen } = await startFakePipeline(topic, sink);
    await until(() => seen.defects.length > 0);

    expect(seen.defects).toEqual([defect]);
    expect(sink.stored).toEqual([]);
  });

  test("startPipeline() waits and consumes again when Kafka answers with an error", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    const { consume } = topic.consumer;
    const errors = [new PipelineError("broker_unavailable", "away")];
    topic.consumer.consume = async (recordsMax) => {
      const error = errors.shift();
      if (error !== undefined) throw error;
      return await consume(recordsMax);
    };
    topic.add(0, eventOf("a"));

    const { seen } = await startFakePipeline(topic, sink);
    await until(() => seen.written === 1);

    expect([errors, seen.defects]).toEqual([[], []]);
  });

  test("startPipeline() reports a defect while consuming", async () => {
    const topic = new FakeTopic();
    const defect = new TypeError("ours");
    topic.consumer.consume = () => Promise.reject(defect);

    const { seen } = await startFakePipeline(topic, new FakeSink());
    await until(() => seen.defects.length > 0);

    expect(seen.defects).toEqual([defect]);
  });
});
