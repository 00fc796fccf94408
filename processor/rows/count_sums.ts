/**
 * What the events of a batch add to the counts: rows by minute of `ts` and by number of
 * their type. Pure.
 */
import type { DecodedEvent } from "@tally/shared";

/** An event as it is counted. */
export type CountedEvent = Pick<DecodedEvent, "ts" | "receivedAt" | "eventType">;

/** What is added to one row of counts. */
export interface CountSum {
  /** `2026-01-31T07:15Z`: start of the minute, or of the quarter of an hour. */
  readonly start: string;
  readonly isMinute: boolean;
  total: number;
  /** Those that were received at least 60 s after the end of their minute. */
  late: number;
  /** By number of the type, from 1; what `total` has beyond them are types without a number. */
  readonly counts: number[];
}

/** An event is late from 60 s after the end of its minute on. */
const LATE_MS = 120_000;
/** What is older than minutes are kept is counted by quarter of an hour at once. */
const MINUTES_KEPT_MS = 48 * 3_600_000;
const MINUTE_LENGTH = "2026-01-31T07:15".length;
const HOUR_LENGTH = "2026-01-31T07:".length;

/**
 * Sums of events of one partition, at most one per event.
 *
 * @param numbers Numbers of the types, from 1.
 */
export function countSums(
  events: Iterable<CountedEvent>,
  numbers: ReadonlyMap<string, number>,
): readonly CountSum[] {
  const sums = new Map<string, CountSum>();
  for (const { ts, receivedAt, eventType } of events) {
    const minute = ts.slice(0, MINUTE_LENGTH);
    const ageMs = receivedAt.startsWith(minute) ? 0 : ageOf(minute, receivedAt);
    const isMinute = ageMs <= MINUTES_KEPT_MS;
    const start = isMinute ? minute : quarterOf(minute);
    const key = isMinute ? minute : `quarter ${start}`;
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = { start: `${start}Z`, isMinute, total: 0, late: 0, counts: [] };
      sums.set(key, sum);
    }
    sum.total++;
    if (ageMs >= LATE_MS) sum.late++;
    const number = numbers.get(eventType);
    if (number !== undefined) addTo(sum.counts, number);
  }
  return [...sums.values()];
}

function addTo(counts: number[], number: number): void {
  while (counts.length < number) counts.push(0);
  counts[number - 1] = (counts[number - 1] ?? 0) + 1;
}

/** Time from the start of a minute until the event was received, ms; negative in the future. */
function ageOf(minute: string, receivedAt: string): number {
  return Date.parse(receivedAt) - Date.parse(`${minute}:00.000Z`);
}

function quarterOf(minute: string): string {
  const quarter = Math.floor(Number(minute.slice(HOUR_LENGTH)) / 15) * 15;
  return `${minute.slice(0, HOUR_LENGTH)}${String(quarter).padStart(2, "0")}`;
}
