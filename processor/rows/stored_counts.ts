/**
 * What a batch became, read from the tables: needed when its statement was committed and the answer
 * was lost with the connection.
 */
import { isRecordFault } from "@tally/shared";
import { guarded } from "@tally/shared/database";
import type { Batch } from "../pipeline/sink.ts";
import type { StoredCounts } from "./write_outcome.ts";
import type { StatementTarget } from "./write_statements.ts";

/** Counts the rows, duplicates and dead letters in the range of a batch that is stored. */
export function readStoredCounts(
  { sql, logNumber, answerMsMax }: StatementTarget,
  { partition, firstOffset, nextOffset, records }: Batch,
): Promise<StoredCounts> {
  const ids = records.flatMap(({ decoded }) => (isRecordFault(decoded) ? [] : [decoded.eventId]));
  const range = sql`log = ${logNumber} and partition = ${partition}
    and "offset" >= ${String(firstOffset)}::bigint and "offset" < ${String(nextOffset)}::bigint`;
  return guarded(
    sql,
    async () => {
      const [row] = await sql<{ events: number; duplicates: number; codes: string[] }[]>`
      select
        (select count(*)::integer from web_events where event_id in (
          select jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb)) and ${range}) as events,
        (select count(*)::integer from duplicate_events where ${range}) as duplicates,
        (select coalesce(json_agg(code), '[]') from dead_letters where ${range}) as codes`;
      const { events = 0, duplicates = 0, codes = [] } = row ?? {};
      return { events, duplicates, deadLetters: codes };
    },
    answerMsMax,
  );
}
