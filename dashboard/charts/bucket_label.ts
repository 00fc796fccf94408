/** A bucket of time in words. Pure. */
import { cutStart, type Window } from "../questions/window.ts";
import type { Unit } from "../questions/zone.ts";

const FORMATS: { readonly [unit in Unit]: Intl.DateTimeFormatOptions } = {
  minute: { weekday: "short", hour: "2-digit", minute: "2-digit" },
  hour: { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  day: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
  week: { day: "numeric", month: "short", year: "numeric" },
  month: { month: "long", year: "numeric" },
};

/** "Sun, 29 Nov, 10:00"; weeks say when they begin. */
export function bucketLabel(startMs: number, unit: Unit, zone: string): string {
  const text = new Intl.DateTimeFormat("en-GB", { ...FORMATS[unit], timeZone: zone }).format(
    startMs,
  );
  return unit === "week" ? `week of ${text}` : text;
}

/** A bar of a window in words; one that the window cuts says where it begins. */
export function barLabel(window: Window, index: number, zone: string): string {
  const { starts, unit } = window;
  const label = bucketLabel(starts[index] ?? 0, unit, zone);
  const cutMs = index === 0 ? cutStart(window) : null;
  return cutMs === null ? label : `${label}, from ${momentLabel(cutMs, unit, zone)} on`;
}

/** A moment as exactly as a bar that begins there needs it: within a day its time is enough. */
export function momentLabel(ms: number, unit: Unit, zone: string): string {
  const isLong = unit === "day" || unit === "week" || unit === "month";
  const date: Intl.DateTimeFormatOptions = isLong ? { day: "numeric", month: "short" } : {};
  const seconds: Intl.DateTimeFormatOptions = ms % 60_000 === 0 ? {} : { second: "2-digit" };
  const time = { hour: "2-digit", minute: "2-digit", timeZone: zone } as const;
  return new Intl.DateTimeFormat("en-GB", { ...date, ...time, ...seconds }).format(ms);
}

/** Start and end of a bar in UTC, for those who look twice. */
export function barInUtc({ starts, fromMs, toMs }: Window, index: number): string {
  const utc = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace("T", " ");
  const startMs = Math.max(starts[index] ?? 0, fromMs);
  return `${utc(startMs)} to ${utc(Math.min(starts[index + 1] ?? toMs, toMs))} UTC`;
}
