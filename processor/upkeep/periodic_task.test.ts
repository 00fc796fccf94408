import { describe, expect, test } from "bun:test";
import { PipelineError, silentLog, type Log } from "@tally/shared";
import { eventually } from "@tally/stack/testing";
import { startKeeper, type Pass } from "./periodic_task.ts";

const DONE: Pass = { hasMore: false, error: null };

function keeper(pass: () => Promise<Pass>, { isReady = true, intervalMs = 1 } = {}) {
  const lines: string[] = [];
  const note = (level: string) => (_: object, text: string) => void lines.push(`${level} ${text}`);
  const log = { ...silentLog(), warn: note("warn"), error: note("error") } as unknown as Log;
  let passes = 0;
  const options = { isReady: () => isReady, log, backoffMsMax: 1, random: () => 0 };
  const running = startKeeper(options, {
    intervalMs,
    failure: "Not kept.",
    pass() {
      passes += 1;
      return pass();
    },
  });
  return { running, lines, passes: () => passes };
}

describe("startKeeper()", () => {
  test("startKeeper() says once that an outage began, and again for the next one", async () => {
    const away = new PipelineError("database_unavailable", "away");
    const outcomes = [away, away, null, away, null];

    const { running, lines } = keeper(async () => {
      const error = outcomes.shift() ?? null;
      if (error !== null) throw error;
      return DONE;
    });
    const isOver = await eventually(() => outcomes.length === 0, 5000);
    await running.stop();

    expect(isOver).toBeTrue();
    expect(lines).toEqual(["warn Not kept.", "warn Not kept."]);
  });

  test("startKeeper() reports what a pass could not do, and a defect as an error", async () => {
    const outcomes: (() => Promise<Pass>)[] = [
      async () => ({ hasMore: true, error: new PipelineError("broker_unavailable", "away") }),
      async () => DONE,
      () => Promise.reject(new TypeError("not a function")),
    ];

    const { running, lines } = keeper(() => outcomes.shift()?.() ?? Promise.resolve(DONE));
    const isOver = await eventually(() => outcomes.length === 0, 5000);
    await running.stop();

    expect(isOver).toBeTrue();
    expect(lines).toEqual(["warn Not kept.", "error Not kept."]);
  });

  test("startKeeper() goes on at once while there is more to do", async () => {
    let left = 5;

    const { running, passes } = keeper(async () => ({ hasMore: --left > 0, error: null }), {
      intervalMs: 60_000,
    });
    const isOver = await eventually(() => left === 0, 5000);
    await running.stop();

    expect([isOver, passes()]).toEqual([true, 5]);
  });

  test("startKeeper() asks nothing before the tables are there", async () => {
    const { running, passes } = keeper(async () => DONE, { isReady: false });

    await Bun.sleep(20); // Nothing may come: there is no condition to wait for.
    await running.stop();

    expect(passes()).toBe(0);
  });
});
