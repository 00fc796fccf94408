/** One call to the store under a deadline, with its failure as one of the system's codes. */
import type { Log } from "@tally/shared";
import type { StorePlace } from "./refusals.ts";
import { failureOf, type AbortOption, type S3 } from "./s3_client.ts";
import { storeError, unavailable, type Call } from "./store_error.ts";

type Operation<T> = (options: AbortOption) => Promise<T>;

type Run = ReturnType<typeof runnerOf>;

/** How a request ended: `aborted` by its caller says nothing about the store. */
export type RequestEnd = "answered" | "failed" | "aborted";

/** Notes that a request for this began. Returns what notes its end. */
export type NoteRequest = (what: string, isQuick: boolean) => (end: RequestEnd) => void;

export interface RunnerOptions {
  readonly deadlineMs: number;
  /** Whether the operations carry no object, so that a working store answers them soon. */
  readonly isQuick: boolean;
  /** Called with each operation, and with its end. */
  readonly noteRequest: NoteRequest | undefined;
}

/** Runs one operation under a deadline. Gives null when the store answers 404. */
export function runnerOf(place: StorePlace, { deadlineMs, isQuick, noteRequest }: RunnerOptions) {
  return async <T>(call: Call, operation: Operation<T>, signal: AbortSignal) => {
    const deadline = AbortSignal.timeout(deadlineMs);
    const options = { abortSignal: AbortSignal.any([signal, deadline]) };
    const noteEnd = noteRequest?.(call.what, isQuick);
    try {
      const answer = await operation(options).catch((error: unknown) => {
        // The client has taken the store's time from this answer: a clock that has jumped is no
        // reason to wait for an operator.
        if (failureOf(error).code !== "RequestTimeTooSkewed") throw error;
        return operation(options);
      });
      noteEnd?.("answered");
      return answer;
    } catch (error) {
      noteEnd?.(endOf(error, signal));
      if (failureOf(error).status === 404) return null;
      if (deadline.aborted)
        throw unavailable(call, `no answer within ${deadlineMs / 1000} s`, error);
      throw storeError(error, call, place);
    }
  };
}

/** A refusal is an answer, too. */
function endOf(error: unknown, signal: AbortSignal): RequestEnd {
  if (failureOf(error).status !== null) return "answered";
  return signal.aborted ? "aborted" : "failed";
}

/** What the calls of one bucket share. */
export interface StoreParts {
  readonly s3: S3;
  readonly place: StorePlace;
  readonly run: Run;
  readonly log: Pick<Log, "warn"> | undefined;
}
