import { describe, expect, test } from "bun:test";
import { PipelineError } from "@tally/shared";
import { undisturbed } from "@tally/stack/testing/awake_time";
import { FakeTopic, FakeSink, eventOf, startFakePipeline, until } from "./testing/pipeline.ts";

describe("OwnedPartitions", () => {
  test("onRevoke() ends the partition: nothing of it is written afterwards", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    topic.add(0, eventOf("a"));
    sink.failures.push(
      ...Array.from({ length: 50 }, () => new PipelineError("database_unavailable", "away")),
    );
    const { seen } = await startFakePipeline(topic, sink);
    await until(() => seen.failures.length > 0);

    await topic.handlers?.onRevoke([0], true);
    sink.failures.length = 0;
    topic.add(1, eventOf("b"));
    await until(() => seen.written === 1);

    expect(sink.stored).toEqual(["b"]);
  });

  test("startPipeline() starts a partition whose leader answers late, and the others before it", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    topic.add(0, eventOf("late"));
    topic.add(1, eventOf("b"));
    const leader = Promise.withResolvers<void>();
    topic.watermarkGates.set(0, leader.promise);

    const { seen } = await startFakePipeline(topic, sink);
    await until(() => seen.written === 1);
    leader.resolve();
    await until(() => seen.written === 2);

    expect(sink.stored).toEqual(["b", "late"]);
  });

  test("startPipeline() writes the others while the seek of one partition takes long", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    const { seen } = await startFakePipeline(topic, sink);
    const leader = Promise.withResolvers<void>();
    topic.seekGates.set(0, leader.promise);

    topic.handlers?.onOffsetOutOfRange(0);
    topic.add(1, eventOf("b"));
    await until(() => seen.written === 1);
    topic.add(0, eventOf("a"));
    leader.resolve();
    await until(() => seen.written === 2);

    expect(sink.stored).toEqual(["b", "a"]);
  });

  test("onAssign() gives up an opening whose partition was revoked and assigned again meanwhile", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    topic.add(1, eventOf("a"), eventOf("b"));
    const { seen, metrics } = await startFakePipeline(topic, sink);
    await until(() => seen.written === 2);
    const slow = Promise.withResolvers<void>();
    await topic.handlers?.onRevoke([1], false);
    topic.watermarkGates.set(1, slow.promise);
    const stale = topic.assign([1]);
    await until(() => topic.waiting.has(1));
    await topic.handlers?.onRevoke([1], false);
    topic.watermarkGates.delete(1);

    await topic.assign([1]);
    topic.add(1, eventOf("c"));
    await until(() => seen.written === 3);
    slow.resolve();
    await stale;
    topic.add(1, eventOf("d"));
    await until(() => seen.written === 4);

    expect(sink.stored).toEqual(["a", "b", "c", "d"]);
    // The stale opening has not taken over: it would have noticed only at a refused write.
    expect(await metrics.expose()).not.toContain('processor_fence_hits_total{sink="postgres"}');
    expect(seen.defects).toEqual([]);
  });

  test("stop() keeps time for leaving the group when writes don't end", async () => {
    // What is left for leaving is less when the machine stands still meanwhile.
    const disconnectMs = await undisturbed(100, async () => {
      const [topic, sink] = [new FakeTopic(), new FakeSink()];
      sink.gate = new Promise(() => undefined);
      topic.add(0, eventOf("a"));
      const { pipeline } = await startFakePipeline(topic, sink);
      await pipeline.stop(2000);
      return topic.disconnectMs;
    });

    expect(disconnectMs).toBeGreaterThan(300);
    expect(disconnectMs).toBeLessThan(600);
  });

  test("look() opens a stopped partition again when an operator has cleared its stop", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    topic.add(0, eventOf("other"), eventOf("next"));
    const position = { nextOffset: 1n, plannedLastOffsets: [], stopped: null };
    sink.positions.set(0, { ...position, lastHash: "not the hash of that record" });
    const { pipeline, seen, metrics } = await startFakePipeline(topic, sink);
    await until(() => sink.positions.get(0)?.stopped !== null);

    sink.positions.set(0, { ...position, lastHash: null });
    await until(() => seen.written === 1);

    expect(sink.stored).toEqual(["next"]);
    expect(pipeline.stopped().size).toBe(0);
    const exposed = await metrics.expose();
    expect(exposed).toContain('processor_partitions_stopped{sink="postgres"} 0');
  });

  test("onAssign() does not restore a stop that an operator clears during the opening", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    topic.add(0, eventOf("a"));
    const position = { nextOffset: 0n, lastHash: null, plannedLastOffsets: [] };
    sink.positions.set(0, { ...position, stopped: "log_replaced: x" });
    const leader = Promise.withResolvers<void>();
    topic.watermarkGates.set(0, leader.promise);

    const starting = startFakePipeline(topic, sink);
    await until(() => topic.waiting.has(0));
    sink.positions.set(0, { ...position, stopped: null });
    leader.resolve();
    const { seen } = await starting;
    await until(() => seen.written === 1);

    expect(sink.stored).toEqual(["a"]);
  });

  test("a stop is not stored once the partition was revoked", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    topic.add(0, eventOf("other"));
    const position = { nextOffset: 1n, plannedLastOffsets: [], stopped: null };
    sink.positions.set(0, { ...position, lastHash: "not the hash of that record" });
    const writeDown = sink.stop.bind(sink);
    let isAway = true;
    sink.stop = async (partition, reason) => {
      if (isAway) throw new PipelineError("database_unavailable", "away");
      await writeDown(partition, reason);
    };
    const { seen } = await startFakePipeline(topic, sink);
    await until(() => seen.failures.includes("database_unavailable"));

    await topic.handlers?.onRevoke([0], false);
    isAway = false;
    await until(() => seen.failures.at(-1) === null);

    expect(sink.positions.get(0)?.stopped).toBeNull();
  });

  test("look() reads again what an operator has rewound, even when no record arrives", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    topic.add(0, eventOf("a"), eventOf("b"));
    const { seen } = await startFakePipeline(topic, sink);
    await until(() => seen.written === 2);

    await sink.begin(0, 1n);
    await until(() => seen.written === 3);

    expect(sink.stored).toEqual(["a", "b", "b"]);
  });

  test("onOffsetOutOfRange() opens the partition again and seeks to its position", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    topic.add(0, eventOf("a"), eventOf("b"));
    const { seen } = await startFakePipeline(topic, sink);
    await until(() => seen.written === 2);

    topic.handlers?.onOffsetOutOfRange(0);
    await until(() => topic.seeks.length > 0);

    // The record before the position is fetched again, to compare its hash.
    expect(topic.seeks).toEqual([[0, 1n]]);
  });

  test("hasJoined is true once the group has answered, also when it has no partitions", async () => {
    const [own, none] = [new FakeTopic(), new FakeTopic()];
    const pipelines = await Promise.all(
      [own, none].map((topic) => startFakePipeline(topic, new FakeSink(), { assigned: null })),
    );

    const before = pipelines.map(({ pipeline }) => pipeline.hasJoined());
    await Promise.all([own.assign([0]), none.assign([])]);

    expect(before).toEqual([false, false]);
    expect(pipelines.map(({ pipeline }) => pipeline.hasJoined())).toEqual([true, true]);
  });

  test("stop() ends a write that does not finish in time", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    const signals: AbortSignal[] = [];
    sink.write = (_, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    };
    topic.add(0, eventOf("a"));
    const { pipeline } = await startFakePipeline(topic, sink);
    await until(() => signals.length === 1);

    const before = signals[0]?.aborted;
    await pipeline.stop(100);

    expect([before, signals[0]?.aborted]).toEqual([false, true]);
  });

  test("look() ignores an outage and reports a defect", async () => {
    const [topic, sink] = [new FakeTopic(), new FakeSink()];
    const defect = new TypeError("ours");
    const outcomes: Error[] = [new PipelineError("database_unavailable", "away"), defect];
    sink.look = async () => {
      const error = outcomes.shift();
      if (error !== undefined) throw error;
      return new Map();
    };

    const { seen } = await startFakePipeline(topic, sink);
    await until(() => seen.defects.length > 0);

    expect(seen.defects).toEqual([defect]);
  });
});
