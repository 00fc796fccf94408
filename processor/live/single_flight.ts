/**
 * A read that is repeated, of a dependency that may be down: one at a time, and with a
 * bound on how long a caller waits for it.
 */
import {
  errorCode,
  withinTime,
  type Clocks,
  type ErrorCode,
  type MonotonicMs,
  type WallMs,
} from "@tally/shared";
import { lastError, type DependencyState, type LastError } from "./dependency_states.ts";

/** One read at a time. A call during a read waits for that read's answer. */
export interface SingleFlight<T> {
  /** The answer, or null when the read failed or takes longer than `waitMsMax`. */
  run(waitMsMax: number): Promise<T | null>;
  /** State of the dependency as of the last read. */
  state(): DependencyState;
  /** Null after a read that succeeded, and before the first one. */
  trouble(): Trouble | null;
}

/** Why a dependency does not work, as its reads found it. */
export interface Trouble {
  /** When the first read began that failed or is late. */
  readonly sinceMs: WallMs;
  readonly lastError: LastError;
}

export interface SingleFlightOptions extends Clocks {
  /** What is read, for the words of a read without an answer, and the code of that. */
  readonly what: string;
  readonly lateCode: ErrorCode;
  /** Called with failures that no dependency caused: defects of this program. */
  readonly onError: (error: unknown) => void;
}

/** A read that takes longer than this means that the dependency is down. */
const LATE_MS_MAX = 5000;

/** Wraps a read. */
export function singleFlight<T>(
  { wallNow, monotonicNow, what, lateCode, onError }: SingleFlightOptions,
  read: () => Promise<T>,
): SingleFlight<T> {
  let flight: Flight<T> | null = null;
  let state: DependencyState = "unknown";
  let trouble: Trouble | null = null;
  const noteTrouble = (beganMs: WallMs, code: ErrorCode, message: string): void => {
    state = "down";
    const sinceMs = trouble?.sinceMs ?? beganMs;
    trouble = { sinceMs, lastError: lastError(code, message, wallNow()) };
  };
  const start = async (beganMs: WallMs): Promise<T | null> => {
    try {
      // A read that throws synchronously is treated like a rejection, so that it fails only after
      // `flight` is set.
      const answer = await Promise.try(read);
      [state, trouble] = ["up", null];
      return answer;
    } catch (error) {
      const code = errorCode(error);
      if (code === "internal") onError(error);
      noteTrouble(beganMs, code, error instanceof Error ? error.message : String(error));
      return null;
    } finally {
      flight = null;
    }
  };
  const noteLate = (): void => {
    if (flight === null || flight.isLate || monotonicNow() - flight.startedMs <= LATE_MS_MAX)
      return;
    flight.isLate = true;
    noteTrouble(
      flight.beganMs,
      lateCode,
      `Cannot ${what}: no answer within ${LATE_MS_MAX / 1000} s`,
    );
  };
  return {
    run(waitMsMax) {
      const [beganMs, startedMs] = [wallNow(), monotonicNow()];
      const answer = flight?.answer ?? start(beganMs);
      flight ??= { beganMs, startedMs, answer, isLate: false };
      return withinTime(answer, waitMsMax);
    },
    state() {
      noteLate();
      return state;
    },
    trouble() {
      noteLate();
      return trouble;
    },
  };
}

interface Flight<T> {
  readonly beganMs: WallMs;
  readonly startedMs: MonotonicMs;
  readonly answer: Promise<T | null>;
  isLate: boolean;
}
