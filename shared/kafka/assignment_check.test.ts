import { describe, expect, test } from "bun:test";
import {
  ASSIGN,
  assignmentWith,
  names,
  QUEUE_BYTES_MAX,
  settle,
} from "./testing/fake_assignment.ts";

/** Two partitions that have run for a minute: 0 has records left in the log, 1 is at its end. */
async function running() {
  const world = assignmentWith();
  world.assignment.onRebalance(ASSIGN, names(0, 1));
  await settle();
  world.assignment.accept(0, 41, 0);
  world.assignment.accept(1, 99, 0);
  world.clock.nowMs = 60_000;
  world.calls.length = 0;
  return world;
}

/** Time passes; the consumer checks as often as it does. `during` is what happens meanwhile. */
async function checkFor(
  { assignment, clock }: Awaited<ReturnType<typeof running>>,
  seconds: number,
  during: () => void = () => undefined,
): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 2) {
    await assignment.check("quiet");
    clock.nowMs += 2000;
    during();
  }
}

describe("check()", () => {
  test("check() reports a started partition whose next offset the log has lost", async () => {
    const { assignment, reported } = assignmentWith();
    assignment.onRebalance(ASSIGN, names(0, 1));
    await settle();
    assignment.accept(0, 500, 0);

    await assignment.check("all");
    await assignment.check("all");

    expect(reported).toEqual(["out of range 0"]);
  });

  test("check() gives a partition a new fetcher when its records never come from an empty queue", async () => {
    const world = await running();

    await checkFor(world, 10, () => world.queue.noteTaken(0, 0));

    expect(world.reported).toEqual(["stalled 0"]);
    expect(world.calls).toEqual(["unassign 0", "assign 0@42"]);
  });

  test("check() gives a partition a new fetcher when only records of others come for long", async () => {
    const world = await running();

    await checkFor(world, 10, () => world.queue.noteTaken(2000, QUEUE_BYTES_MAX + 1));

    expect(world.reported).toEqual(["stalled 0"]);
  });

  test.each([
    ["its record has only just come into the log", 4, 0],
    ["what the client holds was not taken yet", 600, QUEUE_BYTES_MAX / 600],
  ] as const)("check() leaves a partition alone when %s", async (_, seconds, bytes) => {
    const world = await running();

    await checkFor(world, seconds, () => world.queue.noteTaken(bytes === 0 ? 0 : 1, bytes));

    expect([world.reported, world.calls]).toEqual([[], []]);
  });

  test("check() leaves a partition alone that our own backpressure paused for long and resumed", async () => {
    const world = await running();
    await checkFor(world, 4, () => world.queue.noteTaken(0, 0));
    world.assignment.pause([0]);
    await checkFor(world, 60, () => world.queue.noteTaken(0, 0));
    world.assignment.resume([0]);
    await checkFor(world, 6, () => world.queue.noteTaken(0, 0));

    expect(world.reported).toEqual([]);
    expect(world.calls).toEqual(["pause 0", "resume 0"]);
  });

  test("check() leaves a partition alone that is paused and resumed while its log is being read", async () => {
    const world = await running();
    await checkFor(world, 8, () => world.queue.noteTaken(0, 0));

    const checking = world.assignment.check("quiet");
    world.assignment.pause([0]);
    world.assignment.resume([0]);
    await checking;

    expect(world.reported).toEqual([]);
  });

  test("check() leaves a partition alone that records come for, however late the others are", async () => {
    const world = await running();
    let offset = 42;

    await checkFor(world, 60, () => {
      world.assignment.accept(0, offset++, world.clock.nowMs);
      world.queue.noteTaken(0, 0);
    });

    expect(world.reported).toEqual([]);
  });
});
