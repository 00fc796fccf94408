/**
 * Notes which requests to the store are answered. A store that is slow answers some of its
 * requests, a small one at least; one that hangs answers none, and is silent.
 */
import type { Clocks, MonotonicMs, WallMs } from "@tally/shared";
import type { NoteRequest } from "../archive/store_call.ts";

/** The store has answered nothing since this request began. */
export interface Silence {
  readonly sinceMs: WallMs;
  /** What the first request wanted that got no answer. */
  readonly what: string;
}

export interface StoreAnswers {
  /** Notes a request. A working store answers a quick one soon: it carries no object. */
  readonly began: NoteRequest;
  /**
   * Null while the store answers: since the last answer no request has failed without one, and no
   * quick one that began after it has waited for `SILENT_MS_MAX`.
   */
  silence(): Silence | null;
}

/** A store that needs longer for its quickest answer counts as down. */
export const SILENT_MS_MAX = 6_000; // chosen

interface Request extends Silence {
  readonly startedMs: MonotonicMs;
  readonly isQuick: boolean;
}

/** Starts without any request. */
export function createStoreAnswers({ wallNow, monotonicNow }: Clocks): StoreAnswers {
  /** Running requests that began after the last answer, in order; others prove nothing. */
  const waiting = new Set<Request>();
  /** Of the requests that failed after the last answer, the one that began first. */
  let failed: Request | null = null;
  const firstOf = (requests: readonly (Request | null)[]): Request | null =>
    requests.reduce((first, each) => (startOf(each) < startOf(first) ? each : first), null);
  return {
    began(what, isQuick) {
      const request = { what, isQuick, sinceMs: wallNow(), startedMs: monotonicNow() };
      waiting.add(request);
      return (end) => {
        const isWithoutAnswer = waiting.delete(request);
        if (end === "answered") {
          failed = null;
          waiting.clear();
        } else if (end === "failed" && isWithoutAnswer) {
          failed = firstOf([failed, request]);
        }
      };
    },
    silence() {
      const silentMs = monotonicNow() - SILENT_MS_MAX;
      const isSilent = failed !== null || [...waiting].some((each) => isLate(each, silentMs));
      const first = isSilent ? firstOf([failed, ...waiting]) : null;
      return first === null ? null : { sinceMs: first.sinceMs, what: first.what };
    },
  };
}

function startOf(request: Request | null): MonotonicMs {
  return request?.startedMs ?? Infinity;
}

function isLate({ isQuick, startedMs }: Request, silentMs: MonotonicMs): boolean {
  return isQuick && startedMs < silentMs;
}
