/**
 * Bounds the queries that HTTP requests run in the database: a maximum at once, and a
 * longest wait for each, so that viewers can't overload it.
 */
import { PipelineError, withinTime } from "@tally/shared";
import { guarded, type Database } from "@tally/shared/database";

/** Runs a query. */
export type QueryGate = <T>(query: () => Promise<T>) => Promise<T>;

export interface QueryGateOptions {
  /** The pool in which they run. */
  readonly sql: Database;
  /** Queries that run at once. */
  readonly queriesMax: number;
  /** Longest wait for one answer, ms. The statement itself ends by the timeout of the database. */
  readonly waitMsMax: number;
}

/**
 * Makes a gate. It rejects with `overloaded` when too many queries run already, and with
 * `database_unavailable` when an answer takes too long. Both are retryable.
 */
export function createQueryGate({ sql, queriesMax, waitMsMax }: QueryGateOptions): QueryGate {
  let queries = 0;
  return async (query) => {
    if (queries >= queriesMax) {
      throw new PipelineError("overloaded", `Cannot query the database: ${queries} queries run`);
    }
    queries += 1;
    // A query counts until it ends, even after its request was answered: that is what bounds them.
    const answer = guarded(sql, query).finally(() => {
      queries -= 1;
    });
    const inTime = await withinTime(
      answer.then((value) => ({ value })),
      waitMsMax,
    );
    if (inTime === null) {
      throw new PipelineError(
        "database_unavailable",
        `Cannot query the database: no answer within ${waitMsMax / 1000} s`,
      );
    }
    return inTime.value;
  };
}
