/**
 * The audit's connections: all of them are made at its start, and none is made
 * again. A lock and a cursor end with their connection, so a broken connection,
 * used or not, ends the audit without a verdict.
 */
import { errorCode, parseDatabaseUrl, PipelineError, withinTime } from "@tally/shared";
import { guarded, type Database } from "@tally/shared/database";

import { ask, openDatabase, type DatabaseAddress } from "../../database/read_only.ts";
import { demandRights, READ_RIGHTS } from "../../database/rights.ts";
import { demandOwnSession } from "../../database/server_check.ts";

/** Pools by their purpose. */
export interface AuditDatabase {
  /** For short queries. */
  readonly sql: Database;
  /** One connection, which holds the cursor over the rows. */
  readonly rows: Database;
  /** One connection, which holds the lock. */
  readonly lock: Database;
  /** Rejects with `database_unavailable` when a connection breaks; never resolves. */
  readonly broken: Promise<never>;
  close(): Promise<void>;
}

// Sorting a few hundred million rows takes hours; a longer statement is a defect.
const STATEMENT_MS_MAX = 4 * 3_600_000;
const READERS = 2;
// The client tries again without end when a new connection is closed at once.
const CONNECT_MS_MAX = 10_000;
const CLOSE_SECONDS_MAX = 1;

/**
 * Makes the connections, to the first of the hosts that answers.
 *
 * @throws {PipelineError} `database_unavailable`; `database_misconfigured` without the rights to
 *   read; `config_invalid` behind a pooler.
 */
export async function connectDatabase(address: DatabaseAddress): Promise<AuditDatabase> {
  const target = parseDatabaseUrl(address.url);
  const hosts = target.kind === "value" ? target.value.hosts.length : 1;
  for (let firstHost = 0; ; firstHost++) {
    try {
      return await connectTo(address, firstHost);
    } catch (error) {
      if (firstHost + 1 >= hosts || errorCode(error) !== "database_unavailable") throw error;
    }
  }
}

async function connectTo(address: DatabaseAddress, firstHost: number): Promise<AuditDatabase> {
  const { promise: broken, reject } = Promise.withResolvers<never>();
  // The caller gets the failure; until it waits, the failure must not end the process.
  broken.catch(() => undefined);
  let isClosing = false;
  const onClosed = () => {
    if (!isClosing) reject(unavailable("go on: a connection to the database broke"));
  };
  const open = (connectionsMax: number) => {
    const limits = { connectionsMax, statementMsMax: STATEMENT_MS_MAX, firstHost };
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
    if (inTime === null) throw unavailable(`reach the database: not in ${CONNECT_MS_MAX / 1000} s`);
    await guarded(sql, () => demandOwnSession(sql));
    await guarded(sql, () => demandRights(sql, { schema: address.schema, needs: READ_RIGHTS }));
  } catch (error) {
    await close();
    throw error;
  }
  return { sql, rows, lock, broken, close };
}

function unavailable(what: string): PipelineError {
  return new PipelineError("database_unavailable", `Cannot ${what}`);
}
