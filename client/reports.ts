/** What the caller hears: events that were dropped, and those that wait longer. */
import type { TrackedEvent, Trouble } from "./api.ts";
import { attempt } from "./attempt.ts";

export interface Reports {
  tell(trouble: Trouble): void;
  /** Reports a lost event. @param status 0 when there was no answer. */
  drop(json: string, code: string, status?: number): void;
  /** Events lost so far. */
  dropped(): number;
}

export function createReports(onError: (trouble: Trouble) => void): Reports {
  let dropped = 0;
  const tell = (trouble: Trouble): void => {
    // The caller's own error must not stop the sending.
    attempt(() => onError(trouble));
  };
  return {
    tell,
    drop(json, code, status = 0) {
      dropped += 1;
      tell({ kind: "dropped", code, status, event: JSON.parse(json) as TrackedEvent });
    },
    dropped: () => dropped,
  };
}
