/** Rows for questions: a year of events, written straight into the table, and counted. */
import { join } from "node:path";

import type { System } from "../../system/system.ts";

/** Rows of one statement. */
const CHUNK_ROWS = 500_000; // chosen

/** What lies in the table. */
export interface QuestionRows {
  /** Rows of the last 28 days, which questions about rows read. */
  readonly inRange: number;
  /** Rows of the 337 days before. */
  readonly before: number;
}

/**
 * Fills the table: 20 types, 10 events a session, 6 partitions, 1 % of the rows up to 30 days late.
 * The rows end with the last hour, so that counts have about all minutes that they ever have.
 * The processor must have made the tables; it may run.
 */
export async function fillQuestionRows(
  system: System,
  { inRange, before }: QuestionRows,
  onNote: (text: string) => void,
): Promise<void> {
  const parts = [
    { name: "n", rows: inRange, fromDays: 28, toDays: 0 },
    { name: "o", rows: before, fromDays: 365, toDays: 28 },
  ];
  for (const { name, rows, fromDays, toDays } of parts) {
    for (let first = 0; first < rows; first += CHUNK_ROWS) {
      onNote(`writing rows, ${name === "n" ? first : inRange + first} of ${inRange + before}`);
      const last = Math.min(first + CHUNK_ROWS, rows) - 1;
      const share = (fromDays - toDays) / rows;
      await system.sql`
        insert into web_events (event_id, session_id, event_type, ts, received_at, payload,
          log, partition, "offset")
        select ${name} || '-' || n, ${name} || '-session-' || n / 10,
          case when n * 7 % 20 < 10 then 'page_view'
            when n * 7 % 20 in (11, 12) then 'type_' || n * 7 % 20
            else 'type_' || 13 + n / 20 % 17 end,
          moment, moment + case when n % 100 = 7 then interval '1 day' * (n % 30) + interval '1 hour'
            else interval '1 second' end,
          jsonb_build_object('path', '/page/' || n * 7919 % 500, 'price', n % 1000 / 10.0),
          (select min(log) from logs), n / 10 % 6, 1000000000000 + n
        from generate_series(${first}::bigint, ${last}::bigint) as n
          cross join lateral (
            select date_trunc('hour', now())
              - interval '1 day' * (${fromDays}::float8 - ${share}::float8 * n) as moment) as at`;
    }
  }
  onNote("counting rows");
  await runRebuild(system);
  await system.sql`vacuum analyze web_events`;
}

const COUNTS_COMMAND = join(import.meta.dir, "../../../processor/commands/counts/main.ts");

/** `bun run counts rebuild`, as an operator runs it. */
async function runRebuild({ env, database }: System): Promise<void> {
  const command = Bun.spawn([process.execPath, COUNTS_COMMAND, "rebuild"], {
    env: { ...env, DATABASE_URL: database.url, DATABASE_SCHEMA: database.schema },
    stdout: "ignore",
    stderr: "pipe",
  });
  if ((await command.exited) === 0) return;
  throw new Error(`Cannot count rows: ${await new Response(command.stderr).text()}`);
}
