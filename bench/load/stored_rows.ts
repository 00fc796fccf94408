/** Rows of one run, counted in PostgreSQL. */
import { openDatabase, type DatabaseAddress } from "@tally/processor/database/read_only";

import type { RunIds } from "./event.ts";
import { Sightings } from "./sightings.ts";

/** The table of rows, as one run sees it. */
export interface StoredRows {
  /** How many rows the run has now. */
  count(): Promise<number>;
  /** Every row of the run, by event. */
  read(total: number): Promise<Sightings>;
  close(): Promise<void>;
}

/** Rows per read of the cursor. */
const ROWS_AT_ONCE = 10_000;

/** Opens the table; both queries are ranges of its primary key. */
export function openStoredRows(database: DatabaseAddress, ids: RunIds): StoredRows {
  const sql = openDatabase(database, {
    applicationName: "tally-load",
    connectionsMax: 1,
    statementMsMax: 0,
  });
  return {
    async count() {
      const [row] = await sql<{ rows: string }[]>`
        select count(*)::text as rows from web_events
        where event_id >= ${ids.prefix} and event_id < ${ids.end}`;
      return Number(row?.rows ?? 0);
    },
    async read(total) {
      const sightings = new Sightings(ids, total);
      const rows = sql<{ event_id: string }[]>`
        select event_id from web_events
        where event_id >= ${ids.prefix} and event_id < ${ids.end}`;
      for await (const some of rows.cursor(ROWS_AT_ONCE)) {
        for (const { event_id } of some) sightings.add(event_id);
      }
      return sightings;
    },
    close: () => sql.end({ timeout: 2 }),
  };
}
