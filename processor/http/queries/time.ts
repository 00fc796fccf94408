/** How answers print times. */
import type { Database, Fragment } from "@tally/shared/database";

/** A column as UTC text with milliseconds. PostgreSQL prints it: its years exceed JavaScript's. */
export function printTime(sql: Database, column: string): Fragment {
  return sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
