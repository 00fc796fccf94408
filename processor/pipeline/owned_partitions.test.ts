import { describe, expect, test } from "bun:test";
import { PipelineError } from "@tally/shared";
import { FakeLog, FakeSink, eventOf, startFakePipeline, until } from "./testing/pipeline.ts";

describe("OwnedPartitions", () => {
  test("onRevoke() ends the partition: nothing of it is written afterwards", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    log.add(0, eventOf("a"));
    sink.failures.push(
      ...Array.from({ length: 50 }, () => new PipelineError("database_unavailable", "away")),
    );
    const { seen } = await startFakePipeline(log, sink);
    await until(() => seen.failures.length > 0);

    await log.handlers?.onRevoke([0], true);
    sink.failures.length = 0;
    log.add(1, eventOf("b"));
    await until(() => seen.written === 1);

    expect(sink.stored).toEqual(["b"]);
  });

  test("startPipeline() starts a partition whose log answers late, and the others before it", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    log.add(0, eventOf("late"));
    log.add(1, eventOf("b"));
    const leader = Promise.withResolvers<void>();
    log.watermarkGates.set(0, leader.promise);

    const { seen } = await startFakePipeline(log, sink);
    await until(() => seen.written === 1);
    leader.resolve();
    await until(() => seen.written === 2);

    expect(sink.stored).toEqual(["b", "late"]);
  });

  test("startPipeline() goes on with the others while one partition can't be sought", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    const { seen } = await startFakePipeline(log, sink);
    const leader = Promise.withResolvers<void>();
    log.seekGates.set(0, leader.promise);

    log.handlers?.onOffsetOutOfRange(0);
    log.add(1, eventOf("b"));
    await until(() => seen.written === 1);
    log.add(0, eventOf("a"));
    leader.resolve();
    await until(() => seen.written === 2);

    expect(sink.stored).toEqual(["b", "a"]);
  });

  test("onAssign() gives up an opening whose partition was revoked and came back meanwhile", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    log.add(1, eventOf("a"), eventOf("b"));
    const { seen, metrics } = await startFakePipeline(log, sink);
    await until(() => seen.written === 2);
    const slow = Promise.withResolvers<void>();
    await log.handlers?.onRevoke([1], false);
    log.watermarkGates.set(1, slow.promise);
    const stale = log.assign([1]);
    await until(() => log.waiting.has(1));
    await log.handlers?.onRevoke([1], false);
    log.watermarkGates.delete(1);

    await log.assign([1]);
    log.add(1, eventOf("c"));
    await until(() => seen.written === 3);
    slow.resolve();
    await stale;
    log.add(1, eventOf("d"));
    await until(() => seen.written === 4);

    expect(sink.stored).toEqual(["a", "b", "c", "d"]);
    // Nothing was taken over by the stale one: it would have to find out by a refused write.
    expect(await metrics.expose()).not.toContain('processor_fence_hits_total{sink="postgres"}');
    expect(seen.defects).toEqual([]);
  });

  test("stop() leaves time for leaving the group when writes don't end", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    sink.gate = new Promise(() => undefined);
    log.add(0, eventOf("a"));
    const { pipeline } = await startFakePipeline(log, sink);

    await pipeline.stop(2000);

    expect(log.disconnectMs).toBeGreaterThan(300);
    expect(log.disconnectMs).toBeLessThan(600);
  });

  test("look() lets a stopped partition go on when an operator has cleared its stop", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    log.add(0, eventOf("other"), eventOf("next"));
    const position = { nextOffset: 1n, plannedLastOffsets: [], stopped: null };
    sink.positions.set(0, { ...position, lastHash: "not the hash of that record" });
    const { pipeline, seen, metrics } = await startFakePipeline(log, sink);
    await until(() => sink.positions.get(0)?.stopped !== null);

    sink.positions.set(0, { ...position, lastHash: null });
    await until(() => seen.written === 1);

    expect(sink.stored).toEqual(["next"]);
    expect(pipeline.stopped().size).toBe(0);
    const exposed = await metrics.expose();
    expect(exposed).toContain('processor_partitions_stopped{sink="postgres"} 0');
  });

  test("onAssign() leaves a stop alone that an operator clears while the partition is opened", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    log.add(0, eventOf("a"));
    const position = { nextOffset: 0n, lastHash: null, plannedLastOffsets: [] };
    sink.positions.set(0, { ...position, stopped: "log_replaced: x" });
    const leader = Promise.withResolvers<void>();
    log.watermarkGates.set(0, leader.promise);

    const starting = startFakePipeline(log, sink);
    await until(() => log.waiting.has(0));
    sink.positions.set(0, { ...position, stopped: null });
    leader.resolve();
    const { seen } = await starting;
    await until(() => seen.written === 1);

    expect(sink.stored).toEqual(["a"]);
  });

  test("stop() writes nothing down once the partition was revoked", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    log.add(0, eventOf("other"));
    const position = { nextOffset: 1n, plannedLastOffsets: [], stopped: null };
    sink.positions.set(0, { ...position, lastHash: "not the hash of that record" });
    const writeDown = sink.stop.bind(sink);
    let isAway = true;
    sink.stop = async (partition, reason) => {
      if (isAway) throw new PipelineError("database_unavailable", "away");
      await writeDown(partition, reason);
    };
    const { seen } = await startFakePipeline(log, sink);
    await until(() => seen.failures.includes("database_unavailable"));

    await log.handlers?.onRevoke([0], false);
    isAway = false;
    await until(() => seen.failures.at(-1) === null);

    expect(sink.positions.get(0)?.stopped).toBeNull();
  });

  test("look() reads again what an operator has rewound, though no record comes", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    log.add(0, eventOf("a"), eventOf("b"));
    const { seen } = await startFakePipeline(log, sink);
    await until(() => seen.written === 2);

    await sink.begin(0, 1n);
    await until(() => seen.written === 3);

    expect(sink.stored).toEqual(["a", "b", "b"]);
  });
});
