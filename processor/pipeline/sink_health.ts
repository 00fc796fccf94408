/**
 * Tracks whether the storage of a sink answers: repeats calls that fail, counts the
 * failures, and logs one line when the pipeline resumes, and until then one for each code
 * with which it is paused and one for each thing that an operator has to change.
 */
import {
  needsOperator,
  type Config,
  type ErrorCode,
  type Log,
  type Metrics,
  type PipelineError,
  type WallClock,
  type WallMs,
} from "@tally/shared";
import { retrying } from "./retry.ts";
import type { Sink } from "./sink.ts";

export interface SinkHealthOptions {
  readonly sink: Pick<Sink, "name">;
  readonly config: Pick<Config<"processor">["processor"], "backoffMs">;
  readonly log: Log;
  readonly metrics: Metrics<"processor">;
  readonly wallNow: WallClock;
  /** 0 to less than 1, for the jitter of pauses. */
  readonly random: () => number;
  /**
   * Receives how the calls fail now: at each failure, and when a call that failed has ended. An
   * empty map means that all is well.
   */
  readonly onFailing: (failures: Failures) => void;
  /** See `RetryOptions`. */
  readonly explain?: (error: PipelineError) => Promise<PipelineError>;
  /** Whether a remedy has been logged already, when the processor started for example. */
  readonly isKnown?: (remedy: string) => boolean;
}

/** How calls fail with one code. */
export interface Failure {
  /** What an operator has to change; null when waiting can help. */
  readonly remedy: string | null;
  /** The error in words. */
  readonly message: string;
  /** When the first attempt began that failed. */
  readonly sinceMs: WallMs;
}

/** What fails, by code. */
export type Failures = ReadonlyMap<ErrorCode, Failure>;

/**
 * Repeats a call while a dependency is at fault. Resolves with null when the signal ended the call.
 */
export type Retry = <T>(run: () => Promise<T>, signal: AbortSignal) => Promise<T | null>;

/**
 * Makes the `retry` of one pipeline. Each call has its own failure, which ends with the call,
 * however that ends. The pipeline is paused while at least one call fails.
 */
export function createRetry(options: SinkHealthOptions): Retry {
  const { sink, config, random, explain, wallNow } = options;
  const failures = trackFailures(options);
  return async (run, signal) => {
    const call = Symbol(sink.name);
    let isWorking = false;
    let beganMs = 0;
    const attempt = () => {
      beganMs = wallNow();
      return run();
    };
    try {
      const outcome = await retrying(attempt, {
        signal,
        backoffMsMax: config.backoffMs,
        random,
        ...(explain === undefined ? {} : { explain }),
        onFailed: (error) => failures.onFailed(call, error, beganMs),
      });
      isWorking = outcome !== null;
      return outcome;
    } finally {
      failures.onEnded(call, isWorking);
    }
  };
}

function trackFailures({ sink, log, metrics, onFailing, isKnown }: SinkHealthOptions) {
  /** The last failure of each running call; bounded by the number of partitions. */
  const failing = new Map<symbol, Failure & { readonly code: ErrorCode }>();
  /** Remedies and codes logged since the pipeline paused; bounded by those that there are. */
  const logged = new Set<string>();
  const report = (): void => onFailing(byCode(failing.values()));
  const showPaused = (isPaused: boolean): void =>
    metrics.processor_paused.set({ sink: sink.name }, isPaused ? 1 : 0);
  showPaused(false);
  return {
    onFailed(call: symbol, error: PipelineError, beganMs: WallMs): void {
      const { code, message } = error;
      metrics.processor_write_errors_total.inc({ sink: sink.name, code });
      const isFirst = failing.size === 0;
      const remedy = error.remedy ?? code;
      const sinceMs = failing.get(call)?.sinceMs ?? beganMs;
      failing.set(call, { code, remedy: error.remedy, message, sinceMs });
      report();
      if (isFirst) showPaused(true);
      // Another service may fail while one does: each is worth a line.
      const reason = needsOperator(error) ? remedy : code;
      if (logged.has(reason)) return;
      logged.add(reason);
      if (!needsOperator(error)) {
        log.warn({ sink: sink.name, code, error }, "Pipeline paused: it retries automatically.");
      } else if (isKnown?.(remedy) !== true) {
        log.error(
          { sink: sink.name, code, remedy, error },
          "Pipeline paused: an operator must act.",
        );
      }
    },
    onEnded(call: symbol, isWorking: boolean): void {
      if (!failing.delete(call)) return;
      report();
      if (failing.size > 0) return;
      logged.clear();
      showPaused(false);
      if (isWorking) log.info({ sink: sink.name }, "Pipeline resumed.");
    },
  };
}

/** Of calls that fail with one code, the last one's words, and when the first began to fail. */
function byCode(failing: Iterable<Failure & { readonly code: ErrorCode }>): Failures {
  const failures = new Map<ErrorCode, Failure>();
  for (const { code, remedy, message, sinceMs } of failing) {
    const firstMs = Math.min(sinceMs, failures.get(code)?.sinceMs ?? sinceMs);
    failures.set(code, { remedy, message, sinceMs: firstMs });
  }
  return failures;
}
