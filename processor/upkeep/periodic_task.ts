/**
 * A task that runs beside the pipelines, one pass per interval. A pass that fails is
 * repeated after a back-off, and one log line reports each outage.
 */
import { ERRORS, errorCode, type Log } from "@tally/shared";
import { backoffMs, pause, type RetryOptions } from "../pipeline/retry.ts";

/** What every task needs. */
export interface PeriodicTaskOptions extends Pick<RetryOptions, "backoffMsMax" | "random"> {
  /** Whether the tables exist; no pass runs before. */
  readonly isReady: () => boolean;
  readonly log: Log;
}

/** The result of one pass. */
export interface Pass {
  /** Whether the next pass has something to do already; then it follows at once. */
  readonly hasMore: boolean;
  /** Why it could not do everything, or null when it could. */
  readonly error: unknown;
}

/** What the task does. */
export interface PeriodicWork {
  /** Time between two passes, ms. */
  readonly intervalMs: number;
  /** Log line for a pass that failed: what was not done. */
  readonly failure: string;
  /** @param signal Aborted by `stop`. */
  pass(signal: AbortSignal): Promise<Pass>;
}

/** A running task. */
export interface PeriodicTask {
  /** Ends the task. Resolves when the pass in progress has ended. */
  stop(): Promise<void>;
}

/** Starts a task. */
export function startPeriodicTask(options: PeriodicTaskOptions, work: PeriodicWork): PeriodicTask {
  const stopping = new AbortController();
  const ended = runPasses(options, work, stopping.signal);
  return {
    stop() {
      stopping.abort();
      return ended;
    },
  };
}

async function runPasses(
  options: PeriodicTaskOptions,
  work: PeriodicWork,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const { hasMore, error } = await passOf(options, work, signal);
    failures = error === null ? 0 : failures + 1;
    if (failures === 1) {
      const level = ERRORS[errorCode(error)].level ?? "error";
      options.log[level]({ error }, work.failure);
    }
    if (failures > 0) await pause(Math.max(work.intervalMs, backoffMs(failures, options)), signal);
    else if (!hasMore) await pause(work.intervalMs, signal);
  }
}

async function passOf(
  { isReady }: PeriodicTaskOptions,
  work: PeriodicWork,
  signal: AbortSignal,
): Promise<Pass> {
  if (!isReady()) return { hasMore: false, error: null };
  return await work.pass(signal).catch((error: unknown) => ({ hasMore: false, error }));
}
