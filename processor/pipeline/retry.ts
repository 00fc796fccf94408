/**
 * Repeats what failed for the world's reasons, for as long as that lasts:
 * capped back-off with jitter, one notice per change of state.
 */
import { isRetryable, type PipelineError } from "@tally/shared";

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** Longest pause, ms; the first is `BACKOFF_MS_MIN`. */
  readonly backoffMsMax: number;
  /** 0 to less than 1; spreads the attempts of many. */
  readonly random: () => number;
  /** Told each failure that will be repeated. */
  readonly onFailed: (error: PipelineError) => void;
}

const BACKOFF_MS_MIN = 50;

/**
 * Runs until it succeeds.
 *
 * @returns What the run gave; null when the signal was aborted first.
 * @throws What the run threw, when that can't be repaired by waiting, or when somebody else wrote.
 */
export async function retrying<T>(run: () => Promise<T>, options: RetryOptions): Promise<T | null> {
  for (let attempt = 0; !options.signal.aborted; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (isEndedBy(options.signal, error)) return null;
      if (!isRetryable(error) || isMoved(error)) throw error;
      options.onFailed(error as PipelineError);
      await pause(backoffMs(attempt, options), options.signal);
    }
  }
  return null;
}

/** Pause before the next attempt: doubling, capped, between half and the whole of it. */
export function backoffMs(
  attempt: number,
  { backoffMsMax, random }: Pick<RetryOptions, "backoffMsMax" | "random">,
): number {
  const whole = Math.min(backoffMsMax, BACKOFF_MS_MIN * 2 ** Math.min(attempt, 20));
  return whole / 2 + (whole / 2) * random();
}

/** Waits, but not beyond the signal. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const onAborted = () => resolve();
  signal?.addEventListener("abort", onAborted);
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener("abort", onAborted);
}

/** The signal itself ended the run: nothing failed, and nobody else wrote. */
function isEndedBy(signal: AbortSignal, error: unknown): boolean {
  return signal.aborted && error instanceof Error && error.cause === signal.reason;
}

function isMoved(error: unknown): boolean {
  return (error as PipelineError).code === "position_moved";
}
