/** The database of rows and positions, read only; the only file here that imports postgres.js. */
import { PipelineError } from "@tally/shared";
import postgres from "postgres";

/** A pool of connections to the one database; callable as a template tag. */
export type Database = postgres.Sql;

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
  /** Told of each connection that has ended, whoever ended it. */
  readonly onClosed?: () => void;
}

/** Opens a pool; nothing is connected yet. */
export function openDatabase(
  { url, schema }: DatabaseAddress,
  { applicationName, connectionsMax, statementMsMax, onClosed }: DatabaseOptions,
): Database {
  return postgres(url, {
    max: connectionsMax,
    backoff: () => 0.2,
    connect_timeout: 5,
    // It asks for the types of arrays behind each new connection, and when that one is cut
    // meanwhile nobody handles the failure: the process ends. Arrays travel as text here. Without
    // it a `reserve()` on a new connection never resolves (3.4.9): what needs one connection for
    // itself opens a pool of one.
    fetch_types: false,
    // A connection that holds a cursor must not be renewed.
    max_lifetime: null,
    onnotice: () => undefined,
    ...(onClosed === undefined ? {} : { onclose: onClosed }),
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
