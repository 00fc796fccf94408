/** What ends the running of a partition: each transition, and those that must not happen. */
import { describe, expect, test } from "bun:test";
import { PipelineError } from "@tally/shared";
import { PartitionWorld, POSITION, settled } from "./testing/owned_partition.ts";
import { record } from "./testing/partition_buffer.ts";

describe("running", () => {
  test("receive() takes records", async () => {
    const world = new PartitionWorld();
    const buffer = await world.run();

    world.owned.receive(record(10));

    expect(world.owned.state).toBe("running");
    expect(buffer.expected).toBe(11n);
  });

  test("receive() leads to seeking at the expected offset when the client jumped over it", async () => {
    const world = new PartitionWorld();
    const buffer = await world.run();

    world.owned.receive(record(13), 13n);
    const after = world.owned.state;
    world.seek();
    world.owned.receive(record(10));

    expect(after).toBe("seeking");
    expect(world.seeks).toMatchObject([{ offset: 10n }]);
    expect(buffer.expected).toBe(10n);
  });

  test("receive() leads to stopping and stopped when the log was replaced", async () => {
    const world = new PartitionWorld();
    world.sink.positions.set(1, { ...POSITION, lastHash: "another" });
    const buffer = await world.run();

    world.owned.receive(record(9));
    const after = world.owned.state;
    await settled();

    expect([after, world.owned.state]).toEqual(["stopping", "stopped"]);
    expect(world.sink.positions.get(1)?.stopped).toStartWith("log_replaced");
    expect([buffer.signal.aborted, world.stopChanges]).toEqual([true, 1]);
  });

  test("reopen() leads to opening and seeking; what is buffered is read again", async () => {
    const world = new PartitionWorld();
    const buffer = await world.run();
    buffer.isPaused = true;
    world.owned.receive(record(10));

    world.owned.reopen();
    const after = world.owned.state;
    world.writers[0]?.end.resolve();
    await settled();

    expect([after, world.owned.state]).toEqual(["opening", "seeking"]);
    expect(buffer.signal.aborted).toBeTrue();
    // The consumer still has it paused: only the backpressure may resume it.
    expect([world.held().expected, world.held().isPaused]).toEqual([10n, true]);
  });

  test("reopenDrained() leads to draining, and to opening when what is buffered is written", async () => {
    const world = new PartitionWorld();
    const buffer = await world.run();
    world.owned.receive(record(10));

    world.owned.reopenDrained();
    const after = [world.owned.state, await buffer.next(1)];
    world.sink.positions.set(1, { ...POSITION, nextOffset: 11n });
    world.writers[0]?.end.resolve();
    await settled();

    expect(after).toMatchObject(["draining", { kind: "batch", batch: { nextOffset: 11n } }]);
    expect([world.owned.state, world.held().expected]).toEqual(["seeking", 11n]);
  });

  test("reopenDrained() opens nothing when the partition was revoked meanwhile", async () => {
    const world = new PartitionWorld();
    await world.run();

    world.owned.reopenDrained();
    const released = world.owned.release();
    world.writers[0]?.end.resolve();
    await released;
    await settled();

    expect([world.owned.state, world.writers.length]).toEqual(["released", 1]);
  });

  test("a write that found the position moved leads to opening", async () => {
    const world = new PartitionWorld();
    await world.run();
    world.sink.positions.set(1, { ...POSITION, nextOffset: 20n });

    world.writers[0]?.end.reject(new PipelineError("position_moved", "Cannot write: moved"));
    await settled();

    expect(world.owned.state).toBe("seeking");
    expect(world.held().position).toBe(20n);
    expect(await world.metrics.expose()).toContain('processor_fence_hits_total{sink="postgres"} 1');
  });

  test("a write that found a conflict leads to stopped", async () => {
    const world = new PartitionWorld();
    await world.run();

    world.writers[0]?.end.reject(new PipelineError("archive_conflict", "Cannot adopt"));
    await settled();

    expect(world.owned.state).toBe("stopped");
    expect(world.owned.stopReason).toBe("archive_conflict: Cannot adopt");
    expect(world.sink.positions.get(1)?.stopped).toBe("archive_conflict: Cannot adopt");
  });

  test("a write that ends in a defect reports it", async () => {
    const world = new PartitionWorld();
    await world.run();
    const defect = new TypeError("ours");

    world.writers[0]?.end.reject(defect);
    await settled();

    expect(world.defects).toEqual([defect]);
  });

  test("follow() leads to opening when an operator has rewound the position", async () => {
    const world = new PartitionWorld();
    await world.run();
    world.writers[0]?.end.resolve();
    const glance = world.owned.glance();
    if (glance === null) throw new Error("Nothing is held");

    world.owned.follow(glance, { nextOffset: 10n, stopped: null });
    const unchanged = world.owned.state;
    world.owned.follow(glance, { nextOffset: 9n, stopped: null });

    expect([unchanged, world.owned.state]).toEqual(["running", "opening"]);
  });

  test("follow() changes nothing when the partition was opened again after the glance", async () => {
    const world = new PartitionWorld();
    await world.run();
    const glance = world.owned.glance();
    if (glance === null) throw new Error("Nothing is held");
    world.writers[0]?.end.resolve();
    await world.owned.open(() => true);

    world.owned.follow(glance, { nextOffset: 0n, stopped: null });

    expect(world.owned.state).toBe("running");
  });

  test("release() ends the buffer at once and waits for the write that is under way", async () => {
    const world = new PartitionWorld();
    const buffer = await world.run();
    let isReleased = false;

    const releasing = world.owned.release().then(() => (isReleased = true));
    await settled();
    const before = [buffer.signal.aborted, isReleased];
    world.writers[0]?.end.resolve();
    await releasing;

    expect(before).toEqual([true, false]);
    expect(world.owned.state).toBe("released");
  });

  test("drain() leads to draining: the writer gets what is buffered and then ends", async () => {
    const world = new PartitionWorld();
    const buffer = await world.run();
    world.owned.receive(record(10));

    world.owned.drain();
    world.owned.receive(record(11));

    expect(world.owned.state).toBe("draining");
    expect(await buffer.next(0)).toMatchObject({ batch: { nextOffset: 11n } });
    expect(await buffer.next(0)).toEqual({ kind: "ended" });
    expect(buffer.signal.aborted).toBeFalse();
  });

  test("reopen() changes nothing once the pipeline stops: what is buffered is still written", async () => {
    const world = new PartitionWorld();
    const buffer = await world.run();
    world.stopping.abort();

    world.owned.reopen();

    expect(world.owned.state).toBe("running");
    expect(buffer.signal.aborted).toBeFalse();
  });

  test("a refused write while draining opens nothing", async () => {
    const world = new PartitionWorld();
    await world.run();
    world.stopping.abort();
    world.owned.drain();

    world.writers[0]?.end.reject(new PipelineError("position_moved", "Cannot write: moved"));
    await settled();

    expect(world.owned.state).toBe("draining");
  });
});

describe("a writer of an owner before", () => {
  test.each(["position_moved", "archive_conflict"] as const)(
    "its %s changes nothing once the partition was revoked",
    async (code) => {
      const world = new PartitionWorld();
      await world.run();
      const releasing = world.owned.release();

      world.writers[0]?.end.reject(new PipelineError(code, "Cannot write"));
      await releasing;
      await settled();

      expect(world.owned.state).toBe("released");
      expect(world.sink.positions.get(1)?.stopped).toBeNull();
    },
  );
});
