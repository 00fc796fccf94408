/**
 * Tracks whether the storage of a sink answers: repeats calls that fail, counts the
 * failures, and logs one line when the pipeline pauses and one when it resumes.
 */
import type { Config, ErrorCode, Log, Metrics, PipelineError } from "@tally/shared";
import { retrying } from "./retry.ts";
import type { Sink } from "./sink.ts";

export interface SinkHealthOptions {
  readonly sink: Pick<Sink, "name">;
  readonly config: Pick<Config<"processor">["processor"], "backoffMs">;
  readonly log: Log;
  readonly metrics: Metrics<"processor">;
  /** 0 to less than 1, for the jitter of pauses. */
  readonly random: () => number;
  /**
   * Receives the codes of the calls that fail now: at each failure, and when a call that failed
   * has ended. An empty set means that all is well.
   */
  readonly onFailing: (codes: ReadonlySet<ErrorCode>) => void;
}

/**
 * Repeats a call while a dependency is at fault. Resolves with null when the signal ended the call.
 */
export type Retry = <T>(run: () => Promise<T>, signal: AbortSignal) => Promise<T | null>;

/**
 * Makes the `retry` of one pipeline. Each call has its own failure, which ends with the call,
 * however that ends. The pipeline is paused while at least one call fails.
 */
export function createRetry(options: SinkHealthOptions): Retry {
  const { sink, config, random } = options;
  const failures = trackFailures(options);
  return async (run, signal) => {
    const call = Symbol(sink.name);
    let isWorking = false;
    try {
      const outcome = await retrying(run, {
        signal,
        backoffMsMax: config.backoffMs,
        random,
        onFailed: (error) => failures.onFailed(call, error),
      });
      isWorking = outcome !== null;
      return outcome;
    } finally {
      failures.onEnded(call, isWorking);
    }
  };
}

function trackFailures({ sink, log, metrics, onFailing }: SinkHealthOptions) {
  /** Code of the last failure of each running call; bounded by the number of partitions. */
  const failing = new Map<symbol, ErrorCode>();
  const showPaused = (isPaused: boolean): void =>
    metrics.processor_paused.set({ sink: sink.name }, isPaused ? 1 : 0);
  showPaused(false);
  return {
    onFailed(call: symbol, error: PipelineError): void {
      const { code } = error;
      metrics.processor_write_errors_total.inc({ sink: sink.name, code });
      const isFirst = failing.size === 0;
      failing.set(call, code);
      onFailing(new Set(failing.values()));
      if (!isFirst) return;
      showPaused(true);
      log.warn({ sink: sink.name, code, error }, "Pipeline paused: it retries automatically.");
    },
    onEnded(call: symbol, isWorking: boolean): void {
      if (!failing.delete(call)) return;
      onFailing(new Set(failing.values()));
      if (failing.size > 0) return;
      showPaused(false);
      if (isWorking) log.info({ sink: sink.name }, "Pipeline resumed.");
    },
  };
}
