/** How answers print times. */
import type { Database, Fragment } from "../../database/database.ts";

/** A column as UTC text with milliseconds. PostgreSQL prints it: its years exceed JavaScript's. */
export function printTime(sql: Database, column: string): Fragment {
  return sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** The time of microseconds since 1970, exactly: days and seconds are small enough for doubles. */
export function fromMicroseconds(sql: Database, microseconds: string | null): Fragment {
  const value = sql`${microseconds}::text::bigint`;
  return sql`((timestamp 'epoch' + make_interval(days => (${value} / 86400000000)::integer,
    secs => (${value} % 86400000000) / 1000000.0)) at time zone 'UTC')`;
}
