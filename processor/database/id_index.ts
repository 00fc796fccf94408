/**
 * Whether the index of the event ids outgrows PostgreSQL's memory. With ids in random order each
 * new row then reads a page of the index from the disk, and logs all of it after each checkpoint.
 */
import { guarded, type Database } from "@tally/shared/database";

/** The index and the memory that is to hold it. */
export interface IdIndex {
  readonly indexBytes: number;
  /** `shared_buffers` of the server. */
  readonly buffersBytes: number;
  /**
   * How well the ids follow the order in which the rows were written: near 1 for UUIDv7, near 0 for
   * UUIDv4; null until PostgreSQL has analyzed the table.
   */
  readonly correlation: number | null;
}

/**
 * Reads the catalog; no row is read.
 *
 * @returns Null when there is no table, and when PostgreSQL does not answer: this is advice, and
 *   others report an outage.
 */
export async function readIdIndex(sql: Database): Promise<IdIndex | null> {
  const rows = await guarded(
    sql,
    () => sql<IdIndex[]>`
      select pg_relation_size(indexrelid)::float8 as "indexBytes",
        (select setting::float8 * current_setting('block_size')::integer
          from pg_settings where name = 'shared_buffers') as "buffersBytes",
        (select correlation from pg_stats where schemaname = current_schema()
          and tablename = 'web_events' and attname = 'event_id') as correlation
      from pg_index where indrelid = to_regclass('web_events') and indisprimary`,
  ).catch(() => []);
  return rows[0] ?? null;
}

/**
 * From here on most new ids go to the end of the index, whose pages stay in memory. Measured:
 * UUIDv7 have 0.9 or more, also after a backlog, and UUIDv4 0.0.
 */
const ORDERED_MIN = 0.5; // chosen

/** What an operator should know, or null when all is well. Pure. */
export function idIndexWarning({ indexBytes, buffersBytes, correlation }: IdIndex): string | null {
  const isOrdered = correlation !== null && Math.abs(correlation) >= ORDERED_MIN;
  if (indexBytes <= buffersBytes || isOrdered) return null;
  const ids = correlation === null ? "if the ids are random" : "since the ids are random";
  return (
    `The index of the event ids (${mebibytes(indexBytes)} MiB) is larger than PostgreSQL's ` +
    `shared_buffers (${mebibytes(buffersBytes)} MiB): ${ids}, rows cost about twice as much. ` +
    'docs/operations.md says what to set, under "Memory of PostgreSQL".'
  );
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}
