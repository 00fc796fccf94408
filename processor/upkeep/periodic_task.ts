/**
 * A task that runs beside the pipelines, one pass per interval. A pass that fails is
 * repeated after a back-off, and one log line reports each outage.
 */
import { ERRORS, backoffMs, errorCode, sleep, type Log } from "@tally/shared";

/** What every task needs. */
export interface PeriodicTaskOptions {
  /** Longest pause after failures, ms; never less than the interval. */
  readonly backoffMsMax: number;
  /** 0 to less than 1; spreads the repeats of several processors. */
  readonly random: () => number;
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

const BACKOFF_MS_MIN = 50;
/** Longest time from the creation of the tables to the first pass, ms. */
const READY_LOOK_MS = 1000; // chosen

async function runPasses(
  options: PeriodicTaskOptions,
  work: PeriodicWork,
  signal: AbortSignal,
): Promise<void> {
  const backoff = { msMin: BACKOFF_MS_MIN, msMax: options.backoffMsMax };
  let failures = 0;
  while (!signal.aborted) {
    if (!options.isReady()) {
      await sleep(Math.min(work.intervalMs, READY_LOOK_MS), signal);
      continue;
    }
    const { hasMore, error } = await passOf(work, signal);
    failures = error === null ? 0 : failures + 1;
    if (failures === 1) {
      const level = ERRORS[errorCode(error)].level ?? "error";
      options.log[level]({ error }, work.failure);
    }
    if (failures > 0) {
      const pauseMs = backoffMs(failures, backoff, options.random());
      await sleep(Math.max(work.intervalMs, pauseMs), signal);
    } else if (!hasMore) await sleep(work.intervalMs, signal);
  }
}

async function passOf(work: PeriodicWork, signal: AbortSignal): Promise<Pass> {
  return await work.pass(signal).catch((error: unknown) => ({ hasMore: false, error }));
}
