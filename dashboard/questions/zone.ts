/**
 * Where minutes, hours, days, weeks and months begin in a time zone, as the query API cuts them.
 * Pure. Browsers know the offsets of a zone and nothing else (Temporal is not in all of them).
 */

export const UNITS = ["minute", "hour", "day", "week", "month"] as const;
export type Unit = (typeof UNITS)[number];

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Start of the unit that holds a time, ms since 1970. Weeks begin on Monday. */
export function startOf(ms: number, unit: Unit, zone: string): number {
  if (unit === "minute") return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
  const local = ms + offsetAt(ms, zone);
  if (unit === "hour") return ms - modulo(local, HOUR_MS);
  const day = local - modulo(local, DAY_MS);
  if (unit === "day") return fromLocal(day, zone);
  if (unit === "week") return fromLocal(day - daysSinceMonday(day) * DAY_MS, zone);
  const date = new Date(day);
  return fromLocal(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1), zone);
}

/** Start of the next unit. */
export function nextStart(startMs: number, unit: Unit, zone: string): number {
  return addUnits(startMs, { unit, count: 1, zone });
}

/**
 * The time that lies `count` units after another one, or before it when negative. A month that has
 * no such day gives its last one.
 */
export function addUnits(
  ms: number,
  { unit, count, zone }: { readonly unit: Unit; readonly count: number; readonly zone: string },
): number {
  if (unit === "minute") return ms + count * MINUTE_MS;
  if (unit === "hour") return ms + count * HOUR_MS;
  const local = ms + offsetAt(ms, zone);
  if (unit === "day") return fromLocal(local + count * DAY_MS, zone);
  if (unit === "week") return fromLocal(local + count * 7 * DAY_MS, zone);
  const date = new Date(local);
  const month = date.getUTCMonth() + count;
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const day = Date.UTC(date.getUTCFullYear(), month, Math.min(date.getUTCDate(), lastDay));
  return fromLocal(day + modulo(local, DAY_MS), zone);
}

/** Reads a label of the query API: a time with an offset, or a date of the zone. */
export function readLabel(label: string, zone: string): number {
  return /^\d{4}-\d\d-\d\d$/.test(label)
    ? fromLocal(Date.parse(`${label}T00:00:00Z`), zone)
    : Date.parse(label);
}

/** Difference of the zone's clock to UTC at a time, ms. */
function offsetAt(ms: number, zone: string): number {
  const parts = formatOf(zone).formatToParts(ms);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((each) => each.type === type)?.value);
  const local = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return local - Math.floor(ms / 1000) * 1000;
}

/**
 * The time at which the zone's clock shows this; `local` counts as if it were UTC. Where a clock
 * is set forward over it, the moment at which it is set.
 */
function fromLocal(local: number, zone: string): number {
  const first = local - offsetAt(local, zone);
  return local - offsetAt(first, zone);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(zone, made);
  return made;
}

const modulo = (value: number, by: number): number => ((value % by) + by) % by;

/** 1970 began on a Thursday. */
const daysSinceMonday = (day: number): number => modulo(day / DAY_MS + 3, 7);
