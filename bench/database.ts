/** The database of rows and positions, read only; the only file here that imports postgres.js. */
import { PipelineError } from "@tally/shared";
import postgres from "postgres";

/** A pool of connections to the one database; callable as a template tag. */
export type Database = postgres.Sql;
/** One connection of the pool, for what must happen on the same one. */
export type Session = postgres.ReservedSql;

/** Where the tables are. */
export interface DatabaseAddress {
  readonly url: string;
  readonly schema: string;
}

/** How it is opened. */
export interface DatabaseOptions {
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly connectionsMax: number;
  /** Longest statement, ms; 0: none. */
  readonly statementMsMax: number;
}

/** Opens a pool; nothing is connected yet. */
export function openDatabase(
  { url, schema }: DatabaseAddress,
  { applicationName, connectionsMax, statementMsMax }: DatabaseOptions,
): Database {
  return postgres(url, {
    max: connectionsMax,
    backoff: () => 0.2,
    connect_timeout: 5,
    // Not without `fetch_types`, as in the processor: a `reserve()` on a new connection would never
    // resolve then (3.4.9). So a connection that is cut while it is new ends the process here.
    // A connection that holds a cursor must not be renewed.
    max_lifetime: null,
    onnotice: () => undefined,
    connection: {
      application_name: applicationName,
      search_path: schema,
      statement_timeout: statementMsMax,
      TimeZone: "UTC",
    },
  });
}

/**
 * Waits for an answer of the database.
 *
 * @throws {PipelineError} `database_unavailable`.
 */
export async function ask<T>(what: string, answer: PromiseLike<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    const { message } = cause as Error;
    throw new PipelineError("database_unavailable", `Cannot ${what}: ${message}`, { cause });
  }
}
