/**
 * The audit's connections: all of them are made at its start, and none is made
 * anew. A lock and a cursor go with their connection, so one that breaks, used or
 * not, ends the audit without a verdict.
 */
import { PipelineError, withinTime } from "@tally/shared";

import type { Database } from "../../database/database.ts";
import { ask, openDatabase, type DatabaseAddress } from "../../database/read_only.ts";

/** Pools by what they are for. */
export interface AuditDatabase {
  /** For questions of a moment. */
  readonly sql: Database;
  /** One connection, which holds the cursor of the rows. */
  readonly rows: Database;
  /** One connection, which holds the lock. */
  readonly lock: Database;
  /** Rejects with `database_unavailable` when a connection has broken; never resolves. */
  readonly broken: Promise<never>;
  close(): Promise<void>;
}

// Sorting a table of some hundred million rows takes its time; more than that is a defect.
const STATEMENT_MS_MAX = 4 * 3_600_000;
const READERS = 2;
// The client begins again, for as long as it lasts, where a new connection is closed at once.
const CONNECT_MS_MAX = 10_000;
const CLOSE_SECONDS_MAX = 1;

/**
 * Makes the connections.
 *
 * @throws {PipelineError} `database_unavailable`.
 */
export async function connectDatabase(address: DatabaseAddress): Promise<AuditDatabase> {
  const { promise: broken, reject } = Promise.withResolvers<never>();
  // Whoever waits for it gets the failure; until then it must not end the process.
  broken.catch(() => undefined);
  let isClosing = false;
  const onClosed = () => {
    if (!isClosing) reject(unavailable("go on: a connection to the database broke"));
  };
  const open = (connectionsMax: number) => {
    const limits = { connectionsMax, statementMsMax: STATEMENT_MS_MAX };
    return openDatabase(address, { applicationName: "tally-audit", ...limits, onClosed });
  };
  const [sql, rows, lock] = [open(READERS), open(1), open(1)];
  const close = async () => {
    isClosing = true;
    await Promise.all([sql, rows, lock].map((pool) => pool.end({ timeout: CLOSE_SECONDS_MAX })));
  };
  try {
    const each = [...Array.from({ length: READERS }, () => sql), rows, lock];
    const made = Promise.all(each.map((pool) => pool`select 1`));
    const inTime = await withinTime(ask("reach the database", made), CONNECT_MS_MAX);
    if (inTime === null) throw unavailable(`reach the database: not in ${CONNECT_MS_MAX} ms`);
  } catch (error) {
    await close();
    throw error;
  }
  return { sql, rows, lock, broken, close };
}

function unavailable(what: string): PipelineError {
  return new PipelineError("database_unavailable", `Cannot ${what}`);
}
