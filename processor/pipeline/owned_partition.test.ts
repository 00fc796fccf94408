/** How a partition is opened and sought: each transition, and those that must not happen. */
import { describe, expect, test } from "bun:test";
import { PartitionWorld, POSITION, settled } from "./testing/owned_partition.ts";
import { record } from "./testing/partition_buffer.ts";

const STOPPED = "log_replaced: x";

describe("released", () => {
  test("open() leads to running when the start is handed over in time", async () => {
    const world = new PartitionWorld();
    const starts: [number, bigint][] = [];

    const opening = world.owned.open((...start) => starts.push(start) > 0);
    const before = world.owned.state;
    await opening;

    expect([before, world.owned.state]).toEqual(["opening", "running"]);
    expect(starts).toEqual([[1, 10n]]);
    expect(world.writers.map(({ buffer }) => buffer)).toEqual([world.held()]);
  });

  test("receive(), seek(), reopen() and drain() change nothing", async () => {
    const world = new PartitionWorld();

    world.owned.receive(record(10));
    world.seek();
    world.owned.reopen();
    world.owned.drain();
    await settled();

    expect(world.owned.state).toBe("released");
    expect([world.seeks, world.writers]).toEqual([[], []]);
  });
});

describe("opening", () => {
  test("open() leads to seeking when the group has its answer already", async () => {
    const world = new PartitionWorld();

    await world.owned.open(() => false);

    expect(world.owned.state).toBe("seeking");
    expect(world.writers).toHaveLength(1);
  });

  test("open() leads to stopped, and stores it, when the log ends below the position", async () => {
    const world = new PartitionWorld();
    world.watermarks = async () => ({ low: 0n, high: 9n });

    await world.owned.open(() => true);

    expect(world.owned.state).toBe("stopped");
    expect(world.owned.stopReason).toStartWith("log_replaced");
    expect(world.sink.positions.get(1)?.stopped).toStartWith("log_replaced");
    expect(world.held().signal.aborted).toBeTrue();
    expect(world.writers).toEqual([]);
  });

  test("open() leads to stopped, and stores nothing, when the table has a stop", async () => {
    const world = new PartitionWorld();
    world.sink.positions.set(1, { ...POSITION, stopped: STOPPED });
    world.watermarks = async () => {
      // An operator clears the stop while the log is read.
      world.sink.positions.set(1, POSITION);
      return { low: 0n, high: 100n };
    };

    await world.owned.open(() => true);

    expect(world.owned.state).toBe("stopped");
    expect(world.sink.positions.get(1)?.stopped).toBeNull();
  });

  test("release() gives the opening up, however far it came", async () => {
    const world = new PartitionWorld();
    const leader = Promise.withResolvers<{ low: bigint; high: bigint }>();
    world.watermarks = () => leader.promise;
    const opening = world.owned.open(() => true);
    await settled();

    await world.owned.release();
    leader.resolve({ low: 0n, high: 100n });
    await opening;

    expect(world.owned.state).toBe("released");
    expect(world.writers).toEqual([]);
  });

  test("open() gives up the opening before it and ends with its own", async () => {
    const world = new PartitionWorld();
    const leader = Promise.withResolvers<{ low: bigint; high: bigint }>();
    const watermarks = world.watermarks;
    world.watermarks = () => leader.promise;
    const stale = world.owned.open(() => true);
    await settled();
    world.watermarks = watermarks;

    await world.owned.open(() => true);
    const buffer = world.held();
    leader.resolve({ low: 0n, high: 100n });
    await stale;

    expect(world.held()).toBe(buffer);
    expect(world.writers).toHaveLength(1);
  });

  test("open() waits for the write of the owner before", async () => {
    const world = new PartitionWorld();
    await world.run();

    const opening = world.owned.open(() => true);
    await settled();
    const before = [world.owned.state, world.writers.length];
    world.writers[0]?.end.resolve();
    await opening;

    expect(before).toEqual(["opening", 1]);
    expect([world.owned.state, world.writers.length]).toEqual(["running", 2]);
  });

  test("open() opens nothing once the pipeline stops", async () => {
    const world = new PartitionWorld();
    world.stopping.abort();

    await world.owned.open(() => true);

    expect(world.owned.state).toBe("opening");
    expect(world.writers).toEqual([]);
  });
});

describe("seeking", () => {
  test("seek() leads to running when the consumer is at the offset, not before", async () => {
    const world = new PartitionWorld();
    await world.owned.open(() => false);

    world.seek();
    world.seek();
    world.owned.receive(record(10));
    const before = [world.owned.state, world.held().expected, world.seeks.length];
    world.seeks[0]?.done();
    await settled();
    world.owned.receive(record(10));

    expect(before).toEqual(["seeking", 10n, 1]);
    expect([world.owned.state, world.held().expected]).toEqual(["running", 11n]);
  });

  test("seek() waits for a seek from before a revocation, and then seeks again", async () => {
    const world = new PartitionWorld();
    await world.owned.open(() => false);
    world.seek();
    world.writers[0]?.end.resolve();
    await world.owned.release();
    await world.owned.open(() => false);

    world.seek();
    const before = world.seeks.length;
    world.seeks[0]?.done();
    await settled();
    const between = world.owned.state;
    world.seek();
    world.seeks[1]?.done();
    await settled();

    expect([before, between, world.owned.state]).toEqual([1, "seeking", "running"]);
  });

  test("reopen() and drain() lead on as from running", async () => {
    const [opened, drained] = [new PartitionWorld(), new PartitionWorld()];
    await Promise.all([opened, drained].map(({ owned }) => owned.open(() => false)));

    opened.owned.reopen();
    drained.owned.drain();

    expect([opened.owned.state, drained.owned.state]).toEqual(["opening", "draining"]);
  });
});
