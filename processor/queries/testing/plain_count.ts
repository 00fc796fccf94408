/**
 * Answers of queries by a plain count over what was sent: no SQL and none of the query's own code.
 * Test support only.
 */

/** An event as it was sent. */
export interface SentEvent {
  readonly eventType: string;
  readonly sessionId: string;
  readonly ts: string;
  readonly receivedAt: string;
  readonly payload: unknown;
  readonly source?: string;
}

/** The part of a query's body that a plain count understands; the range is two times. */
export interface PlainQuery {
  readonly metrics: readonly string[];
  readonly dimensions: readonly string[];
  readonly date_range: readonly [string, string];
  readonly filters: readonly unknown[];
  readonly timezone: string;
  /** One metric or dimension. */
  readonly order_by?: readonly [name: string, direction: "asc" | "desc"][];
}

/** A group's metrics under the JSON of its dimensions. */
export type PlainAnswer = ReadonlyMap<string, readonly (number | null)[]>;

export function plainCount(query: PlainQuery, events: readonly SentEvent[]): PlainAnswer {
  const [from, to] = query.date_range.map((text) => Date.parse(text)) as [number, number];
  const inRange = events.filter(({ ts }) => Date.parse(ts) >= from && Date.parse(ts) < to);
  const fitting = inRange.filter((event) => query.filters.every((filter) => fits(event, filter)));
  const groups = new Map<string, SentEvent[]>();
  if (query.dimensions.length === 0) groups.set("[]", []);
  for (const event of fitting) {
    const key = JSON.stringify(
      query.dimensions.map((name) => valueOf(event, name, query.timezone)),
    );
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  return new Map(
    [...groups].map(([key, group]) => [
      key,
      query.metrics.map((metric) => metricOf(metric, group, fitting.length)),
    ]),
  );
}

/** Rows of a range that came late. */
export function plainLate(events: readonly SentEvent[], [from, to]: readonly [string, string]) {
  const inRange = events.filter(({ ts }) => ts >= from && ts < to);
  const minuteEnd = ({ ts }: SentEvent) => Math.floor(Date.parse(ts) / 60_000) * 60_000 + 60_000;
  const late = inRange.filter((event) => Date.parse(event.receivedAt) - minuteEnd(event) >= 60_000);
  return { rows: inRange.length, late: late.length };
}

/** The value of a dimension. */
export function valueOf(event: SentEvent, name: string, timeZone: string): unknown {
  if (name === "event:name") return event.eventType;
  if (name === "event:source") return event.source ?? null;
  if (name === "event:page") return property(event, ["path"]);
  if (name.startsWith("event:props:")) return property(event, name.slice(12).split("."));
  return timeLabel(event.ts, name.slice(5), timeZone);
}

function timeLabel(ts: string, grain: string, timeZone: string): string {
  const at = Temporal.Instant.from(ts).toZonedDateTimeISO(timeZone);
  const date = at.toPlainDate();
  if (grain === "day") return date.toString();
  if (grain === "week") return date.subtract({ days: date.dayOfWeek - 1 }).toString();
  if (grain === "month") return date.with({ day: 1 }).toString();
  const text = at.toString({ timeZoneName: "never", smallestUnit: "second" });
  const cut =
    grain === "hour" ? text.replace(/:\d\d:\d\d/, ":00:00") : text.replace(/:\d\d(?=[+Z-])/, ":00");
  return timeZone === "UTC" ? cut.replace("+00:00", "Z") : cut;
}

function property(event: SentEvent, path: readonly string[]): unknown {
  let value: unknown = event.payload;
  for (const name of path) {
    const isHolder = typeof value === "object" && value !== null && Object.hasOwn(value, name);
    value = isHolder ? (value as Record<string, unknown>)[name] : null;
  }
  return typeof value === "object" ? null : value;
}

/** Whether a filter lets an event pass. */
export function fits(event: SentEvent, filter: unknown): boolean {
  const [operator, name, values, modifiers = {}] = filter as [string, never, never, object?];
  if (operator === "and") return (name as unknown[]).every((each) => fits(event, each));
  if (operator === "or") return (name as unknown[]).some((each) => fits(event, each));
  if (operator === "not") return !fits(event, name);
  if (operator.endsWith("_not")) {
    return !fits(event, [operator.slice(0, -4), name, values, modifiers]);
  }
  const isExact = (modifiers as { case_sensitive?: boolean }).case_sensitive !== false;
  const fold = (value: unknown) =>
    typeof value === "string" && !isExact ? value.toLowerCase() : value;
  const value = fold(valueOf(event, name, "UTC"));
  const others = (values as unknown[]).map(fold);
  if (operator === "is") return others.includes(value);
  if (typeof value !== "string") return false;
  if (operator === "contains") return others.some((text) => value.includes(text as string));
  return others.some((pattern) => new RegExp(pattern as string).test(value));
}

function metricOf(metric: string, events: readonly SentEvent[], total: number): number | null {
  if (metric === "events") return events.length;
  if (metric === "percentage") {
    return total === 0 ? null : Math.round(((100 * events.length) / total) * 100) / 100;
  }
  if (["sessions", "visits", "visitors"].includes(metric)) {
    return new Set(events.map(({ sessionId }) => sessionId)).size;
  }
  if (metric === "pageviews") {
    return events.filter(({ eventType }) => ["page_view", "pageview", "page"].includes(eventType))
      .length;
  }
  const [of = "", ...rest] = metric.split(":");
  const all = events.map((event) => valueOf(event, rest.join(":"), "UTC"));
  if (of === "unique") return new Set(all.filter((value) => value !== null)).size;
  const numbers = all.filter((value) => typeof value === "number").sort((a, b) => a - b);
  return numbers.length === 0 ? null : calculate(of, numbers);
}

/** @param numbers Ascending. */
function calculate(of: string, numbers: readonly number[]): number {
  const sum = numbers.reduce((a, b) => a + b, 0);
  if (of === "sum") return sum;
  if (of === "avg") return sum / numbers.length;
  if (of === "min") return numbers[0] ?? 0;
  if (of === "max") return numbers.at(-1) ?? 0;
  const place = (Number(of.slice(1)) / 100) * (numbers.length - 1);
  const [low, high] = [numbers[Math.floor(place)] ?? 0, numbers[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}

/** Whether two neighbours of an answer stand in the order of its query; nulls come last. */
export function isOrdered(
  { metrics, dimensions, order_by: orders = [] }: PlainQuery,
  [before, after]: readonly [PlainRow, PlainRow],
): boolean {
  const time = dimensions.find((name) => name.startsWith("time"));
  const [name, direction] = orders[0] ?? (time ? [time, "asc"] : [metrics[0] ?? "", "desc"]);
  const isMetric = metrics.includes(name);
  const index = (isMetric ? metrics : dimensions).indexOf(name);
  const [a, b] = [before, after].map(
    (row) => (isMetric ? row.metrics : row.dimensions)[index] as string | number | null | undefined,
  );
  // Strings of properties are ordered by the collation of the database.
  if (name.startsWith("event:p")) return true;
  if (a === null || b === null || a === undefined || b === undefined) return b === null;
  const [x, y] = name.startsWith("time") ? [a, b].map((text) => Date.parse(String(text))) : [a, b];
  return direction === "asc" ? (x ?? 0) <= (y ?? 0) : (x ?? 0) >= (y ?? 0);
}

interface PlainRow {
  readonly dimensions: readonly unknown[];
  readonly metrics: readonly (number | null)[];
}
