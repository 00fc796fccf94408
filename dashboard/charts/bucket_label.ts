/** A bucket of time in words. Pure. */
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
