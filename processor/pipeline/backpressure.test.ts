import { describe, expect, test } from "bun:test";
import { createBackpressure } from "./backpressure.ts";
import type { PartitionBuffer } from "./partition_buffer.ts";
import { owned, record } from "./testing/partition_buffer.ts";

const NEVER = new AbortController().signal;

/** A partition that holds all it may: two batches of one record. */
function full(): PartitionBuffer {
  const partition = owned({}, { buffered: 2, batch: 1 });
  for (const offset of [10, 11]) partition.receive(record(offset));
  return partition;
}

/** A consumer that notes what it was told. */
function consumer() {
  const told: string[] = [];
  return {
    told,
    pause: (partitions: readonly number[]) => void told.push(`pause ${partitions}`),
    resume: (partitions: readonly number[]) => void told.push(`resume ${partitions}`),
  };
}

describe("createBackpressure()", () => {
  test("regulate() waits until a batch was taken, and nothing is paused", async () => {
    const partition = full();
    const backpressure = createBackpressure(() => [partition]);
    const { told, ...kafka } = consumer();
    const waiting = backpressure.regulate(kafka, NEVER).then(() => "room");

    const before = await Promise.race([waiting, turns()]);
    await partition.next(1);
    backpressure.noteTaken();
    await waiting;

    expect(before).toBe("waits");
    expect(told).toEqual([]);
  });

  test("regulate() pauses when nothing was taken, waits no more, and resumes with room", async () => {
    const partition = full();
    const backpressure = createBackpressure(() => [partition]);
    const { told, ...kafka } = consumer();

    await backpressure.regulate(kafka, NEVER);
    const again = await Promise.race([
      backpressure.regulate(kafka, NEVER).then(() => "went on"),
      turns(),
    ]);
    await partition.next(1);
    await partition.next(1);
    await backpressure.regulate(kafka, NEVER);

    expect(again).toBe("went on");
    expect(told).toEqual(["pause 1", "resume 1"]);
  });

  test("regulate() waits neither when stopping nor for a partition that is gone", async () => {
    const gone = full();
    gone.end();
    const { told, ...kafka } = consumer();

    const outcomes = await Promise.all([
      Promise.race([
        createBackpressure(() => [full()]).regulate(kafka, AbortSignal.abort()),
        turns(),
      ]),
      Promise.race([createBackpressure(() => [gone]).regulate(kafka, NEVER), turns()]),
    ]);

    expect(outcomes).toEqual([undefined, undefined]);
    expect(told).toEqual(["pause 1", "pause 1"]);
  });
});

/** A few turns of the microtask queue: enough for what waits for nothing. */
async function turns(): Promise<string> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  return "waits";
}
