/**
 * What goes on beside the pipelines, a pass every so often: whatever fails
 * delays it and is tried again, and the log says so once for each outage.
 */
import { ERRORS, errorCode, type Log } from "@tally/shared";
import { backoffMs, pause, type RetryOptions } from "../pipeline/retry.ts";

/** What every keeper needs. */
export interface KeeperOptions extends Pick<RetryOptions, "backoffMsMax" | "random"> {
  /** Whether the tables are there; nothing is asked before. */
  readonly isReady: () => boolean;
  readonly log: Log;
}

/** What one pass came to. */
export interface Pass {
  /** Whether the next one has something to do already. */
  readonly hasMore: boolean;
  /** Why it could not do all of it; null: it did. */
  readonly error: unknown;
}

/** What a keeper does. */
export interface Work {
  /** Between two passes, ms. */
  readonly intervalMs: number;
  /** What has not been done when a pass failed: a sentence for the log. */
  readonly failure: string;
  /** @param signal Aborted by the stop. */
  pass(signal: AbortSignal): Promise<Pass>;
}

/** A loop that runs. */
export interface Keeper {
  /** Ends it; resolves when the pass that is under way has ended. */
  stop(): Promise<void>;
}

/** Starts the loop. */
export function startKeeper(options: KeeperOptions, work: Work): Keeper {
  const stopping = new AbortController();
  const ended = keep(options, work, stopping.signal);
  return {
    stop() {
      stopping.abort();
      return ended;
    },
  };
}

async function keep(options: KeeperOptions, work: Work, signal: AbortSignal): Promise<void> {
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

async function passOf({ isReady }: KeeperOptions, work: Work, signal: AbortSignal): Promise<Pass> {
  if (!isReady()) return { hasMore: false, error: null };
  return await work.pass(signal).catch((error: unknown) => ({ hasMore: false, error }));
}
