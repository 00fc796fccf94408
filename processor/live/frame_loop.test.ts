/** Frames while a dependency is down, late or new; with a fake database and a fake clock. */
import type { MetricsFrame } from "@tally/shared";
import { describe, expect, test } from "bun:test";
import { createFrameMaker, startFrames } from "./frame_loop.ts";
import { LOG, NOW_MS, WAIT_MS, World } from "./testing/frame_world.ts";

describe("createFrameMaker()", () => {
  test("make() measures rates and lag when everything answers", async () => {
    const world = new World();
    const maker = createFrameMaker(world.options());
    await maker.read(WAIT_MS);
    Object.assign(world, { nowMs: NOW_MS + 2000, records: 50, position: 50n, high: 60n });

    const frame = await maker.make(WAIT_MS);

    expect(frame).toMatchObject({
      ts: "2026-01-31T07:00:02.000Z",
      writtenTotal: 50,
      lag: 10,
      eventsPerSecond: { received: 25, stored: 25, archived: 0 },
    });
    expect(frame.dependencies).toMatchObject({
      kafka: { state: "up" },
      postgres: { state: "up" },
      s3: { state: "off" },
    });
  });

  test("make() keeps totals, shows down and knows no lag when the database is down", async () => {
    const world = new World();
    const maker = createFrameMaker(world.options());
    Object.assign(world, { records: 50, position: 50n, high: 60n });
    await maker.make(WAIT_MS);
    Object.assign(world, { database: "down", nowMs: NOW_MS + 1000 });

    const frame = await maker.make(WAIT_MS);
    world.nowMs += 5000;
    const later = await maker.make(WAIT_MS);
    world.database = "up";
    const after = await maker.make(WAIT_MS);

    expect(frame).toMatchObject({ writtenTotal: 50, lag: null, avgProcessingMs: null });
    expect(frame.partitions[0]).toMatchObject({ highWatermark: "60", stored: null, lag: null });
    const since = "2026-01-31T07:00:01.000Z";
    const code = "database_unavailable";
    const message = "Cannot run statement: connect ECONNREFUSED";
    const lastError = { code, at: "2026-01-31T07:00:06.000Z", message };
    expect(frame.dependencies.postgres).toMatchObject({ state: "down", since });
    expect(later.dependencies.postgres).toEqual({ state: "down", since, lastError });
    expect(after.dependencies.postgres).toEqual({
      state: "up",
      since: "2026-01-31T07:00:06.000Z",
      lastError,
      lastOutage: { from: since, to: "2026-01-31T07:00:06.000Z", code, message },
    });
    expect(after.lag).toBe(10);
    expect(world.errors).toEqual([]);
  });

  test("make() shows down and knows no watermark when Kafka is down", async () => {
    const world = new World();
    Object.assign(world, { records: 50, position: 50n, high: null });
    const maker = createFrameMaker(world.options());

    const frame = await maker.make(WAIT_MS);

    expect(frame.dependencies.kafka.state).toBe("down");
    expect(frame).toMatchObject({ writtenTotal: 50, lag: null, completeUpTo: null });
    expect(frame.partitions[0]).toMatchObject({ highWatermark: null, stored: "50", lag: null });
  });

  test("make() starts no second read and turns to down when a read hangs", async () => {
    const world = new World();
    const maker = createFrameMaker(world.options());
    await maker.make(WAIT_MS);
    Object.assign(world, { database: "hanging", high: 5n });
    const readsBefore = world.reads;

    const first = await maker.make(WAIT_MS);
    world.nowMs += 6000;
    const second = await maker.make(WAIT_MS);

    expect(world.reads - readsBefore).toBe(1);
    expect(first.dependencies.postgres.state).toBe("up");
    expect(second.dependencies.postgres).toMatchObject({
      state: "down",
      since: "2026-01-31T07:00:00.000Z",
      lastError: { message: "Cannot read the totals: no answer within 5 s" },
    });
    expect(second.lag).toBeNull();
  });

  test("make() checks that the database answers when no log is known yet", async () => {
    const world = new World();
    Object.assign(world, { topicLog: null, high: 5n });
    const maker = createFrameMaker(world.options());

    const frame = await maker.make(WAIT_MS);

    expect(frame.dependencies.postgres.state).toBe("up");
    expect(frame).toMatchObject({ writtenTotal: 0, lag: null, completeUpTo: null });
  });

  test("make() restarts completeness when the log is another one", async () => {
    const world = new World();
    const maker = createFrameMaker(world.options());
    const before = await maker.make(WAIT_MS);
    Object.assign(world, { topicLog: { ...LOG, logNumber: 2 }, high: 5n });

    const after = await maker.make(WAIT_MS);

    expect(before.completeUpTo).toBe("2026-01-31T07:00:00.000Z");
    expect(after.completeUpTo).toBeNull();
  });

  test.each([3_600_000, -3_600_000, 86_400_000, -86_400_000])(
    "make() shows the same times and ages after the machine's clock has jumped by %d ms",
    async (jumpMs) => {
      const world = new World();
      Object.assign(world, { position: 50n, high: 50n });
      const maker = createFrameMaker(world.options());
      await maker.make(WAIT_MS);

      Object.assign(world, { wrongMs: jumpMs, nowMs: NOW_MS + 1000 });
      const idle = await maker.make(WAIT_MS);
      Object.assign(world, { high: 60n, nowMs: NOW_MS + 3000 });
      const lagging = await maker.make(WAIT_MS);
      Object.assign(world, { wrongMs: 0, position: 60n, nowMs: NOW_MS + 4000 });
      const after = await maker.make(WAIT_MS);

      expect(idle).toMatchObject({
        ts: "2026-01-31T07:00:01.000Z",
        completeUpTo: "2026-01-31T07:00:01.000Z",
      });
      expect(lagging.partitions[0]).toMatchObject({ lag: 10, lagSeconds: 2, nearsRetention: [] });
      expect(after).toMatchObject({ lag: 0, completeUpTo: "2026-01-31T07:00:04.000Z" });
    },
  );

  test("make() knows partitions that were added while it runs, and counts what waits in them", async () => {
    const world = new World();
    const maker = createFrameMaker(world.options());
    Object.assign(world, { position: 50n, high: 50n });
    const before = await maker.make(WAIT_MS);
    Object.assign(world, { others: [7n, null], nowMs: NOW_MS + 4000 });

    const withoutLeader = await maker.make(WAIT_MS);
    Object.assign(world, { others: [7n, 0n], nowMs: NOW_MS + 5000 });
    const grown = await maker.make(WAIT_MS);

    expect(before).toMatchObject({ lag: 0, completeUpTo: "2026-01-31T07:00:00.000Z" });
    expect(withoutLeader.lag).toBeNull();
    expect(grown.lag).toBe(7);
    expect(
      grown.partitions.map(({ stored, lag, lagSeconds }) => [stored, lag, lagSeconds]),
    ).toEqual([
      ["50", 0, 0],
      // Nobody has begun with it, and at the look before, 5 s ago, it did not exist.
      [null, 7, 5],
      [null, 0, 0],
    ]);
    expect([withoutLeader.completeUpTo, grown.completeUpTo]).toEqual([
      "2026-01-31T07:00:00.000Z",
      "2026-01-31T07:00:00.000Z",
    ]);
  });

  test("make() is not complete later than the last look that succeeded", async () => {
    const world = new World();
    const maker = createFrameMaker(world.options());
    await maker.make(WAIT_MS);
    Object.assign(world, { high: null, nowMs: NOW_MS + 60_000 });

    const frame = await maker.make(WAIT_MS);

    expect(frame).toMatchObject({ lag: null, completeUpTo: "2026-01-31T07:00:00.000Z" });
  });

  test.each([
    { stoppedMs: 10_000, what: "lag 0", highWatermark: "50", lag: 0 },
    { stoppedMs: 10_001, what: "no lag", highWatermark: null, lag: null },
  ])(
    "make() knows $what when the process was stopped for $stoppedMs ms after its look",
    async ({ stoppedMs, highWatermark, lag }) => {
      const world = new World();
      Object.assign(world, { position: 50n, high: 50n, database: "held" });
      const maker = createFrameMaker(world.options());

      // Both reads are on their way, and the look has its answer.
      const making = maker.make(WAIT_MS);
      Object.assign(world, { others: [800n], nowMs: NOW_MS + stoppedMs });
      world.answerHeld();
      const frame = await making;
      const next = await maker.make(WAIT_MS);

      expect(frame).toMatchObject({ lag, partitions: [{ highWatermark, stored: "50", lag }] });
      expect(next.lag).toBe(800);
    },
  );

  test("make() knows no lag when the topic was deleted and created again", async () => {
    const world = new World();
    const maker = createFrameMaker(world.options());
    Object.assign(world, { position: 50n, high: 3n, topicId: "another" });

    const frame = await maker.make(WAIT_MS);

    expect(frame).toMatchObject({ lag: null, completeUpTo: null });
    expect(frame.partitions).toMatchObject([{ highWatermark: null, stored: "50", lag: null }]);
  });

  test("dependencies() shows down when either source has seen a failure", async () => {
    const world = new World();
    const states = () => ({ postgres: "down", kafka: "unknown" }) as const;
    const maker = createFrameMaker(world.options({ states, archiveEnabled: true }));

    const frame = await maker.make(WAIT_MS);

    expect(frame.dependencies).toMatchObject({
      kafka: { state: "up" },
      postgres: { state: "down" },
      s3: { state: "unknown" },
    });
  });
});

describe("dependencies()", () => {
  test("dependencies() shows configuration with its remedy, also when the frame's own read failed", async () => {
    const world = new World();
    const states = () => ({ postgres: "configuration", s3: "configuration" }) as const;
    const remedies = () => ({ postgres: "Grant insert.", s3: "Grant s3:PutObject." });
    const maker = createFrameMaker(world.options({ states, remedies, archiveEnabled: true }));

    const { dependencies } = await maker.make(WAIT_MS);

    expect(dependencies).toMatchObject({
      postgres: { state: "configuration", remedy: "Grant insert." },
      s3: { state: "configuration", remedy: "Grant s3:PutObject." },
    });
    expect(dependencies.kafka).not.toHaveProperty("remedy");
  });
});

describe("startFrames()", () => {
  test("startFrames() announces frames as one JSON until it is stopped, also when announcing fails", async () => {
    const world = new World();
    const frames: [MetricsFrame, string][] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const running = startFrames(
      world.options({
        intervalMs: 5,
        onFrame: (frame, json) => {
          frames.push([frame, json]);
          if (frames.length === 1) throw new Error("a viewer's fault");
          if (frames.length === 3) resolve();
        },
      }),
    );
    await promise;
    await running.stop();
    const announced = frames.length;
    await running.stop();

    expect(frames.length).toBe(announced);
    expect(JSON.parse(frames[2]?.[1] ?? "")).toEqual(frames[2]?.[0]);
    expect(world.errors).toHaveLength(1);
  });
});
