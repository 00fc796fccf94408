/**
 * The statement of `GET /events`. Whatever a viewer sent is a parameter; the words are all from
 * here. Pure.
 */
import { filterSql } from "../../queries/sql/compile_filter.ts";
import { conditionsOf } from "../../queries/sql/rows_in_range.ts";
import { Parameters, type Statement } from "../../queries/sql/statement.ts";
import type { EventsQuery } from "../schemas.ts";

/** Makes the statement; it reads one row more than the page has, which shows that more follow. */
export function compileEvents(query: EventsQuery): Statement {
  const parameters = new Parameters();
  const filter = filterOf(query, parameters);
  const page = `order by received_at desc, event_id desc limit ${parameters.number(query.limit + 1)}`;
  // Each part ends at a page: so a part reads its index from the newest row on, and stops.
  const parts = rangesOf(query, parameters).map(
    (range) => `(select * from web_events where ${[range, ...filter].join(" and ")} ${page})`,
  );
  const text = `
    select event_id as "eventId", session_id as "sessionId", event_type as "eventType",
      ${timeSql("ts")} as ts, ${timeSql("received_at")} as "receivedAt", payload, source, topic,
      partition, "offset"::text as "offset",
      (extract(epoch from received_at) * 1000000)::bigint::text as "cursorTime"
    from (${parts.join(" union all ")}) as event join logs using (log) ${page}`;
  return { text, parameters: parameters.values };
}

/** Conditions of which each row fits at most one. */
function rangesOf({ time, from, to }: EventsQuery, parameters: Parameters): readonly string[] {
  const [fromMs, toMs] = [from, to].map((each) => (each === undefined ? null : Date.parse(each)));
  if (time === "ts" && (from !== undefined || to !== undefined)) {
    const range = { fromMs: fromMs ?? -EVER_MS, toMs: toMs ?? EVER_MS };
    const { near, far } = conditionsOf(range, parameters);
    return [near, far];
  }
  const first = fromMs == null ? "true" : `received_at >= ${parameters.time(fromMs)}`;
  const last = toMs == null ? "true" : `received_at < ${parameters.time(toMs)}`;
  return [`${first} and ${last}`];
}

/** Further away than any time that a row can have. */
const EVER_MS = 8_000_000_000_000_000;

function filterOf(query: EventsQuery, parameters: Parameters): readonly string[] {
  const { sessionId, eventType, filters, after } = query;
  const conditions: string[] = [];
  if (sessionId !== undefined) conditions.push(`session_id = ${parameters.add(sessionId, "text")}`);
  if (eventType !== undefined) conditions.push(`event_type = ${parameters.add(eventType, "text")}`);
  if (filters?.filter != null) conditions.push(filterSql(filters.filter, parameters));
  if (after !== undefined) {
    const [time = "", id = ""] = after;
    const key = `(${momentSql(parameters.add(time, "bigint"))}, ${parameters.add(id, "text")})`;
    conditions.push(`(received_at, event_id) < ${key}`);
  }
  return conditions;
}

/** As UTC text with milliseconds. PostgreSQL prints it: its years exceed JavaScript's. */
function timeSql(column: "ts" | "received_at"): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** The time of microseconds since 1970, exactly: days and seconds are small enough for doubles. */
function momentSql(microseconds: string): string {
  return `((timestamp 'epoch' + make_interval(days => (${microseconds} / 86400000000)::integer,
    secs => (${microseconds} % 86400000000) / 1000000.0)) at time zone 'UTC')`;
}
