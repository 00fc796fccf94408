/** When passes run, and what is logged about those that fail. */
import { describe, expect, test } from "bun:test";
import { PipelineError, silentLog, eventually, type Log } from "@tally/shared";
import { startPeriodicTask, type Pass } from "./periodic_task.ts";

const DONE: Pass = { hasMore: false, error: null };

function start(pass: () => Promise<Pass>, { isReady = (): boolean => true, intervalMs = 1 } = {}) {
  const lines: string[] = [];
  const note = (level: string) => (_: object, text: string) => void lines.push(`${level} ${text}`);
  const log = { ...silentLog(), warn: note("warn"), error: note("error") } as unknown as Log;
  let passes = 0;
  const options = { isReady, log, backoffMsMax: 1, random: () => 0 };
  const running = startPeriodicTask(options, {
    intervalMs,
    failure: "Not done.",
    pass() {
      passes += 1;
      return pass();
    },
  });
  return { running, lines, passes: () => passes };
}

describe("startPeriodicTask()", () => {
  test("startPeriodicTask() logs once that an outage began, and again for the next one", async () => {
    const away = new PipelineError("database_unavailable", "away");
    const outcomes = [away, away, null, away, null];

    const { running, lines } = start(async () => {
      const error = outcomes.shift() ?? null;
      if (error !== null) throw error;
      return DONE;
    });
    const isOver = await eventually(() => outcomes.length === 0, 5000);
    await running.stop();

    expect(isOver).toBeTrue();
    expect(lines).toEqual(["warn Not done.", "warn Not done."]);
  });

  test("startPeriodicTask() logs what a pass could not do, and a defect as an error", async () => {
    const outcomes: (() => Promise<Pass>)[] = [
      async () => ({ hasMore: true, error: new PipelineError("broker_unavailable", "away") }),
      async () => DONE,
      () => Promise.reject(new TypeError("not a function")),
    ];

    const { running, lines } = start(() => outcomes.shift()?.() ?? Promise.resolve(DONE));
    const isOver = await eventually(() => outcomes.length === 0, 5000);
    await running.stop();

    expect(isOver).toBeTrue();
    expect(lines).toEqual(["warn Not done.", "error Not done."]);
  });

  test("startPeriodicTask() runs the next pass at once while there is more to do", async () => {
    let left = 5;

    const { running, passes } = start(async () => ({ hasMore: --left > 0, error: null }), {
      intervalMs: 60_000,
    });
    const isOver = await eventually(() => left === 0, 5000);
    await running.stop();

    expect([isOver, passes()]).toEqual([true, 5]);
  });

  test("startPeriodicTask() runs its first pass soon after the tables exist, whatever its interval", async () => {
    let isThere = false;
    const { running, passes } = start(async () => DONE, {
      isReady: () => isThere,
      intervalMs: 600_000,
    });

    isThere = true;
    const hasRun = await eventually(() => passes() === 1, 5000);
    await running.stop();

    expect(hasRun).toBeTrue();
  });

  test("startPeriodicTask() runs no pass before the tables exist", async () => {
    const { running, passes } = start(async () => DONE, { isReady: () => false });

    await Bun.sleep(20); // No pass may come, so there is no condition to wait for.
    await running.stop();

    expect(passes()).toBe(0);
  });
});
