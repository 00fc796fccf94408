/** The event `counts`, with a fake database. */
import { parseCounts, type MetricsFrame } from "@tally/shared";
import { describe, expect, test } from "bun:test";
import { startFrames } from "./frame_loop.ts";
import { countsFrame, createOpenMinutes } from "./open_minutes.ts";
import { NOW_MS, WAIT_MS, World } from "./testing/frame_world.ts";

const MINUTE_MS = 60_000;
const READ = { atMs: NOW_MS + 1234.5, minuteMs: NOW_MS, isComplete: true, counted: [] };
const COMPLETE_UP_TO = "2026-01-31T07:00:01.000Z";

describe("countsFrame()", () => {
  test("countsFrame() gives both minutes, the open one last, also when nothing happened", () => {
    expect(countsFrame(READ, COMPLETE_UP_TO)).toEqual({
      ts: "2026-01-31T07:00:01.234Z",
      completeUpTo: COMPLETE_UP_TO,
      minutes: [
        { minute: "2026-01-31T06:59:00.000Z", events: 0, types: {}, other: 0 },
        { minute: "2026-01-31T07:00:00.000Z", events: 0, types: {}, other: 0 },
      ],
    });
  });

  test("countsFrame() keeps other types apart from a type named other, and takes any name", () => {
    const of = (eventType: string | null, events: number, minuteMs = NOW_MS) => ({
      minuteMs,
      eventType,
      events,
    });
    const counted = [
      of("other", 4),
      of("__proto__", 2),
      of(null, 9),
      of("a", 1, NOW_MS - MINUTE_MS),
    ];

    const { minutes } = countsFrame({ ...READ, counted }, null);

    expect(minutes.map(({ events, other }) => [events, other])).toEqual([
      [1, 0],
      [15, 9],
    ]);
    expect(JSON.stringify(minutes[1]?.types)).toBe('{"other":4,"__proto__":2}');
  });

  test("countsFrame() is complete up to no known time until all rows are counted", () => {
    const frame = countsFrame({ ...READ, isComplete: false }, COMPLETE_UP_TO);

    expect(frame.completeUpTo).toBeNull();
  });
});

describe("createOpenMinutes()", () => {
  test("take() gives counts that came too late with the next call, and none twice", async () => {
    const world = new World();
    Object.assign(world, { database: "held", records: 3 });
    const openMinutes = createOpenMinutes({ ...world.options(), completeUpTo: () => null });

    const tooLate = await openMinutes.take(WAIT_MS);
    world.answerHeld();
    const next = await openMinutes.take(WAIT_MS);
    world.counts = "down";
    const none = await openMinutes.take(WAIT_MS);

    expect([tooLate, none]).toEqual([null, null]);
    expect(parseCounts(next)?.minutes[1]?.events).toBe(3);
  });

  test.each([
    { readMs: 400, pauseMs: 1200 },
    { readMs: 60_000, pauseMs: 10_000 },
  ])(
    "take() does not read for $pauseMs ms after a read that took $readMs ms",
    async ({ readMs, pauseMs }) => {
      const world = new World();
      world.database = "held";
      const openMinutes = createOpenMinutes({ ...world.options(), completeUpTo: () => null });
      const taking = openMinutes.take(WAIT_MS);
      world.nowMs += readMs;
      world.answerHeld();
      const first = await taking;

      world.nowMs += pauseMs - 1;
      const early = await openMinutes.take(WAIT_MS);
      world.nowMs += 1;
      const next = await openMinutes.take(WAIT_MS);

      expect([first !== null, early, next !== null]).toEqual([true, null, true]);
    },
  );

  test("take() is complete up to what was known before the read", async () => {
    const world = new World();
    world.database = "held";
    let completeUpTo = "2026-01-31T07:00:01.000Z";
    const options = { ...world.options(), completeUpTo: () => completeUpTo };
    const openMinutes = createOpenMinutes(options);

    const taking = openMinutes.take(WAIT_MS);
    completeUpTo = "2026-01-31T07:00:02.000Z";
    world.answerHeld();

    expect(parseCounts(await taking)?.completeUpTo).toBe("2026-01-31T07:00:01.000Z");
  });
});

describe("startFrames()", () => {
  test("startFrames() gives each frame the counts of its time, complete up to the frame before", async () => {
    const world = new World();
    Object.assign(world, { records: 7, position: 7n, high: 7n });

    const [first, second] = await firstFrames(world, 2);

    const minutes = [
      { minute: "2026-01-31T06:59:00.000Z", events: 0, types: {}, other: 0 },
      { minute: "2026-01-31T07:00:00.000Z", events: 7, types: { a: 7 }, other: 0 },
    ];
    const ts = "2026-01-31T07:00:00.000Z";
    expect(parseCounts(first?.counts)).toEqual({ ts, completeUpTo: null, minutes });
    expect(first?.frame.completeUpTo).toBe(ts);
    expect(parseCounts(second?.counts)).toEqual({ ts, completeUpTo: ts, minutes });
    expect(world.errors).toEqual([]);
  });

  test.each(["down", "hanging"] as const)(
    "startFrames() goes on with whole frames without counts while these are %s",
    async (counts) => {
      const world = new World();
      Object.assign(world, { counts, records: 7, position: 7n, high: 7n });

      const announced = await firstFrames(world, 3);

      expect(announced.map((each) => each.counts)).toEqual([null, null, null]);
      expect(announced[2]?.frame).toMatchObject({
        writtenTotal: 7,
        lag: 0,
        dependencies: { postgres: { state: "up" } },
      });
      expect(world.errors).toEqual([]);
    },
  );

  test("startFrames() reads no counts while no log is known: their tables may be missing", async () => {
    const world = new World();
    world.topicLog = null;

    const [first] = await firstFrames(world, 1);

    expect(first?.counts).toBeNull();
  });
});

interface Announced {
  readonly frame: MetricsFrame;
  readonly counts: string | null;
}

/** Runs the loop until it has announced this many frames. */
async function firstFrames(world: World, count: number): Promise<readonly Announced[]> {
  const announced: Announced[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const running = startFrames(
    world.options({
      intervalMs: 5,
      onFrame: (frame, _, counts) => {
        announced.push({ frame, counts });
        if (announced.length === count) resolve();
      },
    }),
  );
  await promise;
  await running.stop();
  return announced;
}
