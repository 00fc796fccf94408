/**
 * Reads everything that accounts for offsets, in offset order and with bounded
 * memory: rows through one cursor, other tables page by page of the primary key.
 */
import type { Database } from "@tally/shared/database";
import { ask } from "../../database/read_only.ts";
import type { Entry, StoredRow } from "./entries.ts";
import type { ArchiveRange } from "./object_check.ts";

/** A partition and the offsets to read: from `firstOffset` up to before `nextOffset`. */
export interface Scope {
  readonly log: number;
  readonly partition: number;
  readonly firstOffset: bigint;
  readonly nextOffset: bigint;
}

/** Rows of all scopes; partitions must be read in the order in which they were given. */
export interface OrderedRows {
  of(scope: Scope): AsyncGenerator<Entry>;
  close(): Promise<void>;
}

/** Elements of one answer, chosen: rows of 64 KiB each then need 64 MiB. */
const ROWS_AT_ONCE = 1_000;

/**
 * Opens the rows in the order of log, partition and offset; scopes must be in that order, too.
 *
 * Why no index: the table has none by offset, and an index that only audits use would slow every
 * insert. So the database scans the table once, for all scopes together, and sorts the rows of the
 * scopes on its own disk.
 *
 * Why `with hold`: such a cursor outlives its transaction, because its rows are a copy, made when
 * the transaction ends. A cursor without it would keep a snapshot open, and `vacuum` could not
 * clean the positions, which are updated with every batch.
 *
 * What it costs: one scan, one sort, and disk for a copy of the rows. Measured on two cores: a
 * million rows in a thousand objects take 12 s, and no more memory than 200,000 rows.
 *
 * @param session One connection in a transaction, which the caller ends; nothing else may use it
 *   from then on until `close`.
 */
export async function openRows(session: Database, scopes: readonly Scope[]): Promise<OrderedRows> {
  await ask("sort the rows", declareRows(session, scopes));
  let page: RowOfTable[] = [];
  let at = 0;
  const head = async (): Promise<RowOfTable | undefined> => {
    if (at < page.length) return page[at];
    page = await ask("read rows", session<RowOfTable[]>`${session.unsafe(FETCH)}`);
    at = 0;
    return page[0];
  };
  return {
    async *of({ log, partition }) {
      for (let row = await head(); row !== undefined; row = await head()) {
        if (row.log !== log || row.partition !== partition) return;
        at += 1;
        yield rowEntry(row);
      }
    },
    async close() {
      await session`close audited_rows`.catch(() => undefined); // The session may have ended.
    },
  };
}

const FETCH = `fetch ${ROWS_AT_ONCE} from audited_rows`;

async function declareRows(session: Database, scopes: readonly Scope[]): Promise<void> {
  await session`set local work_mem = '64MB'`;
  await session`
    declare audited_rows no scroll cursor with hold for
    select log, partition, "offset"::text, event_id, session_id, event_type,
      (extract(epoch from ts) * 1000)::float8 as ts_ms,
      (extract(epoch from received_at) * 1000)::float8 as received_at_ms, payload,
      source
    from unnest(${texts(scopes, "log")}::smallint[], ${texts(scopes, "partition")}::integer[],
      ${texts(scopes, "firstOffset")}::bigint[], ${texts(scopes, "nextOffset")}::bigint[])
      as scope (log, partition, first_offset, next_offset)
    join web_events using (log, partition)
    where "offset" >= first_offset and "offset" < next_offset
    order by log, partition, web_events."offset", event_id`;
}

/** A column of the scopes as the text form of an array. */
function texts(scopes: readonly Scope[], name: keyof Scope): string {
  return `{${scopes.map((scope) => scope[name])}}`;
}

interface RowOfTable {
  readonly log: number;
  readonly partition: number;
  readonly offset: string;
  readonly event_id: string;
  readonly session_id: string;
  readonly event_type: string;
  readonly ts_ms: number;
  readonly received_at_ms: number;
  readonly payload: unknown;
  readonly source: string | null;
}

function rowEntry(stored: RowOfTable): Entry {
  const offset = BigInt(stored.offset);
  const row: StoredRow = {
    eventId: stored.event_id,
    offset,
    sessionId: stored.session_id,
    eventType: stored.event_type,
    tsMs: stored.ts_ms,
    receivedAtMs: stored.received_at_ms,
    payload: stored.payload,
    source: stored.source,
  };
  return { kind: "row", firstOffset: offset, lastOffset: offset, eventId: row.eventId, row };
}

/** Offsets of duplicates. */
export function readDuplicates(sql: Database, scope: Scope): AsyncGenerator<Entry> {
  const rowsFrom = rowsByOffset(sql, "duplicate_events", scope);
  return entries("duplicate", scope, (from) => ask("read the duplicates", rowsFrom(from)));
}

/** Offsets of dead letters. */
export function readDeadLetters(sql: Database, scope: Scope): AsyncGenerator<Entry> {
  const rowsFrom = rowsByOffset(sql, "dead_letters", scope);
  return entries("dead letter", scope, (from) => ask("read the dead letters", rowsFrom(from)));
}

/** Reads one page of a table that has one row per offset. */
function rowsByOffset(
  sql: Database,
  table: "duplicate_events" | "dead_letters",
  { log, partition, nextOffset }: Scope,
): (from: bigint) => PromiseLike<readonly PlainRow[]> {
  return (from) => sql<PlainRow[]>`
    select "offset"::text as first_offset, "offset"::text as last_offset, event_id
    from ${sql(table)}
    where log = ${log} and partition = ${partition}
      and "offset" >= ${String(from)} and "offset" < ${String(nextOffset)}
    order by "offset" limit ${ROWS_AT_ONCE}`;
}

/** Gaps of the rows, or what is lost, cut to the scope. */
export function readGaps(sql: Database, scope: Scope, kind: "gap" | "lost"): AsyncGenerator<Entry> {
  const { log, partition, firstOffset, nextOffset } = scope;
  const read = (from: bigint) =>
    ask(
      "read the gaps",
      sql<PlainRow[]>`
        select greatest(lower(hole), ${String(firstOffset)}::bigint)::text as first_offset,
          (least(upper(hole), ${String(nextOffset)}::bigint) - 1)::text as last_offset, null as event_id
        from offset_gaps gap, unnest(gap_holes(gap)) as hole
        where sink = 'postgres' and log = ${log} and partition = ${partition}
          and lost = ${kind === "lost"}
          and last_offset >= ${String(from)} and first_offset < ${String(nextOffset)}
          and upper(hole) > ${String(from)} and lower(hole) < ${String(nextOffset)}
        order by lower(hole) limit ${ROWS_AT_ONCE}`,
    );
  return entries(kind, scope, read);
}

/** Archive ranges that begin within the scope. */
export async function* readRanges(sql: Database, scope: Scope): AsyncGenerator<ArchiveRange> {
  const { log, partition, firstOffset, nextOffset } = scope;
  let from = firstOffset;
  for (;;) {
    const rows = await ask(
      "read the archive's ranges",
      sql<RangeRow[]>`
        select first_offset::text, last_offset::text, key, format, events::float8, bytes::float8,
          sha256, state
        from archive_objects
        where log = ${log} and partition = ${partition}
          and first_offset >= ${String(from)} and first_offset < ${String(nextOffset)}
        order by archive_objects.first_offset limit ${ROWS_AT_ONCE}`,
    );
    for (const { first_offset, last_offset, ...plan } of rows) {
      from = BigInt(first_offset) + 1n;
      yield { ...plan, firstOffset: BigInt(first_offset), lastOffset: BigInt(last_offset) };
    }
    if (rows.length < ROWS_AT_ONCE) return;
  }
}

interface PlainRow {
  readonly first_offset: string;
  readonly last_offset: string;
  readonly event_id: string | null;
}

interface RangeRow extends Omit<ArchiveRange, "firstOffset" | "lastOffset"> {
  readonly first_offset: string;
  readonly last_offset: string;
}

async function* entries(
  kind: Entry["kind"],
  scope: Scope,
  read: (from: bigint) => Promise<readonly PlainRow[]>,
): AsyncGenerator<Entry> {
  let from = scope.firstOffset;
  for (;;) {
    const rows = await read(from);
    for (const { first_offset, last_offset, event_id } of rows) {
      const entry = { firstOffset: BigInt(first_offset), lastOffset: BigInt(last_offset) };
      from = entry.lastOffset + 1n;
      yield { kind, ...entry, eventId: event_id, row: null };
    }
    if (rows.length < ROWS_AT_ONCE) return;
  }
}
