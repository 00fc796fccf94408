/**
 * Faults with real processes and real signals, judged by the load test: it
 * compares what was accepted with rows and archive lines, event by event.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "@tally/stack/testing";
import { startSystem, type LoadOutcome, type System } from "./system.ts";

const WHOLE = "Every event that was sent is stored and archived exactly once.";
const FAULTS_MS_MAX = 240_000;
let system: System;

beforeAll(async () => {
  system = await startSystem();
}, 120_000);
afterAll(() => system.stop(), 60_000);

function expectWhole({ exitCode, text }: LoadOutcome): void {
  expect(text).toContain(WHOLE);
  expect(exitCode).toBe(0);
}

describe("the system", () => {
  test(
    "the system keeps every event exactly once when the processor is killed at ten random moments",
    async () => {
      let kills = 0;
      const load = system.load("--rate", "2000", "--seconds", "20", "--batch", "20");
      for (let moment = 0; moment < 10; moment++) {
        // Random moments are the point: some while it starts, some in the middle of writes.
        await Bun.sleep(300 + Math.random() * 1700);
        expect(await system.processor.end("SIGKILL")).toBe(137);
        kills++;
        await system.processor.start();
      }
      const outcome = await load;

      expect(kills).toBe(10);
      expectWhole(outcome);
    },
    FAULTS_MS_MAX,
  );

  test(
    "the system stores rows while S3 is stopped for 20 s, and archives them afterwards",
    async () => {
      const load = system.load("--rate", "1000", "--seconds", "25", "--batch", "10");
      await system.stack.s3.stop();
      const before = await frame();
      const rowsGoOn = await eventually(
        async () => (await frame()).writtenTotal > before.writtenTotal + 3000,
        15_000,
      );
      const isSeen = await eventually(
        async () => (await frame()).dependencies.s3.state === "down",
        15_000,
      );
      // The outage lasts 20 s.
      await Bun.sleep(Math.max(0, 20_000 - (performance.now() - before.atMs)));
      await system.stack.s3.start();

      expectWhole(await load);
      expect({ rowsGoOn, isSeen }).toEqual({ rowsGoOn: true, isSeen: true });
    },
    FAULTS_MS_MAX,
  );

  test(
    "the system answers 202 while PostgreSQL restarts, and loses nothing",
    async () => {
      const load = system.load("--rate", "2000", "--seconds", "15", "--batch", "20");
      await eventually(async () => (await frame()).eventsPerSecond.stored > 0, 15_000);
      await system.stack.postgres.stop();
      await system.stack.postgres.start();
      const outcome = await load;

      expectWhole(outcome);
      expect(outcome.text).toMatch(/Unknown +0/);
    },
    FAULTS_MS_MAX,
  );
});

interface SeenFrame {
  readonly atMs: number;
  readonly writtenTotal: number;
  readonly eventsPerSecond: { readonly stored: number };
  readonly dependencies: { readonly s3: { readonly state: string } };
}

/** The next frame of the stream. */
async function frame(): Promise<SeenFrame> {
  const response = await fetch(`${system.processor.url}/metrics/stream`);
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const data = /^event: metrics\ndata: (.*)\n\n/m.exec(text)?.[1];
    if (data !== undefined) return { ...(JSON.parse(data) as SeenFrame), atMs: performance.now() };
  }
  throw new Error("Cannot read a frame: the stream ended");
}
