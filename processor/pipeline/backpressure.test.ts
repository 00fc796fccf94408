import { describe, expect, test } from "bun:test";
import { createBackpressure } from "./backpressure.ts";
import type { PartitionBuffer } from "./partition_buffer.ts";
import { owned, record } from "./testing/partition_buffer.ts";

const NEVER = new AbortController().signal;

/** A buffer that is full: two batches of one record. */
function full(): PartitionBuffer {
  const buffer = owned({}, { buffered: 2, batch: 1 });
  for (const offset of [10, 11]) buffer.receive(record(offset));
  return buffer;
}

/** A consumer that notes its calls. */
function consumer() {
  const calls: string[] = [];
  return {
    calls,
    pause: (partitions: readonly number[]) => void calls.push(`pause ${partitions}`),
    resume: (partitions: readonly number[]) => void calls.push(`resume ${partitions}`),
  };
}

describe("createBackpressure()", () => {
  test("regulate() waits until a batch is taken, and pauses nothing", async () => {
    const buffer = full();
    const backpressure = createBackpressure(() => [buffer]);
    const { calls, ...kafka } = consumer();
    const waiting = backpressure.regulate(kafka, NEVER).then(() => "room");

    const before = await Promise.race([waiting, turns()]);
    await buffer.next(1);
    backpressure.noteTaken();
    await waiting;

    expect(before).toBe("waits");
    expect(calls).toEqual([]);
  });

  test("regulate() pauses when nothing is taken, then waits no longer, and resumes when there is room", async () => {
    const buffer = full();
    const backpressure = createBackpressure(() => [buffer]);
    const { calls, ...kafka } = consumer();

    await backpressure.regulate(kafka, NEVER);
    const again = await Promise.race([
      backpressure.regulate(kafka, NEVER).then(() => "continued"),
      turns(),
    ]);
    await buffer.next(1);
    await buffer.next(1);
    await backpressure.regulate(kafka, NEVER);

    expect(again).toBe("continued");
    expect(calls).toEqual(["pause 1", "resume 1"]);
  });

  test("regulate() waits neither while stopping nor for a partition that has ended", async () => {
    const gone = full();
    gone.end();
    const { calls, ...kafka } = consumer();

    const outcomes = await Promise.all([
      Promise.race([
        createBackpressure(() => [full()]).regulate(kafka, AbortSignal.abort()),
        turns(),
      ]),
      Promise.race([createBackpressure(() => [gone]).regulate(kafka, NEVER), turns()]),
    ]);

    expect(outcomes).toEqual([undefined, undefined]);
    expect(calls).toEqual(["pause 1", "pause 1"]);
  });
});

/** Runs a few turns of the microtask queue: enough for all work that does not really wait. */
async function turns(): Promise<string> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  return "waits";
}
