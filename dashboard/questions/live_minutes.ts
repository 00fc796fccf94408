/**
 * The minutes that the event `counts` has shown, without a gap. Pure. A question asked up to one
 * of them, and these minutes, are together all events of a range until now.
 */
import type { CountsFrame, MinuteCounts } from "@tally/shared";
import type { Filter, Scalar } from "../address/filter.ts";

export interface LiveMinutes {
  /** By start, ms since 1970; each is exact, except the open one, which grows. */
  readonly minutes: ReadonlyMap<number, MinuteCounts>;
  /** From here on no minute is missing; null before the first counts. */
  readonly sinceMs: number | null;
  /** Start of the open minute. */
  readonly openMs: number | null;
}

export const NO_MINUTES: LiveMinutes = { minutes: new Map(), sinceMs: null, openMs: null };

/** Two hours; a question is asked again long before. */
export const MINUTES_MAX = 120; // chosen

/** Adds what a frame shows. After a break the minutes begin again. */
export function addCounts(before: LiveMinutes, { minutes }: CountsFrame): LiveMinutes {
  const starts = minutes.map(({ minute }) => Date.parse(minute));
  const first = starts[0];
  const last = starts.at(-1);
  if (first === undefined || last === undefined) return before;
  // The minute that was open must be seen once more: only then its end is known.
  const isGap = before.openMs === null || first > before.openMs || last < before.openMs;
  const known = new Map(isGap ? [] : before.minutes);
  minutes.forEach((minute, index) => known.set(starts[index] ?? Number.NaN, minute));
  let sinceMs = isGap || before.sinceMs === null ? first : before.sinceMs;
  for (const start of known.keys()) {
    if (known.size <= MINUTES_MAX) break;
    known.delete(start);
    sinceMs = start + 60_000;
  }
  return { minutes: known, sinceMs, openMs: last };
}

/** Whether the filters can be applied to a minute's types: others need rows. */
export function canBeLive(filters: readonly Filter[]): boolean {
  return filters.every(
    ({ dimension, operator }) => dimension === "event:name" && !operator.startsWith("matches"),
  );
}

/** Rows of the minute that pass filters for which `canBeLive()` is true. */
export function eventsOf(minute: MinuteCounts, filters: readonly Filter[]): number {
  if (filters.length === 0) return minute.events;
  let events = 0;
  for (const [name, count] of Object.entries(minute.types)) {
    if (passesName(filters, name)) events += count;
  }
  return events;
}

export function passesName(filters: readonly Filter[], name: string): boolean {
  return filters.every(({ operator, values }) => {
    const isNegative = operator.endsWith("_not");
    const fits = operator.startsWith("contains")
      ? (value: Scalar) => typeof value === "string" && name.includes(value)
      : (value: Scalar) => value === name;
    return values.some(fits) !== isNegative;
  });
}
