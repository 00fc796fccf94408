/** One call to the store under a deadline, with its failure as one of the system's codes. */
import type { Log } from "@tally/shared";
import type { StorePlace } from "./refusals.ts";
import { failureOf, type AbortOption, type S3 } from "./s3_client.ts";
import { storeError, unavailable, type Call } from "./store_error.ts";

type Operation<T> = (options: AbortOption) => Promise<T>;

type Run = ReturnType<typeof runnerOf>;

/** Runs one operation under a deadline. Gives null when the store answers 404. */
export function runnerOf(place: StorePlace, deadlineMs: number) {
  return async <T>(call: Call, operation: Operation<T>, signal: AbortSignal) => {
    const deadline = AbortSignal.timeout(deadlineMs);
    const options = { abortSignal: AbortSignal.any([signal, deadline]) };
    try {
      return await operation(options).catch((error: unknown) => {
        // The client has taken the store's time from this answer: a clock that has jumped is no
        // reason to wait for an operator.
        if (failureOf(error).code !== "RequestTimeTooSkewed") throw error;
        return operation(options);
      });
    } catch (error) {
      if (failureOf(error).status === 404) return null;
      if (deadline.aborted) throw unavailable(call, `no answer within ${deadlineMs} ms`, error);
      throw storeError(error, call, place);
    }
  };
}

/** What the calls of one bucket share. */
export interface StoreParts {
  readonly s3: S3;
  readonly place: StorePlace;
  readonly run: Run;
  readonly log: Pick<Log, "warn"> | undefined;
}
