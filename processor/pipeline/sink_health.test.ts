import { describe, expect, test } from "bun:test";
import { createMetrics, PipelineError, silentLog, type Log } from "@tally/shared";
import { createRetry, type Failures } from "./sink_health.ts";

const NEVER = new AbortController().signal;
const AWAY = new PipelineError("database_unavailable", "Cannot write: away");

/** A retry, and what it reports. */
function health(isKnown?: (remedy: string) => boolean) {
  const lines: string[] = [];
  const failing: string[][] = [];
  const metrics = createMetrics("processor");
  const remedies: string[] = [];
  let nowMs = 0;
  let reported: Failures = new Map();
  const note = (_: unknown, text: string) => lines.push(text);
  const noteRemedy = ({ remedy }: { readonly remedy: string }, text: string) => {
    remedies.push(remedy);
    lines.push(text);
  };
  const retry = createRetry({
    sink: { name: "postgres" },
    config: { backoffMs: 1 },
    log: { ...silentLog(), info: note, warn: note, error: noteRemedy } as unknown as Log,
    metrics,
    wallNow: () => (nowMs += 1),
    random: () => 0,
    onFailing: (failures) => {
      reported = failures;
      failing.push([...failures.keys()]);
    },
    ...(isKnown === undefined ? {} : { isKnown }),
  });
  return { retry, metrics, lines, failing, remedies, reported: () => reported };
}

/** Fails this many times before it succeeds. */
function failingTimes(times: number) {
  let attempts = 0;
  return async () => {
    if (attempts++ < times) throw AWAY;
    return "written";
  };
}

describe("createRetry()", () => {
  test("retry() reports nothing when the call succeeds at once", async () => {
    const { retry, lines, failing } = health();

    const outcome = await retry(async () => "written", NEVER);

    expect(outcome).toBe("written");
    expect([lines, failing]).toEqual([[], []]);
  });

  test("retry() logs one pause and one resume, however often two calls fail", async () => {
    const { retry, lines, failing } = health();

    await Promise.all([3, 5].map((times) => retry(failingTimes(times), NEVER)));

    expect(lines).toEqual(["Pipeline paused: it retries automatically.", "Pipeline resumed."]);
    expect(failing.at(-1)).toEqual([]);
    expect(failing.at(-2)).toEqual(["database_unavailable"]);
  });

  test("retry() logs the failure of a second service once, whichever call it ends", async () => {
    const { retry, lines } = health();
    const other = new PipelineError("archive_unavailable", "Cannot put: away");
    const errors = [AWAY, other, AWAY, other];
    const first = () => {
      const error = errors.shift();
      return error === undefined ? Promise.resolve("written") : Promise.reject(error);
    };

    await retry(first, NEVER);
    errors.push(other);
    await retry(first, NEVER);

    expect(lines).toEqual([
      "Pipeline paused: it retries automatically.",
      "Pipeline paused: it retries automatically.",
      "Pipeline resumed.",
      "Pipeline paused: it retries automatically.",
      "Pipeline resumed.",
    ]);
  });

  test("retry() logs each thing that an operator must change once, until the pipeline resumes", async () => {
    const { retry, lines, failing, remedies } = health();
    const ending = new AbortController();
    const refused = (remedy: string) =>
      new PipelineError("archive_misconfigured", "Cannot put", { remedy });
    const errors = [AWAY, refused("Grant a"), refused("Grant a"), refused("Grant b")];

    const calls = errors.map((error) => retry(() => Promise.reject(error), ending.signal));
    while (failing.length < errors.length) await Promise.resolve();
    ending.abort();
    await Promise.all(calls);

    expect(lines).toEqual([
      "Pipeline paused: it retries automatically.",
      "Pipeline paused: an operator must act.",
      "Pipeline paused: an operator must act.",
    ]);
    expect(remedies).toEqual(["Grant a", "Grant b"]);
    expect(failing[0]).toEqual(["database_unavailable"]);
    expect(failing.at(-1)).toEqual([]);
  });

  test("retry() reports the last error in words, and when the first attempt that failed began", async () => {
    const { retry, reported } = health();
    const messages = ["connection refused", "no answer within 5000 ms"];
    let failures: Failures = new Map();

    await retry(async () => {
      failures = reported();
      const message = messages.shift();
      if (message !== undefined) throw new PipelineError("archive_unavailable", message);
    }, NEVER);

    expect([...failures]).toEqual([
      ["archive_unavailable", { remedy: null, message: "no answer within 5000 ms", sinceMs: 1 }],
    ]);
    expect(reported().size).toBe(0);
  });

  test("retry() logs no remedy that was logged before it", async () => {
    const ending = new AbortController();
    const { retry, lines, failing } = health((remedy) => remedy === "Grant a");
    const error = new PipelineError("archive_misconfigured", "Cannot put", { remedy: "Grant a" });

    const call = retry(() => Promise.reject(error), ending.signal);
    while (failing.length < 1) await Promise.resolve();
    ending.abort();
    await call;

    expect(lines).toEqual([]);
  });

  test("retry() forgets the failure of a call that its signal has ended, and logs no resume", async () => {
    const ending = new AbortController();
    const { retry, metrics, lines, failing } = health();
    const run = async () => {
      ending.abort();
      throw AWAY;
    };

    const outcome = await retry(run, ending.signal);

    expect(outcome).toBeNull();
    expect(failing).toEqual([["database_unavailable"], []]);
    expect(lines).toEqual(["Pipeline paused: it retries automatically."]);
    expect(await metrics.expose()).toContain('processor_paused{sink="postgres"} 0');
  });

  test("retry() forgets the failure of a call that ends in an error", async () => {
    let attempts = 0;
    const defect = new TypeError("ours");
    const { retry, failing } = health();

    const outcome = retry(async () => {
      if (attempts++ === 0) throw AWAY;
      throw defect;
    }, NEVER);

    await expect(outcome).rejects.toBe(defect);
    expect(failing).toEqual([["database_unavailable"], []]);
  });
});
