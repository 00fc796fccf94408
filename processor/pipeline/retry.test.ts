import { describe, expect, test } from "bun:test";
import { PipelineError } from "@tally/shared";
import { backoffMs, retrying } from "./retry.ts";

function options(signal = new AbortController().signal) {
  const failures: string[] = [];
  return {
    signal,
    backoffMsMax: 1,
    random: () => 0,
    failures,
    onFailed: (error: PipelineError) => failures.push(error.code),
  };
}

describe("retrying()", () => {
  test("retrying() runs again as long as the world is at fault", async () => {
    const told = options();
    let attempts = 0;
    const run = async () => {
      if (++attempts < 4) throw new PipelineError("database_unavailable", "Cannot write");
      return "done";
    };

    const outcome = await retrying(run, told);

    expect(outcome).toBe("done");
    expect(told.failures).toEqual(Array.from({ length: 3 }, () => "database_unavailable"));
  });

  test("retrying() throws at once what waiting can't repair", async () => {
    for (const error of [
      new TypeError("ours"),
      new PipelineError("archive_conflict", "Cannot adopt"),
      new PipelineError("position_moved", "Cannot write"),
    ]) {
      const told = options();

      const outcome = retrying(() => Promise.reject(error), told);

      await expect(outcome).rejects.toBe(error);
      expect(told.failures).toEqual([]);
    }
  });

  test("retrying() gives null when the signal is aborted in a pause", async () => {
    const ending = new AbortController();
    const told = {
      ...options(ending.signal),
      backoffMsMax: 60_000,
      onFailed: () => ending.abort(),
    };

    const outcome = await retrying(
      () => Promise.reject(new PipelineError("archive_unavailable", "Cannot upload")),
      told,
    );

    expect(outcome).toBeNull();
  });
});

describe("an ended run", () => {
  test("retrying() gives null when the run ended because of the signal", async () => {
    const ending = new AbortController();
    const told = options(ending.signal);

    const outcome = await retrying(() => {
      ending.abort();
      const { reason } = ending.signal;
      throw new PipelineError("position_moved", "Cannot write: not ours", { cause: reason });
    }, told);

    expect(outcome).toBeNull();
    expect(told.failures).toEqual([]);
  });

  test("retrying() throws position_moved when somebody else wrote, aborted or not", async () => {
    const ending = new AbortController();
    const error = new PipelineError("position_moved", "Cannot write");

    const outcome = retrying(() => {
      ending.abort();
      throw error;
    }, options(ending.signal));

    await expect(outcome).rejects.toBe(error);
  });
});

describe("backoffMs()", () => {
  test("backoffMs() doubles up to the cap and spreads over its upper half", () => {
    const fixed = (random: number) =>
      [0, 1, 2, 50].map((attempt) =>
        backoffMs(attempt, { backoffMsMax: 1000, random: () => random }),
      );

    expect(fixed(0)).toEqual([25, 50, 100, 500]);
    expect(fixed(1)).toEqual([50, 100, 200, 1000]);
  });
});
