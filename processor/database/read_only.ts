/** The database of rows and positions for commands that only read it: `audit` and `load`. */
import { PipelineError } from "@tally/shared";
import { connect, type ConnectOptions, type Database } from "@tally/shared/database";

/** Where the tables are. */
export type DatabaseAddress = Pick<ConnectOptions, "url" | "schema">;

/** How it is opened. */
export interface DatabaseOptions extends Pick<
  ConnectOptions,
  "applicationName" | "connectionsMax" | "firstHost" | "onClosed"
> {
  /** Longest statement, ms, or 0 for no limit. */
  readonly statementMsMax: number;
}

/** Opens a pool; nothing is connected yet. A connection may hold a cursor, so none is renewed. */
export function openDatabase(
  { url, schema }: DatabaseAddress,
  { statementMsMax, ...options }: DatabaseOptions,
): Database {
  const session = { statement_timeout: statementMsMax };
  return connect({ url, schema, ...options, session, isLasting: true });
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
