import { afterEach, describe, expect, jest, test } from "bun:test";
import { PipelineError } from "@tally/shared";
import { retrying } from "./retry.ts";

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

afterEach(() => {
  jest.useRealTimers();
});

describe("retrying()", () => {
  test("retrying() repeats while the world is at fault", async () => {
    const given = options();
    let attempts = 0;
    const run = async () => {
      if (++attempts < 4) throw new PipelineError("database_unavailable", "Cannot write");
      return "done";
    };

    const outcome = await retrying(run, given);

    expect(outcome).toBe("done");
    expect(given.failures).toEqual(Array.from({ length: 3 }, () => "database_unavailable"));
  });

  test("retrying() throws at once what a wait can't repair", async () => {
    for (const error of [
      new TypeError("ours"),
      new PipelineError("archive_conflict", "Cannot adopt"),
      new PipelineError("position_moved", "Cannot write"),
    ]) {
      const given = options();

      const outcome = retrying(() => Promise.reject(error), given);

      await expect(outcome).rejects.toBe(error);
      expect(given.failures).toEqual([]);
    }
  });

  test("retrying() gives null when the signal is aborted in a pause", async () => {
    const ending = new AbortController();
    const given = {
      ...options(ending.signal),
      backoffMsMax: 60_000,
      onFailed: () => ending.abort(),
    };

    const outcome = await retrying(
      () => Promise.reject(new PipelineError("archive_unavailable", "Cannot upload")),
      given,
    );

    expect(outcome).toBeNull();
  });
});

describe("a run that needs an operator", () => {
  test("retrying() pauses for half a second at least when only an operator can help, whatever the longest pause", async () => {
    jest.useFakeTimers();
    const ending = new AbortController();
    const given = { ...options(ending.signal), backoffMsMax: 1 };
    let attempts = 0;
    const run = async (): Promise<never> => {
      attempts += 1;
      throw new PipelineError("archive_misconfigured", "Cannot put");
    };
    const attemptsAfter = async (ms: number): Promise<number> => {
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      jest.advanceTimersByTime(ms);
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      return attempts;
    };

    const running = retrying(run, given);
    const counts = [await attemptsAfter(499), await attemptsAfter(1)];
    ending.abort();

    expect(await running).toBeNull();
    expect(counts).toEqual([1, 2]);
  });
});

describe("an ended run", () => {
  test("retrying() gives null when the run ended because of the signal", async () => {
    const ending = new AbortController();
    const given = options(ending.signal);

    const outcome = await retrying(() => {
      ending.abort();
      const { reason } = ending.signal;
      throw new PipelineError("position_moved", "Cannot write: not ours", { cause: reason });
    }, given);

    expect(outcome).toBeNull();
    expect(given.failures).toEqual([]);
  });

  test("retrying() throws position_moved when another owner wrote, aborted or not", async () => {
    const ending = new AbortController();
    const error = new PipelineError("position_moved", "Cannot write");

    const outcome = retrying(() => {
      ending.abort();
      throw error;
    }, options(ending.signal));

    await expect(outcome).rejects.toBe(error);
  });
});
