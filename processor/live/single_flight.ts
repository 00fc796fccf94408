/**
 * A question that is asked again and again, of something that may be away: never twice at once,
 * never waited for too long.
 */
import { errorCode, withinTime } from "@tally/shared";
import type { DependencyState } from "./dependency_states.ts";

/** One read at a time; who asks meanwhile waits for the one that is under way. */
export interface SingleFlight<T> {
  /** The answer; null when it failed or didn't come in time. */
  run(waitMsMax: number): Promise<T | null>;
  /** What the last answer, or its absence, says about who is asked. */
  state(): DependencyState;
}

export interface SingleFlightOptions {
  /** ms since 1970. */
  readonly now: () => number;
  /** Told failures that are no dependency's: faults of ours. */
  readonly onError: (error: unknown) => void;
}

/** Who is asked is down when the answer is this late. */
const LATE_MS_MAX = 5000;

/** Wraps a read. */
export function singleFlight<T>(
  { now, onError }: SingleFlightOptions,
  read: () => Promise<T>,
): SingleFlight<T> {
  let flight: { readonly startedMs: number; readonly answer: Promise<T | null> } | null = null;
  let state: DependencyState = "unknown";
  const start = async (): Promise<T | null> => {
    try {
      // A read that throws at once fails like one that rejects: after `flight` was set.
      const answer = await Promise.try(read);
      state = "up";
      return answer;
    } catch (error) {
      state = "down";
      if (errorCode(error) === "internal") onError(error);
      return null;
    } finally {
      flight = null;
    }
  };
  return {
    run(waitMsMax) {
      const answer = flight?.answer ?? start();
      flight ??= { startedMs: now(), answer };
      return withinTime(answer, waitMsMax);
    },
    state() {
      if (flight !== null && now() - flight.startedMs > LATE_MS_MAX) state = "down";
      return state;
    },
  };
}
