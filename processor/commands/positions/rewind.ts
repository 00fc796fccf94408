/**
 * Moves a position back, so that records are read again. Counters cover what lies
 * below the position, so they go back with it; reading again counts again and
 * writes only what is missing.
 */
import type { Sink } from "../../pipeline/sink.ts";
import type { Watermarks } from "@tally/shared/kafka";
import { guarded, type Database, type Transaction } from "@tally/shared/database";
import { refused, type Refusal } from "./refusal.ts";

/** A sink's partition of the current log, and what Kafka holds of it. */
export interface RewindRequest {
  readonly sink: Sink["name"];
  readonly logNumber: number;
  readonly partition: number;
  readonly to: bigint | "start";
  readonly watermarks: Watermarks;
}

/** A rewind that may be done. */
export interface RewindPlan {
  readonly kind: "rewind";
  readonly from: bigint;
  readonly to: bigint;
  /** Archive: number of ranges that are compared again; rows: 0. */
  readonly ranges: number;
  readonly stopped: string | null;
}

/** Checks a rewind; changes nothing. */
export function planRewind(sql: Database, request: RewindRequest): Promise<RewindPlan | Refusal> {
  const { sink, logNumber, partition, watermarks } = request;
  return guarded(sql, async () => {
    const [row] = await sql<PositionRow[]>`
      select next_offset::text, stopped from positions
      where sink = ${sink} and log = ${logNumber} and partition = ${partition}`;
    if (row === undefined) {
      return refused(`The sink ${sink} has no position in partition ${partition}.`);
    }
    const from = BigInt(row.next_offset);
    const range = sink === "archive" ? rangeOfArchive : rangeOfRows;
    const found = await range(sql, request);
    if (found.kind === "refused") return found;
    const outside = outsideLog(found.to, from, watermarks);
    if (outside !== null) return refused(outside);
    const { to, ranges } = found;
    return { kind: "rewind", from, to, ranges, stopped: row.stopped };
  });
}

/** Plans the shortest rewind into a log that ends below the position; changes nothing. */
export async function planReturn(
  sql: Database,
  place: Omit<RewindRequest, "to">,
): Promise<RewindPlan | Refusal> {
  const { high } = place.watermarks;
  if (place.sink === "postgres") return await planRewind(sql, { ...place, to: high });
  const before = await guarded(sql, () => rangeBefore(sql, place, high + 1n));
  return await planRewind(sql, { ...place, to: before ?? high });
}

interface PositionRow {
  readonly next_offset: string;
  readonly stopped: string | null;
}

function outsideLog(to: bigint, from: bigint, { low, high }: Watermarks): string | null {
  if (to >= from) {
    return `The position is ${from}: a rewind must go to an offset below it, and ${to} is not.`;
  }
  if (to < low) {
    return `Kafka no longer has records before offset ${low}: they can't be read again.`;
  }
  return to > high ? `The log ends at ${high}: ${to} lies after its end.` : null;
}

/** Where a rewind of a sink may go. */
type Range = Pick<RewindPlan, "to" | "ranges"> & { readonly kind: "range" };

/** Rows can go back to any offset; an offset within a gap moves to the gap's end. */
async function rangeOfRows(sql: Database, request: RewindRequest): Promise<Range> {
  const { logNumber, partition, watermarks } = request;
  const to = request.to === "start" ? watermarks.low : request.to;
  const [gap] = await sql<{ last_offset: string }[]>`
    select (upper(hole) - 1)::text as last_offset
    from offset_gaps gap, unnest(gap_holes(gap)) as hole
    where sink = 'postgres' and log = ${logNumber} and partition = ${partition}
      and first_offset < ${String(to)} and last_offset >= ${String(to)}
      and lower(hole) < ${String(to)} and upper(hole) > ${String(to)}`;
  return { kind: "range", to: gap === undefined ? to : BigInt(gap.last_offset) + 1n, ranges: 0 };
}

/** The archive can go back to the start of a range, as far as all duplicates are listed. */
async function rangeOfArchive(sql: Database, request: RewindRequest): Promise<Range | Refusal> {
  const { logNumber, partition, watermarks } = request;
  const least = String(request.to === "start" ? watermarks.low : request.to);
  const [found] = await sql<{ first_offset: string | null; ranges: number; pruned_to: string }[]>`
    select min(first_offset)::text as first_offset, count(*)::integer as ranges,
      (select coalesce(max(pruned_to), 0)::text from positions
        where sink = 'postgres' and log = ${logNumber} and partition = ${partition}) as pruned_to
    from archive_objects
    where log = ${logNumber} and partition = ${partition} and first_offset >= ${least}
      and state = 'stored'`;
  if (found === undefined || found.first_offset === null) {
    return refused(`The archive has stored no range that begins at ${least} or later.`);
  }
  const to = BigInt(found.first_offset);
  if (request.to !== "start" && to !== request.to) {
    const before = await rangeBefore(sql, request, request.to);
    const nearest = before === null ? `${to}` : `${before} or ${to}`;
    return refused(`No range of the archive begins at ${request.to}: take ${nearest}.`);
  }
  const prunedTo = BigInt(found.pruned_to);
  if (to < prunedTo) {
    return refused(
      `Duplicates below offset ${prunedTo} were cleaned up, so the lines of ranges there can't be compared: rewind the rows (--sink postgres) to ${to} first, which lists them again.`,
    );
  }
  return { kind: "range", to, ranges: found.ranges };
}

async function rangeBefore(
  sql: Database,
  { logNumber, partition }: Omit<RewindRequest, "to">,
  offset: bigint,
): Promise<bigint | null> {
  const [row] = await sql<{ first_offset: string | null }[]>`
    select max(first_offset)::text as first_offset from archive_objects
    where log = ${logNumber} and partition = ${partition} and first_offset < ${String(offset)}`;
  return row === undefined || row.first_offset === null ? null : BigInt(row.first_offset);
}

/** Counting the rows below an offset reads the whole table: there is no index by offset. */
const COUNT_MS_MAX = 3_600_000;
/** A running write of the partition ends within its own timeout. */
const LOCK_MS_MAX = 120_000;

/**
 * Rewinds, unless the position went back further meanwhile, or more duplicates were cleaned up.
 * Writes of the partition wait until the rewind is done.
 *
 * @returns Whether the position is where the plan says.
 */
export function rewind(
  sql: Database,
  { sink, logNumber, partition }: RewindRequest,
  { to }: RewindPlan,
): Promise<boolean> {
  return guarded(
    sql,
    () =>
      sql.begin(async (transaction) => {
        await transaction`
          select set_config('statement_timeout', ${String(COUNT_MS_MAX)}, true),
            set_config('lock_timeout', ${String(LOCK_MS_MAX)}, true)`;
        // Locked first, and read by the next statement: a write is then either counted or undone,
        // and the clean-up, which takes the same lock, has stored how far it came.
        await transaction`
          select from positions
          where sink = ${sink} and log = ${logNumber} and partition = ${partition} for update`;
        const movable = await transaction`
          select from positions
          where sink = ${sink} and log = ${logNumber} and partition = ${partition}
            and next_offset > ${String(to)}
            and (sink = 'postgres' or ${String(to)} >= (
              select coalesce(max(pruned_to), 0) from positions
              where sink = 'postgres' and log = ${logNumber} and partition = ${partition}))`;
        if (movable.length === 0) return false;
        const place = { logNumber, partition, to: String(to) };
        if (sink === "archive") await rewindArchive(transaction, place);
        else await rewindRows(transaction, place);
        return true;
      }),
    COUNT_MS_MAX + LOCK_MS_MAX,
  );
}

interface Place {
  readonly logNumber: number;
  readonly partition: number;
  readonly to: string;
}

/**
 * Forgets the gaps from `to` on: reading again finds them again.
 *
 * @returns How many offsets they had.
 */
async function undoGaps(
  sql: Transaction,
  sink: Sink["name"],
  { logNumber, partition, to }: Place,
): Promise<string> {
  const isHere = sql`sink = ${sink} and log = ${logNumber} and partition = ${partition} and not lost`;
  const [undone] = await sql<{ offsets: string }[]>`
    select coalesce(sum(upper(hole) - greatest(lower(hole), ${to})), 0)::text as offsets
    from offset_gaps gap, unnest(gap_holes(gap)) as hole
    where ${isHere} and last_offset >= ${to} and upper(hole) > ${to}`;
  await sql`delete from offset_gaps where ${isHere} and first_offset >= ${to}`;
  // A row holds all gaps of a batch, some of which may lie before.
  await sql`
    update offset_gaps gap set holes = kept.holes, last_offset = upper(kept.holes) - 1,
      offsets = (select sum(upper(hole) - lower(hole)) from unnest(kept.holes) as hole)
    from (
      select first_offset as at, gap_holes(cut) * int8multirange(int8range(null, ${to})) as holes
      from offset_gaps cut where ${isHere} and first_offset < ${to} and last_offset >= ${to}
    ) as kept
    where ${isHere} and first_offset = kept.at`;
  return undone?.offsets ?? "0";
}

/**
 * Sets the counters to those of the offsets below `to`. Rows and dead letters are counted. Records
 * follow from the offsets, minus the gaps. What is neither row nor dead letter is a duplicate, and
 * a duplicate that is not listed has been cleaned up.
 */
async function rewindRows(sql: Transaction, { logNumber, partition, to }: Place): Promise<void> {
  const gapOffsets = await undoGaps(sql, "postgres", { logNumber, partition, to });
  await sql`
    with types as (
      select event_type, count(*) as rows, max(received_at) as last_received_at from web_events
      where log = ${logNumber} and partition = ${partition} and "offset" < ${to} group by event_type
    ), letters as (
      select code, count(*) as letters from dead_letters
      where log = ${logNumber} and partition = ${partition} and "offset" < ${to} group by code
    ), below as (
      select
        (select coalesce(sum(rows), 0) from types) as events,
        (select max(last_received_at) from types) as last_received_at,
        (select coalesce(jsonb_object_agg(event_type, rows), '{}') from types) as event_types,
        (select coalesce(sum(letters), 0) from letters) as dead_letters,
        (select coalesce(jsonb_object_agg(code, letters), '{}') from letters) as codes,
        (select count(*) from duplicate_events
          where log = ${logNumber} and partition = ${partition} and "offset" < ${to}) as listed,
        (select records - (next_offset - ${to}) + ${gapOffsets}
          from positions
          where sink = 'postgres' and log = ${logNumber} and partition = ${partition}) as records
    )
    update positions set next_offset = ${to}, planned_to = ${to},
      last_hash = null, last_offset = null,
      last_received_at = below.last_received_at,
      records = below.records, events = below.events, dead_letters = below.dead_letters,
      duplicates = below.records - below.events - below.dead_letters,
      pruned_duplicates = greatest(0,
        below.records - below.events - below.dead_letters - below.listed),
      pruned_to = least(pruned_to, ${to}),
      event_types = add_by_name('{}', below.event_types, 200),
      dead_letter_codes = add_by_name('{}', below.codes, 200)
    from below
    where sink = 'postgres' and log = ${logNumber} and partition = ${partition}`;
}

/**
 * Ranges from the offset on are planned again under their keys: their owner reads them, compares
 * what the bucket holds and confirms them. Nothing in the bucket is touched here.
 */
async function rewindArchive(sql: Transaction, { logNumber, partition, to }: Place): Promise<void> {
  await undoGaps(sql, "archive", { logNumber, partition, to });
  await sql`
    with again as (
      update archive_objects set state = 'planned', stored_at = null
      where log = ${logNumber} and partition = ${partition} and first_offset >= ${to}
        and state = 'stored'
      returning events, bytes, key, coalesce(records, last_offset - first_offset + 1) as records
    ), undone as (
      select coalesce(sum(records), 0) as records, coalesce(sum(events), 0) as events,
        coalesce(sum(bytes), 0) as bytes, count(key) as objects
      from again
    )
    update positions set next_offset = ${to}, last_hash = null, last_offset = null,
      records = positions.records - undone.records, events = positions.events - undone.events,
      bytes = positions.bytes - undone.bytes, objects = positions.objects - undone.objects,
      last_key = (
        select key from archive_objects
        where log = ${logNumber} and partition = ${partition} and first_offset < ${to}
          and key is not null
        order by first_offset desc limit 1)
    from undone
    where sink = 'archive' and log = ${logNumber} and partition = ${partition}`;
}
