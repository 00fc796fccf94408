/**
 * How many events of a batch fall on each minute of `ts` and type: what a statement
 * adds to the counts. Pure.
 */
import type { DecodedEvent } from "@tally/shared";

interface PlacedEvent {
  readonly event: Pick<DecodedEvent, "ts" | "receivedAt" | "eventType">;
  readonly partition: number;
}

/** Events of one partition, minute and type. */
export interface CountSum {
  readonly partition: number;
  /** `2026-01-31T07:15`, UTC. */
  readonly minute: string;
  readonly eventType: string;
  events: number;
  /** Those that were received at least `LATE_MS` after the start of their minute. */
  late: number;
}

/** An event is late from 60 s after the end of its minute on. */
const LATE_MS = 120_000;
const MINUTE_LENGTH = "2026-01-31T07:15".length;

/** Sums by partition, minute and type; at most one per event. */
export function countSums(events: readonly PlacedEvent[]): readonly CountSum[] {
  const sums = new Map<string, CountSum>();
  for (const { event, partition } of events) {
    const minute = event.ts.slice(0, MINUTE_LENGTH);
    // A minute and a number hold no space, so the type may be any text.
    const key = `${partition} ${minute} ${event.eventType}`;
    const late = isLate(minute, event.receivedAt) ? 1 : 0;
    const sum = sums.get(key);
    if (sum === undefined) {
      sums.set(key, { partition, minute, eventType: event.eventType, events: 1, late });
    } else {
      sum.events++;
      sum.late += late;
    }
  }
  return [...sums.values()];
}

function isLate(minute: string, receivedAt: string): boolean {
  if (receivedAt.startsWith(minute)) return false;
  return Date.parse(receivedAt) - Date.parse(`${minute}:00.000Z`) >= LATE_MS;
}
