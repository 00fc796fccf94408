/**
 * Repeats a call for as long as the dependency that it needs is down, with capped back-off and
 * jitter.
 */
import { backoffMs, isRetryable, needsOperator, sleep, type PipelineError } from "@tally/shared";

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** Longest pause, ms; the first is `BACKOFF_MS_MIN`. */
  readonly backoffMsMax: number;
  /** 0 to less than 1; spreads the attempts of many callers. */
  readonly random: () => number;
  /** Finds out more about an error before it is reported; never rejects. */
  readonly explain?: (error: PipelineError) => Promise<PipelineError>;
  /** Receives each error after which the call is repeated. */
  readonly onFailed: (error: PipelineError) => void;
}

const BACKOFF_MS_MIN = 50;

/**
 * Pauses while an operator has to act: a request cannot succeed before that, and the change is
 * noticed at most this much later.
 */
const OPERATOR_BACKOFF = { msMin: 1_000, msMax: 30_000 }; // chosen

/**
 * Calls `run` until it succeeds.
 *
 * @returns What `run` resolved with, or null when the signal was aborted first.
 * @throws What `run` threw, if a wait can't repair that, or if another owner wrote.
 */
export async function retrying<T>(run: () => Promise<T>, options: RetryOptions): Promise<T | null> {
  const { signal, backoffMsMax, random, explain, onFailed } = options;
  const backoff = { msMin: BACKOFF_MS_MIN, msMax: backoffMsMax };
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      return await run();
    } catch (error) {
      if (isEndedBy(signal, error)) return null;
      if (!isRetryable(error) || isMoved(error)) throw error;
      const failure = (await explain?.(error as PipelineError)) ?? (error as PipelineError);
      onFailed(failure);
      const pause = needsOperator(failure) ? OPERATOR_BACKOFF : backoff;
      await sleep(backoffMs(failures, pause, random()), signal);
    }
  }
  return null;
}

/** Whether the signal ended the run: then nothing failed, and no other owner wrote. */
function isEndedBy(signal: AbortSignal, error: unknown): boolean {
  return signal.aborted && error instanceof Error && error.cause === signal.reason;
}

function isMoved(error: unknown): boolean {
  return (error as PipelineError).code === "position_moved";
}
