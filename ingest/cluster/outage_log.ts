/**
 * The log lines about an outage of Kafka: one when it begins, one when its reason changes,
 * one when it ends; never one per request.
 */
import type { Log } from "@tally/shared";
import type { Reason } from "./reason.ts";

/** A reason that lasts is logged again after this time. */
export const REPEAT_MS = 600_000; // chosen
/** A shorter outage is not logged: the leader of a partition may change at any time. */
const LASTS_MS = 2000; // chosen

export interface OutageLog {
  /**
   * Takes the state of this moment.
   *
   * @param reason Null when every partition stores events.
   * @param isStoring Whether at least some events are stored.
   */
  note(reason: Reason | null, isStoring: boolean): void;
}

/** @param now Monotonic, ms. */
export function createOutageLog(log: Log, now: () => number): OutageLog {
  /** When each kind was logged last, since the outage began. */
  const logged = new Map<string, number>();
  let sinceMs: number | null = null;

  return {
    note(reason, isStoring) {
      // delivery_failure.ts has logged it.
      if (reason?.kind === "refused") return;
      const nowMs = now();
      if (reason === null) {
        sinceMs = null;
        if (logged.size > 0) log.info({}, "Kafka stores events again.");
        logged.clear();
        return;
      }
      sinceMs ??= nowMs;
      if (nowMs - sinceMs < LASTS_MS) return;
      const key = `${isStoring} ${reason.kind}`;
      const lastMs = logged.get(key);
      if (lastMs !== undefined && nowMs - lastMs < REPEAT_MS) return;
      logged.set(key, nowMs);
      const { text, detail } = reason;
      const level = reason.isForOperator ? "error" : "warn";
      log[level]({ reason: text, detail }, isStoring ? PARTIAL : WHOLE);
    },
  };
}

const WHOLE = "Kafka can't store events; requests are answered with 503.";
const PARTIAL = "Some partitions can't store events; their requests are answered with 503.";
