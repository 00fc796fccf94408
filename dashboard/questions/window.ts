/**
 * The range of the page as buckets on a time axis. Pure. A range that ends now begins at a whole
 * bucket, so that its first bar is not shorter than it was.
 */
import type { FixedRange, Range, RangeWord } from "../address/range.ts";
import { addUnits, nextStart, startOf, type Unit } from "./zone.ts";

/** What a chart shows. */
export interface Window {
  readonly unit: Unit;
  /** First moment, ms since 1970. */
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

const WORDS: { readonly [word in RangeWord]: { readonly unit: Unit; readonly count: number } } = {
  "30m": { unit: "minute", count: 30 },
  "1h": { unit: "minute", count: 60 },
  "24h": { unit: "hour", count: 24 },
  day: { unit: "hour", count: 0 },
  "7d": { unit: "hour", count: 7 * 24 },
  "28d": { unit: "day", count: 28 },
  "91d": { unit: "day", count: 91 },
  "6mo": { unit: "week", count: 26 },
  "12mo": { unit: "month", count: 12 },
};

/** @param nowMs A moment of the open minute. */
export function windowOf(
  range: Range,
  { nowMs, zone }: { readonly nowMs: number; readonly zone: string },
): Window {
  if (typeof range !== "string") return fixedWindow(range, zone);
  const { unit, count } = WORDS[range];
  const last = startOf(nowMs, unit, zone);
  const fromMs =
    range === "day"
      ? startOf(nowMs, "day", zone)
      : addUnits(last, { unit, count: 1 - count, zone });
  const toMs = nextStart(last, unit, zone);
  return { unit, fromMs, toMs, starts: startsBetween({ fromMs, toMs }, unit, zone), isLive: true };
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
