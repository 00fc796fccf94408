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

/** A backpressure whose waits end at once on a clock of the test, and its consumer. */
function regulated(...buffers: PartitionBuffer[]) {
  const kafka = consumer();
  const clock = { nowMs: 0 };
  const now = (): number => clock.nowMs;
  const backpressure = createBackpressure({ buffers: () => buffers, now, roomMsMax: 5 });
  return { ...kafka, clock, backpressure, regulate: () => backpressure.regulate(kafka, NEVER) };
}

describe("createBackpressure()", () => {
  test("regulate() waits until a batch is taken, and pauses nothing", async () => {
    const buffer = full();
    const { calls, backpressure, regulate } = regulated(buffer);
    const waiting = regulate();

    const before = await Promise.race([waiting, turns()]);
    await buffer.next(1);
    backpressure.noteTaken();
    const recordsMax = await waiting;

    expect(before).toBe("waits");
    expect(recordsMax).toBe(2000);
    expect(calls).toEqual([]);
  });

  test("regulate() takes few records while a partition is full, and pauses it after a second", async () => {
    const { calls, clock, regulate } = regulated(full());
    const seen: [number, number, number][] = [];

    for (const nowMs of [0, 500, 999, 1000]) {
      clock.nowMs = nowMs;
      // The clock stands still, so that the wait must end by its timer.
      const recordsMax = await regulate();
      seen.push([nowMs, recordsMax, calls.length]);
    }

    expect(seen).toEqual([
      [0, 200, 0],
      [500, 200, 0],
      [999, 200, 0],
      [1000, 2000, 1],
    ]);
    expect(calls).toEqual(["pause 1"]);
  });

  test("regulate() does not pause a partition that has room now and then", async () => {
    const buffer = full();
    const { calls, clock, regulate } = regulated(buffer);
    await regulate();
    await buffer.next(1);
    clock.nowMs = 900;
    await regulate();
    buffer.receive(record(12));

    clock.nowMs = 1100;
    await regulate();

    expect(calls).toEqual([]);
  });

  test("regulate() waits no longer for a paused partition, and resumes it when it has room", async () => {
    const buffer = full();
    const { calls, clock, regulate } = regulated(buffer);
    await regulate();
    clock.nowMs = 1000;
    await regulate();

    const again = await Promise.race([regulate().then(() => "continued"), turns()]);
    await buffer.next(1);
    await buffer.next(1);
    await regulate();

    expect(again).toBe("continued");
    expect(calls).toEqual(["pause 1", "resume 1"]);
  });

  test("regulate() waits neither while stopping nor for a partition that has ended", async () => {
    const gone = full();
    gone.end();
    const stopping = regulated(full());
    const ended = regulated(gone);

    const outcomes = await Promise.all([
      Promise.race([
        stopping.backpressure.regulate(stopping, AbortSignal.abort()).then(() => "continued"),
        turns(),
      ]),
      Promise.race([ended.regulate().then(() => "continued"), turns()]),
    ]);

    expect(outcomes).toEqual(["continued", "continued"]);
    expect([stopping.calls, ended.calls]).toEqual([[], ["pause 1"]]);
  });
});

/** Runs a few turns of the microtask queue: enough for all work that does not really wait. */
async function turns(): Promise<string> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  return "waits";
}
