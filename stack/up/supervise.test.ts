import { expect, test } from "bun:test";

import { createSupervisor } from "./supervise.ts";

test("createSupervisor() restarts a server that ended, and reports it", async () => {
  const reports: string[] = [];
  const { promise: started, resolve } = Promise.withResolvers<void>();
  const events = {
    onEnded: (name: string, exitCode: number | null) =>
      reports.push(`${name} ended with ${exitCode}`),
    onStarted: (name: string) => {
      reports.push(`${name} started`);
      resolve();
    },
    onFailed: (name: string) => reports.push(`${name} failed`),
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
  expect(reports).toEqual([
    "ingest ended with 3",
    "ingest failed",
    "ingest ended with null",
    "ingest started",
  ]);
});

test("createSupervisor() doubles the pauses up to ten seconds while starts fail", async () => {
  const { promise: started, resolve } = Promise.withResolvers<void>();
  const nothing = () => undefined;
  const pauses: number[] = [];
  const clock = { now: () => 0, pause: async (ms: number) => void pauses.push(ms) };
  const events = { onEnded: nothing, onStarted: () => resolve(), onFailed: nothing };
  const supervisor = createSupervisor(events, clock);
  supervisor.watch("ingest", {
    start: async () => {
      if (pauses.length < 7) throw new Error("not yet");
    },
  });

  supervisor.ended("ingest", 3);
  await started;
  await supervisor.stop();

  expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
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
