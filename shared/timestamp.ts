/** Times as Tally reads and writes them: RFC 3339 in, UTC with milliseconds out. */

/** The form in which every time is stored and printed: `2026-01-31T07:00:00.000Z`. */
const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):?(\d\d))$/;
const YEAR_1_MS = -62_135_596_800_000;
/** The last millisecond of the year 9999. */
export const YEAR_9999_END_MS = 253_402_300_799_999;

/**
 * Milliseconds since 1970 of an RFC 3339 time with a zone, or null. The zone may lack its colon
 * (`+0800`), as many languages print it.
 *
 * Dates must exist; second 60 and hour 24 don't. Digits below the millisecond
 * are cut off. Years 0001 to 9999 in UTC: PostgreSQL knows no year 0.
 */
export function parseTimestamp(text: string): number | null {
  const match = RFC_3339.exec(text);
  if (match === null) return null;
  const field = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map(field) as Six;
  if (hour > 23 || minute > 59 || second > 59 || field(9) > 23 || field(10) > 59) return null;
  const milliseconds = Number((match[7] ?? "").padEnd(3, "0").slice(0, 3));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // Date.UTC would take year 99 for 1999.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const offsetMs = (field(9) * 60 + field(10)) * 60_000 * (match[8] === "-" ? -1 : 1);
  const ms = date.setUTCHours(hour, minute, second, milliseconds) - offsetMs;
  return isPrintableTime(ms) ? ms : null;
}

/** Whether the time lies in the years 0001 to 9999, whole milliseconds. */
export function isPrintableTime(ms: number): boolean {
  return Number.isInteger(ms) && ms >= YEAR_1_MS && ms <= YEAR_9999_END_MS;
}

/**
 * Whether a time can be that at which an event was received. Other producers set Kafka's timestamp
 * to 0, -1 or seconds: it is kept as it is, but figures about time leave such an event out.
 */
export function isReceiveTime(ms: number): boolean {
  return ms >= RECEIVED_MS_MIN;
}

/** 2020-01-01: older than any log that Tally reads. */
export const RECEIVED_MS_MIN = 1_577_836_800_000; // chosen

/** The canonical form of a printable time. */
export function formatTimestamp(ms: number): string {
  // All events of a request have one receive time: the last text is often needed again.
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastText;
}

let lastMs = Number.NaN;
let lastText = "";

/** Whether the text is the canonical form of a time that exists. */
export function isCanonicalTimestamp(text: string): boolean {
  return CANONICAL.test(text) && parseTimestamp(text) !== null;
}

type Six = [number, number, number, number, number, number];
