/** Reads `date_range` and `timezone` of a query; ranges.ts says which times they mean. Pure. */
import { parseTimestamp } from "@tally/shared";
import { refused, type Refused } from "./refused.ts";

/** One end of a range as it was given. */
export type RangeEnd =
  | { readonly kind: "date"; readonly date: Temporal.PlainDate }
  | { readonly kind: "time"; readonly ms: number };

/** What a query asks for, before it is known when now is. */
export type RangeWish =
  /** The last hours and minutes. */
  | { readonly kind: "last"; readonly duration: Temporal.Duration }
  /** From the start of a day, week, month or year, some of them back, until now. */
  | {
      readonly kind: "since";
      readonly back: Temporal.Duration;
      readonly start: "day" | "month" | "year";
    }
  | { readonly kind: "all" }
  | { readonly kind: "between"; readonly from: RangeEnd; readonly to: RangeEnd };

const days = (count: number): RangeWish => since({ days: count - 1 }, "day");
const WORDS: ReadonlyMap<string, RangeWish> = new Map([
  ["30m", last({ minutes: 30 })],
  ["1h", last({ hours: 1 })],
  ["24h", last({ hours: 24 })],
  ["day", days(1)],
  ["7d", days(7)],
  ["28d", days(28)],
  ["30d", days(30)],
  ["91d", days(91)],
  ["month", since({ months: 0 }, "month")],
  ["6mo", since({ months: 5 }, "month")],
  ["12mo", since({ months: 11 }, "month")],
  ["year", since({ years: 0 }, "year")],
  ["all", { kind: "all" }],
]);

function last(duration: Temporal.DurationLike): RangeWish {
  return { kind: "last", duration: Temporal.Duration.from(duration) };
}

function since(back: Temporal.DurationLike, start: "day" | "month" | "year"): RangeWish {
  return { kind: "since", back: Temporal.Duration.from(back), start };
}

const RANGE_HINT = `Allowed: ${[...WORDS.keys()].join(", ")}, or two dates (2026-01-31) or times (2026-01-31T12:00:00Z), the first before the second`;

/** Reads `date_range`. */
export function readRange(given: string | readonly string[]): RangeWish | Refused {
  const refuse = () => refused("invalid_date_range", "/date_range", RANGE_HINT);
  if (typeof given === "string") return WORDS.get(given) ?? refuse();
  const [from, to] = given.map(readEnd);
  return from === undefined || from === null || to === undefined || to === null
    ? refuse()
    : { kind: "between", from, to };
}

/** Says why a range whose ends are known can't be used. */
export function refuseRange(): Refused {
  return refused("invalid_date_range", "/date_range", RANGE_HINT);
}

/** Says why there is no moment in a range of dates. */
export function refuseSkippedDays(): Refused {
  const hint = "The time zone has no such day: its clocks were set over it. Allowed: other dates";
  return refused("invalid_date_range", "/date_range", hint);
}

function readEnd(text: string): RangeEnd | null {
  if (DATE.test(text)) {
    try {
      return { kind: "date", date: Temporal.PlainDate.from(text) };
    } catch {
      return null;
    }
  }
  const ms = parseTimestamp(text);
  return ms === null ? null : { kind: "time", ms };
}

// PostgreSQL knows no year 0, and a day after the year 9999 would have five digits.
const DATE = /^(?!0000|9999-12-31)\d{4}-\d\d-\d\d$/;

/** Reads the name of a time zone. */
export function readTimeZone(name: string): string | Refused {
  try {
    if (/^[A-Za-z]/.test(name)) {
      // Temporal takes the zone out of a whole time as well, such as T12:00[Europe/Paris].
      new Intl.DateTimeFormat("en", { timeZone: name });
      return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId;
    }
  } catch {
    // The name is not known.
  }
  const hint = "Allowed: a name of the IANA time zone database, such as UTC or Europe/Berlin";
  return refused("unknown_time_zone", "/timezone", hint);
}
