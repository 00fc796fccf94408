/** A partition that waits for an operator: each transition, and those that must not happen. */
import { describe, expect, test } from "bun:test";
import { PipelineError } from "@tally/shared";
import { PartitionWorld, POSITION, settled } from "./testing/owned_partition.ts";
import { record } from "./testing/partition_buffer.ts";

const STOPPED = "log_replaced: x";

describe("stopping and stopped", () => {
  test("stopping lasts until the reason is stored, and follows no operator", async () => {
    const world = new PartitionWorld();
    const stored = Promise.withResolvers<void>();
    world.sink.stop = () => stored.promise;
    await world.run();
    world.writers[0]?.end.reject(new PipelineError("archive_conflict", "Cannot adopt"));
    await settled();

    const glance = world.owned.glance();
    if (glance !== null) world.owned.follow(glance, { nextOffset: 0n, stopped: null });
    const before = world.owned.state;
    stored.resolve();
    await settled();

    expect([before, world.owned.state]).toEqual(["stopping", "stopped"]);
  });

  test("release() leads to released: a reason that was not stored yet is not stored", async () => {
    const attempt = Promise.withResolvers<void>();
    const world = new PartitionWorld({
      retry: async (run, signal) => {
        if (world.owned.state === "stopping") await attempt.promise;
        return signal.aborted ? null : await run();
      },
    });
    await world.run();
    world.writers[0]?.end.reject(new PipelineError("archive_conflict", "Cannot adopt"));
    await settled();

    const releasing = world.owned.release();
    attempt.resolve();
    await releasing;

    expect(world.owned.state).toBe("released");
    expect(world.sink.positions.get(1)?.stopped).toBeNull();
    expect([world.owned.stopReason, world.stopChanges]).toEqual([null, 2]);
  });

  test("follow() leads from stopped to opening when an operator has cleared the stop", async () => {
    const world = new PartitionWorld();
    world.sink.positions.set(1, { ...POSITION, stopped: STOPPED });
    await world.owned.open(() => true);
    const glance = world.owned.glance();
    if (glance === null) throw new Error("Nothing is held");

    world.owned.follow(glance, { nextOffset: 5n, stopped: STOPPED });
    const unchanged = world.owned.state;
    world.sink.positions.set(1, POSITION);
    world.owned.follow(glance, { nextOffset: 10n, stopped: null });
    await settled();

    expect([unchanged, world.owned.state]).toEqual(["stopped", "seeking"]);
    expect(world.owned.stopReason).toBeNull();
  });

  test("reopen(), drain(), seek() and receive() leave a stopped partition alone", async () => {
    const world = new PartitionWorld();
    world.sink.positions.set(1, { ...POSITION, stopped: STOPPED });
    await world.owned.open(() => true);

    world.owned.reopen();
    world.owned.drain();
    world.seek();
    world.owned.receive(record(10));

    expect([world.owned.state, world.seeks.length]).toEqual(["stopped", 0]);
    expect(world.held().expected).toBe(10n);
  });
});
