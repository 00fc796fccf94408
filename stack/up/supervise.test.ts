import { expect, test } from "bun:test";

import { createSupervisor, pauseMs } from "./supervise.ts";

test("pauseMs() doubles up to its limit", () => {
  expect([0, 1, 2, 3, 4, 5, 60].map(pauseMs)).toEqual([
    500, 1000, 2000, 4000, 8000, 10_000, 10_000,
  ]);
});

test("createSupervisor() starts a server again when it ended, and tells it", async () => {
  const told: string[] = [];
  const { promise: started, resolve } = Promise.withResolvers<void>();
  const events = {
    onEnded: (name: string, exitCode: number | null) => told.push(`${name} ended with ${exitCode}`),
    onStarted: (name: string) => {
      told.push(`${name} started`);
      resolve();
    },
    onFailed: (name: string) => told.push(`${name} failed`),
  };
  const pauses: number[] = [];
  const clock = { now: () => 0, pause: async (ms: number) => void pauses.push(ms) };
  const supervisor = createSupervisor(events, clock);
  let starts = 0;
  supervisor.watch("ingest", {
    start: async () => {
      starts += 1;
      if (starts === 1) throw new Error("not yet");
    },
  });

  supervisor.ended("ingest", 3);
  await started;
  await supervisor.stop();

  expect(starts).toBe(2);
  expect(pauses).toEqual([500, 1000]);
  expect(told).toEqual([
    "ingest ended with 3",
    "ingest failed",
    "ingest ended with null",
    "ingest started",
  ]);
});

test("createSupervisor() starts nothing again after stop()", async () => {
  let starts = 0;
  const nothing = () => undefined;
  const supervisor = createSupervisor({ onEnded: nothing, onStarted: nothing, onFailed: nothing });
  supervisor.watch("ingest", {
    start: async () => {
      starts += 1;
    },
  });

  supervisor.ended("ingest", 3);
  await supervisor.stop();
  supervisor.ended("ingest", 3);
  await supervisor.stop();

  expect(starts).toBe(0);
});
