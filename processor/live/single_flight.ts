/**
 * A read that is repeated, of a dependency that may be down: one at a time, and with a
 * bound on how long a caller waits for it.
 */
import { errorCode, withinTime, type MonotonicClock } from "@tally/shared";
import type { DependencyState } from "./dependency_states.ts";

/** One read at a time. A call during a read waits for that read's answer. */
export interface SingleFlight<T> {
  /** The answer, or null when the read failed or takes longer than `waitMsMax`. */
  run(waitMsMax: number): Promise<T | null>;
  /** State of the dependency as of the last read. */
  state(): DependencyState;
}

export interface SingleFlightOptions {
  readonly now: MonotonicClock;
  /** Called with failures that no dependency caused: defects of this program. */
  readonly onError: (error: unknown) => void;
}

/** A read that takes longer than this means that the dependency is down. */
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
      // A read that throws synchronously is treated like a rejection, so that it fails only after
      // `flight` is set.
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
