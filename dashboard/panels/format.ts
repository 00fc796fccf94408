/**
 * Numbers, sizes and times as the viewer reads them. Pure. What is not known
 * is written as a dash, never as 0: the two mean different things.
 */

/** Stands for a value that is not known. */
export const UNKNOWN = "–";

const LOCALE = "en";
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });

const powers = new Intl.NumberFormat(LOCALE, { notation: "scientific", maximumFractionDigits: 2 });

/** From here on nobody reads the digits: a sum of properties can have 300 of them. // chosen */
const IN_FULL_MAX = 1e18;

/** A count in full, digits grouped by three; a greater one as a power of ten. */
export function formatCount(count: number | null): string {
  if (count === null) return UNKNOWN;
  return (Math.abs(count) < IN_FULL_MAX ? whole : powers).format(count);
}

/** Events per second; one decimal below 10, so that a trickle does not look like nothing. */
export function formatRate(perSecond: number | null): string {
  if (perSecond === null) return UNKNOWN;
  return perSecond < 10 ? tenths.format(perSecond) : whole.format(perSecond);
}

/** The compact form has no word after trillions. */
const TICK_MAX = 1e15;

/** A number for the axis of a chart. */
export function formatTick(value: number): string {
  if (Math.abs(value) >= TICK_MAX) return powers.format(value);
  return value < 10_000 ? tenths.format(value) : compact.format(value);
}

/** An offset as the stream sends it: decimal digits, of any length. */
export function formatOffset(offset: string | null): string {
  return offset === null ? UNKNOWN : whole.format(BigInt(offset));
}

const BYTE_UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** A size in the largest unit that leaves at least 1. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return UNKNOWN;
  let size = bytes;
  let index = 0;
  while (size >= 1024 && index < BYTE_UNITS.length - 1) {
    size /= 1024;
    index += 1;
  }
  return `${index === 0 ? whole.format(size) : tenths.format(size)} ${BYTE_UNITS[index]}`;
}

/** A latency in milliseconds, or in seconds from one second on. */
export function formatLatency(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  if (ms > 0 && ms < 1) return "< 1 ms";
  if (ms < 1000) return `${whole.format(ms)} ms`;
  if (ms < 60_000) return `${tenths.format(ms / 1000)} s`;
  return formatDuration(ms / 1000);
}

const DURATION_UNITS = [
  { name: "d", seconds: 86_400 },
  { name: "h", seconds: 3600 },
  { name: "min", seconds: 60 },
  { name: "s", seconds: 1 },
] as const;

/** A duration in its two largest units: "3 min 20 s". */
export function formatDuration(seconds: number | null): string {
  if (seconds === null) return UNKNOWN;
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  const first = DURATION_UNITS.findIndex((unit) => rest >= unit.seconds);
  if (first === -1) return "0 s";
  for (const unit of DURATION_UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / unit.seconds);
    rest -= count * unit.seconds;
    if (count > 0) parts.push(`${count} ${unit.name}`);
  }
  return parts.join(" ");
}

/** Time of day, with the date when it is not today. `zone` is the viewer's; tests pass another. */
export function formatTime(ms: number | null, options: { nowMs: number; zone?: string }): string {
  if (ms === null || !Number.isFinite(ms)) return UNKNOWN;
  const zone = options.zone === undefined ? {} : { timeZone: options.zone };
  const day = new Intl.DateTimeFormat("en-CA", { dateStyle: "short", ...zone });
  const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", ...zone }).format(ms);
  return day.format(ms) === day.format(options.nowMs) ? time : `${day.format(ms)} ${time}`;
}

/** One event or 2 events. */
export function plural(count: number, noun: string): string {
  return `${whole.format(count)} ${noun}${count === 1 ? "" : "s"}`;
}
