/**
 * The gate before the database for questions over HTTP: few at once, none for long, so that viewers
 * can't harm it.
 */
import { PipelineError, withinTime } from "@tally/shared";
import { guarded } from "../database/database.ts";

/** Runs a question. */
export type QueryGate = <T>(ask: () => Promise<T>) => Promise<T>;

export interface QueryGateOptions {
  /** Questions asked and not answered yet. */
  readonly queriesMax: number;
  /** Longest wait for one answer, ms; the statement itself ends by its own timeout. */
  readonly waitMsMax: number;
}

/**
 * Makes a gate. What it runs may reject with `overloaded` when too many questions wait already, and
 * with `database_unavailable` when the answer takes too long; both are retryable.
 */
export function createQueryGate({ queriesMax, waitMsMax }: QueryGateOptions): QueryGate {
  let queries = 0;
  return async (ask) => {
    if (queries >= queriesMax) {
      throw new PipelineError("overloaded", `Cannot ask the database: ${queries} questions wait`);
    }
    queries += 1;
    // It counts until it ends, also when nobody waits for it any more: that bounds what piles up.
    const answer = guarded(ask).finally(() => {
      queries -= 1;
    });
    const inTime = await withinTime(
      answer.then((value) => ({ value })),
      waitMsMax,
    );
    if (inTime === null) {
      throw new PipelineError(
        "database_unavailable",
        `Cannot ask the database: no answer within ${waitMsMax} ms`,
      );
    }
    return inTime.value;
  };
}
