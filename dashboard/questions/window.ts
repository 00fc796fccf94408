/**
 * The range of the page as buckets on a time axis. Pure. A range that ends now is as long as its
 * name says, rounded outward: its first bucket may be a part of one.
 */
import type { FixedRange, Range, RangeWord } from "../address/range.ts";
import { addUnits, nextStart, startOf, type Unit } from "./zone.ts";

/** What a chart shows. */
export interface Window {
  readonly unit: Unit;
  /** First moment, ms since 1970; it may lie within the first bucket. */
  readonly fromMs: number;
  /** End of the last bucket. */
  readonly toMs: number;
  /** Starts of the buckets; the last one holds the present when the window is live. */
  readonly starts: readonly number[];
  /** Whether it ends now, and grows. */
  readonly isLive: boolean;
}

/** Buckets of a window: 12 months of days. A longer one has longer buckets. */
const BUCKETS_MAX = 400;

/** The unit of the bars, and where a range begins: so far back, or with the unit of the present. */
interface Word {
  readonly unit: Unit;
  readonly back?: readonly [count: number, unit: Unit];
  readonly since?: Unit;
}

const WORDS: { readonly [word in RangeWord]: Word } = {
  "30m": { unit: "minute", back: [30, "minute"] },
  "1h": { unit: "minute", back: [60, "minute"] },
  hour: { unit: "minute", since: "hour" },
  "24h": { unit: "hour", back: [24, "hour"] },
  day: { unit: "hour", since: "day" },
  "7d": { unit: "hour", back: [7, "day"] },
  "28d": { unit: "day", back: [28, "day"] },
  "91d": { unit: "day", back: [91, "day"] },
  "6mo": { unit: "week", back: [6, "month"] },
  "12mo": { unit: "month", back: [12, "month"] },
};

const MINUTE_MS = 60_000;
/** The processor counts by minute for 48 hours, and by quarter of an hour before. */
const MINUTES_KEPT_MS = 48 * 60 * MINUTE_MS;
const QUARTER_MS = 15 * MINUTE_MS;

/** @param nowMs A moment of the open minute. */
export function windowOf(
  range: Range,
  { nowMs, zone }: { readonly nowMs: number; readonly zone: string },
): Window {
  if (typeof range !== "string") return fixedWindow(range, zone);
  const word = WORDS[range];
  const { unit } = word;
  const fromMs = beginOf(word, nowMs, zone);
  const toMs = nextStart(startOf(nowMs, unit, zone), unit, zone);
  return { unit, fromMs, toMs, starts: startsBetween({ fromMs, toMs }, unit, zone), isLive: true };
}

function beginOf({ back, since = "minute" }: Word, nowMs: number, zone: string): number {
  const startMs = startOf(nowMs, since, zone);
  if (back === undefined) return startMs;
  const [count, unit] = back;
  const fromMs = addUnits(startMs, { unit, count: -count, zone });
  const isOld = nowMs - fromMs > MINUTES_KEPT_MS;
  return isOld ? Math.floor(fromMs / QUARTER_MS) * QUARTER_MS : fromMs;
}

/**
 * The end of a question about a window that ends now. The same length before it is compared with
 * it: of a long window both begin with a quarter of an hour, so that no row must be read for them.
 *
 * @param endMs End of the open minute.
 */
export function questionEnd({ fromMs }: Window, endMs: number): number {
  const step = endMs - fromMs > MINUTES_KEPT_MS ? QUARTER_MS : MINUTE_MS;
  return Math.ceil(endMs / step) * step;
}

/** The first moment of a window whose first bar is a part; null when it is a whole one. */
export function cutStart({ fromMs, starts }: Window): number | null {
  return fromMs > (starts[0] ?? fromMs) ? fromMs : null;
}

/** A range that lies still: its first and last bucket may be cut. */
function fixedWindow(range: FixedRange, zone: string): Window {
  const unit = unitFor(range);
  return { ...range, unit, starts: startsBetween(range, unit, zone), isLive: false };
}

/** Longest length, ms, of a fixed range for each unit. // chosen: at most 400 bars */
const UNIT_MS_MAX: readonly (readonly [Unit, number])[] = [
  ["minute", 6 * 3_600_000],
  ["hour", 8 * 86_400_000],
  ["day", 100 * 86_400_000],
  ["week", 400 * 86_400_000],
];

function unitFor({ fromMs, toMs }: FixedRange): Unit {
  return UNIT_MS_MAX.find(([, ms]) => toMs - fromMs <= ms)?.[0] ?? "month";
}

function startsBetween({ fromMs, toMs }: FixedRange, unit: Unit, zone: string): number[] {
  const starts: number[] = [];
  let start = startOf(fromMs, unit, zone);
  while (start < toMs && starts.length < BUCKETS_MAX) {
    starts.push(start);
    start = nextStart(start, unit, zone);
  }
  return starts;
}

/** Index of the bucket that holds a time, or -1 when it lies before the first. */
export function bucketAt(starts: readonly number[], ms: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? Infinity) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
