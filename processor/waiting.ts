/** Waits for the services that the processor needs, notes how they answer, and logs it once. */
import {
  needsOperator,
  type Config,
  type Log,
  type PipelineError,
  type WallClock,
  type WallMs,
} from "@tally/shared";
import type { Database } from "@tally/shared/database";
import { explainRefusal } from "./database/explain.ts";
import type { SeenDependency, SeenStates } from "./live/dependency_states.ts";
import { retrying } from "./pipeline/retry.ts";

/**
 * Repeats until the run succeeds, which shows that the dependency `asked` is up. Resolves with null
 * when it was stopped first.
 */
export type Wait = <T>(run: () => Promise<T>, asked?: SeenDependency) => Promise<T | null>;

export interface WaitOptions {
  readonly config: Pick<Config<"processor">, "processor">;
  readonly sql: Database;
  readonly log: Log;
  readonly random: () => number;
  readonly wallNow: WallClock;
  /** Called when the server takes no writes. */
  readonly onReadOnly?: () => void;
}

/** Logs once for each service that it is absent, and once for each change that it needs. */
export function createWait(
  { config, sql, log, random, onReadOnly, wallNow }: WaitOptions,
  signal: AbortSignal,
  seen: SeenStates,
): Wait {
  const waitedFor = new Set<string>();
  const onFailed = (error: PipelineError, beganMs: WallMs): void => {
    // The stop ended the call: that is not the service's fault.
    if (signal.aborted) return;
    const { code, remedy } = error;
    if (code === "database_read_only") onReadOnly?.();
    const isOfKafka = code.startsWith("broker_");
    // Another call has logged the remedy. One of Kafka may come from a frame, which logs nothing.
    const isKnown =
      !isOfKafka && remedy !== null && Object.values(seen.remedies()).includes(remedy);
    if (isOfKafka) seen.kafka("topic", error);
    else seen.failed(error, beganMs);
    const what = SERVICES.get(code) ?? "PostgreSQL";
    const reason = needsOperator(error) ? `${what}: ${remedy}` : what;
    if (isKnown || waitedFor.has(reason)) return;
    waitedFor.add(reason);
    if (!needsOperator(error)) return log.warn({ code, error }, `Waiting for ${what}.`);
    log.error({ code, remedy, error }, `Waiting for a change of ${what}: an operator must act.`);
  };
  const { backoffMs: backoffMsMax } = config.processor;
  const explain = (error: PipelineError) => explainRefusal(sql, error);
  return async (run, asked) => {
    let beganMs = 0;
    const attempt = () => {
      beganMs = wallNow();
      return run();
    };
    const outcome = await retrying(attempt, {
      signal,
      backoffMsMax,
      random,
      explain,
      onFailed: (error) => onFailed(error, beganMs),
    });
    if (outcome !== null && asked === "kafka") seen.kafka("topic", null);
    else if (outcome !== null && asked !== undefined) seen.answered(asked);
    return outcome;
  };
}

const SERVICES: ReadonlyMap<string, string> = new Map([
  ["broker_unavailable", "Kafka"],
  ["broker_misconfigured", "Kafka"],
  ["archive_unavailable", "S3"],
  ["archive_misconfigured", "S3"],
]);
