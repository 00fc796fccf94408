/** Times as answers print them. */
import type { Database, Fragment } from "../../database/database.ts";

/**
 * A column as UTC text with milliseconds: printed by PostgreSQL, whose years reach further than
 * JavaScript's parser.
 */
export function printTime(sql: Database, column: string): Fragment {
  return sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
