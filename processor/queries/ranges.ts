/**
 * Turns what a query says of time into moments: its range, the range that it is compared with, and
 * its buckets in a time zone. All calendar work is Temporal's, which Bun has built in. Pure.
 */
import type { Grain } from "./asked/names.ts";
import type { RangeEnd, RangeWish } from "./asked/range_words.ts";
import { refuseRange, refuseSkippedDays } from "./asked/range_words.ts";
import { refused, type Refused } from "./asked/refused.ts";

/** From a moment until before another one, ms since 1970. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A range of a query, and how far back the period before it begins. */
export interface QueryRange extends Range {
  /** Null when there is no period before it. */
  readonly period: Temporal.Duration | null;
}

export interface RangeContext {
  readonly timeZone: string;
  readonly nowMs: number;
  /** From the first row until after the last one; null without rows. Read only for `all`. */
  readonly extent: Range | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Resolves a range. A relative one is rounded outward to whole minutes. */
export function resolveRange(wish: RangeWish, context: RangeContext): QueryRange | Refused {
  const { timeZone, nowMs, extent } = context;
  const toMs = Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS;
  const now = zoned(nowMs, timeZone);
  switch (wish.kind) {
    case "last": {
      const from = now.subtract(wish.duration).epochMilliseconds;
      return { fromMs: floor(from, MINUTE_MS), toMs, period: wish.duration };
    }
    case "since": {
      const from = startOf(now.subtract(wish.back).toPlainDate(), wish.start);
      const fromMs = startOfDay(from, timeZone);
      const unit = `${wish.start}s` as const;
      const period = wish.back.with({ [unit]: wish.back[unit] + 1 });
      return { fromMs, toMs: Math.max(toMs, fromMs + MINUTE_MS), period };
    }
    case "all": {
      const { fromMs = toMs - MINUTE_MS, toMs: endMs = toMs } = extent ?? {};
      return { fromMs: floor(fromMs, MINUTE_MS), toMs: Math.max(toMs, endMs), period: null };
    }
    case "between":
      return between(wish.from, wish.to, timeZone);
  }
}

function between(from: RangeEnd, to: RangeEnd, timeZone: string): QueryRange | Refused {
  const fromMs = from.kind === "date" ? startOfDay(from.date, timeZone) : from.ms;
  const toMs =
    to.kind === "date" ? startOfDay(to.date.add({ days: 1 }), timeZone) : wholeMinute(to.ms);
  const isDates = from.kind === "date" && to.kind === "date";
  if (toMs <= fromMs) {
    const isSkipped = isDates && Temporal.PlainDate.compare(from.date, to.date) <= 0;
    return isSkipped ? refuseSkippedDays() : refuseRange();
  }
  const period = isDates
    ? from.date.until(to.date).add({ days: 1 })
    : Temporal.Duration.from({ milliseconds: toMs - fromMs });
  return { fromMs, toMs, period };
}

/** Clients of Plausible end a range with the last second of its last minute. */
function wholeMinute(ms: number): number {
  return ms - floor(ms, MINUTE_MS) === MINUTE_MS - 1000 ? ms + 1000 : ms;
}

/** The range that another one is compared with. */
export function compareRange(
  { fromMs, toMs, period }: QueryRange,
  mode: "previous_period" | "year_over_year",
  timeZone: string,
): Range | Refused {
  const back = mode === "year_over_year" ? Temporal.Duration.from({ years: 1 }) : period;
  if (back === null) {
    const hint = 'There is no period before "all". Allowed: year_over_year, or another date_range';
    return refused("invalid_query", "/include/comparisons/mode", hint);
  }
  const earlierMs = zoned(fromMs, timeZone).subtract(back).epochMilliseconds;
  const endMs = earlierEnd({ fromMs, toMs }, back, timeZone);
  // A range that was rounded outward is longer than its period, and would share a minute with it.
  const laterMs = mode === "previous_period" ? Math.min(endMs, fromMs) : endMs;
  // A day of 23 hours has no counterpart of each of its minutes a year before.
  return { fromMs: earlierMs, toMs: laterMs > earlierMs ? laterMs : earlierMs + MINUTE_MS };
}

/**
 * The end of an earlier range. Whole days stay whole days, and whole months whole months. An end
 * within a day that the earlier month does not have is the end of that month.
 */
function earlierEnd({ fromMs, toMs }: Range, back: Temporal.Duration, timeZone: string): number {
  const to = zoned(toMs, timeZone);
  const day = to.toPlainDate();
  if (back.years === 0 && back.months === 0) return to.subtract(back).epochMilliseconds;
  if (startOfDay(day, timeZone) === toMs) {
    const first = startOfDay(zoned(fromMs, timeZone).toPlainDate().with({ day: 1 }), timeZone);
    if (day.day === 1 && first === fromMs) return startOfDay(day.subtract(back), timeZone);
    const last = day.subtract({ days: 1 }).subtract(back);
    return startOfDay(last.add({ days: 1 }), timeZone);
  }
  const earlier = day.subtract(back);
  return earlier.day === day.day
    ? to.subtract(back).epochMilliseconds
    : startOfDay(earlier.add({ days: 1 }), timeZone);
}

/** The buckets of a range. */
export interface Buckets {
  readonly grain: Grain;
  /** Where each begins, ascending; the first begins with the range, even in the middle of a day. */
  readonly startsMs: readonly number[];
  /** The start of the whole bucket in the time zone: a date from days on, else a time. */
  readonly labels: readonly string[];
}

/** Buckets of one answer. */
export const BUCKETS_MAX = 10_000;
/** The shortest that a bucket of each length is. */
const LENGTH_MS: Readonly<Record<Grain, number>> = {
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 28 * DAY_MS,
};
/** The longest range for which `time` means this length. // chosen */
const AUTOMATIC: readonly (readonly [maxMs: number, grain: Grain])[] = [
  [2 * HOUR_MS, "minute"],
  [3 * DAY_MS, "hour"],
  [184 * DAY_MS, "day"],
];

/** Cuts a range into buckets. @param grain Null to choose by the length of the range. */
export function cutRange(
  range: Range,
  { grain: wished, timeZone }: { readonly grain: Grain | null; readonly timeZone: string },
): Buckets | Refused {
  const { fromMs, toMs } = range;
  const lengthMs = toMs - fromMs;
  const grain = wished ?? AUTOMATIC.find(([maxMs]) => lengthMs <= maxMs)?.[1] ?? "month";
  // Starts are listed from the start of the first bucket's day, month or hour.
  const isSurelyTooMany = lengthMs > (BUCKETS_MAX + 1) * LENGTH_MS[grain] * 1.2;
  const all = isSurelyTooMany ? [] : startsOf(range, grain, timeZone);
  const first = all.findLastIndex((ms) => ms <= fromMs);
  const whole = all.slice(Math.max(0, first));
  if (isSurelyTooMany || whole.length > BUCKETS_MAX) {
    const hint = `At most ${BUCKETS_MAX} buckets: choose longer ones, or a range of at most ${Math.floor((BUCKETS_MAX * LENGTH_MS[grain]) / HOUR_MS)} hours`;
    return refused("too_many_buckets", "/dimensions", hint);
  }
  return {
    grain,
    startsMs: [fromMs, ...whole.slice(1)],
    labels: whole.map((ms) => labelOf(ms, grain, timeZone)),
  };
}

/** Starts of whole buckets that cover a range, ascending; earlier ones may stand before them. */
function startsOf(range: Range, grain: Grain, timeZone: string): number[] {
  if (grain === "minute") return minuteStarts(range);
  return grain === "hour" ? hourStarts(range, timeZone) : dateStarts(range, grain, timeZone);
}

function minuteStarts({ fromMs, toMs }: Range): number[] {
  const starts: number[] = [];
  for (let ms = floor(fromMs, MINUTE_MS); ms < toMs; ms += MINUTE_MS) starts.push(ms);
  return starts;
}

/**
 * An hour begins where the clocks of the zone show a whole one, and where they are set by less than
 * an hour (Australia/Lord_Howe: by half an hour).
 */
function hourStarts({ fromMs, toMs }: Range, timeZone: string): number[] {
  const starts: number[] = [];
  let at = zoned(fromMs, timeZone).startOfDay();
  while (at.epochMilliseconds < toMs) {
    const startMs = at.epochMilliseconds;
    const change = at.getTimeZoneTransition("next");
    const endMs = Math.min(toMs, change?.epochMilliseconds ?? toMs);
    const offsetMs = at.offsetNanoseconds / 1_000_000;
    const firstMs = Math.ceil((startMs + offsetMs) / HOUR_MS) * HOUR_MS - offsetMs;
    if (firstMs !== startMs && !isSameGrid(at)) starts.push(startMs);
    for (let ms = firstMs; ms < endMs; ms += HOUR_MS) starts.push(ms);
    if (change === null || endMs >= toMs) break;
    at = change;
  }
  return starts;
}

/** Whether the clocks showed the same minutes of an hour just before. */
function isSameGrid(at: Temporal.ZonedDateTime): boolean {
  const before = at.subtract({ milliseconds: 1 });
  return (at.offsetNanoseconds - before.offsetNanoseconds) % (HOUR_MS * 1_000_000) === 0;
}

function dateStarts(range: Range, grain: "day" | "week" | "month", timeZone: string): number[] {
  const { fromMs, toMs } = range;
  const starts: number[] = [];
  let date = startOf(zoned(fromMs, timeZone).toPlainDate(), grain);
  for (;;) {
    const ms = startOfDay(date, timeZone);
    if (ms >= toMs) return starts;
    // A day that the zone skipped begins with the day after it.
    if (ms !== starts.at(-1)) starts.push(ms);
    date = date.add({ [`${grain}s`]: 1 });
  }
}

/** The first day of a date's week (Monday), month or year. */
function startOf(date: Temporal.PlainDate, unit: "day" | "week" | "month" | "year") {
  if (unit === "week") return date.subtract({ days: date.dayOfWeek - 1 });
  if (unit === "day") return date;
  return date.with(unit === "year" ? { month: 1, day: 1 } : { day: 1 });
}

/** The first moment of a day: midnight, or later where clocks are set at midnight. */
function startOfDay(date: Temporal.PlainDate, timeZone: string): number {
  return date.toZonedDateTime(timeZone).epochMilliseconds;
}

function labelOf(ms: number, grain: Grain, timeZone: string): string {
  if (grain !== "minute" && grain !== "hour") return zoned(ms, timeZone).toPlainDate().toString();
  return printMoment(ms, timeZone);
}

/** A time in a zone, to the second: `2026-03-29T03:00:00+02:00`, in UTC with Z. */
export function printMoment(ms: number, timeZone: string): string {
  const options = { smallestUnit: "second" } as const;
  if (timeZone === "UTC") return Temporal.Instant.fromEpochMilliseconds(ms).toString(options);
  return zoned(ms, timeZone).toString({ ...options, timeZoneName: "never" });
}

function zoned(ms: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone);
}

function floor(ms: number, unitMs: number): number {
  return Math.floor(ms / unitMs) * unitMs;
}
