/**
 * The archive's statements. Plan and confirm each move their half of the position by
 * compare-and-set, so that ranges tile the log with any writer (P5). To adopt a planned
 * object is to finish a plan that exists, as the next owner does after a crash (adopt.ts).
 */
import { guarded, inSchema, type Database, type Fragment } from "@tally/shared/database";
import type { ObjectFormat } from "./object_key.ts";
import { gapRows } from "../pipeline/gap_rows.ts";
import type { LastRecord } from "../pipeline/record_hash.ts";
import type { OffsetGap } from "../pipeline/sink.ts";

/** One partition of one log. */
export interface ArchivePartition {
  readonly logNumber: number;
  readonly partition: number;
}

/** Offsets from `firstOffset` up to, but without, `nextOffset`. */
export interface OffsetRange {
  readonly firstOffset: bigint;
  readonly nextOffset: bigint;
}

/** A row of `archive_objects`: what will be stored, fixed before the upload. */
export interface PlannedObject extends OffsetRange {
  /** Null when the range has no lines; then there is no object. */
  readonly key: string | null;
  readonly format: ObjectFormat;
  readonly encoder: number;
  readonly events: number;
  /** Size of the lines before compression. */
  readonly bytes: number;
  /** Hex digest of the lines before compression. */
  readonly sha256: string;
}

/**
 * Offsets of a range that have no line: duplicates and dead letters. The answer is final while
 * PostgreSQL holds the rows of the range, which the same statement looks at: a failover to a
 * standby may have lost what was there before.
 *
 * @returns Offsets as decimal text, or null when PostgreSQL doesn't hold all rows of the range.
 */
export function readExcluded(
  sql: Database,
  place: ArchivePartition,
  { firstOffset, nextOffset }: OffsetRange,
): Promise<ReadonlySet<string> | null> {
  const { logNumber, partition } = place;
  return guarded(sql, async () => {
    const [row] = await sql<{ isHeld: boolean; offsets: string[] }[]>`
      select ${holdsRows(sql, place, nextOffset)} as "isHeld",
        (select coalesce(json_agg("offset"::text), '[]') from (
          select "offset" from duplicate_events
          where log = ${logNumber} and partition = ${partition}
            and "offset" >= ${String(firstOffset)} and "offset" < ${String(nextOffset)}
          union all
          select "offset" from dead_letters
          where log = ${logNumber} and partition = ${partition}
            and "offset" >= ${String(firstOffset)} and "offset" < ${String(nextOffset)}
        ) excluded) as offsets`;
    return row?.isHeld === true ? new Set(row.offsets) : null;
  });
}

/** The condition that PostgreSQL holds the rows before an offset. */
function holdsRows(
  sql: Database,
  { logNumber, partition }: ArchivePartition,
  nextOffset: bigint,
): Fragment {
  return sql`(exists (
    select from positions held where held.sink = 'postgres' and held.log = ${logNumber}
      and held.partition = ${partition} and held.next_offset >= ${String(nextOffset)}))`;
}

/** Ranges to plan. */
export interface NewPlans {
  /** They follow each other. */
  readonly ranges: readonly PlannedObject[];
  /**
   * Whether PostgreSQL must hold their rows: their lines depend on them. An object that exists
   * already does not; its lines are compared later.
   */
  readonly needRows: boolean;
}

/**
 * Plans ranges that follow each other, all or none: only when the next range to plan begins where
 * the first of them begins (compare-and-set on `planned_to`).
 *
 * @returns Whether they are planned now; false when another owner has planned there before, or
 * PostgreSQL doesn't hold rows that they need.
 */
export function planObjects(
  sql: Database,
  place: ArchivePartition,
  { ranges, needRows }: NewPlans,
): Promise<boolean> {
  const { logNumber, partition } = place;
  const first = ranges[0]?.firstOffset ?? 0n;
  const next = ranges.at(-1)?.nextOffset ?? 0n;
  const rows = ranges.map(({ firstOffset, nextOffset, ...range }) => ({
    ...range,
    first_offset: String(firstOffset),
    last_offset: String(nextOffset - 1n),
  }));
  return guarded(sql, async () => {
    const planned = await sql`
      with moved as (
        update positions set planned_to = ${String(next)}
        where sink = 'archive' and log = ${logNumber} and partition = ${partition}
          and planned_to = ${String(first)} and ${inSchema(sql)}
          and ${needRows ? holdsRows(sql, place, next) : sql`(true)`}
        returning 1
      )
      insert into archive_objects
        (log, partition, first_offset, last_offset, key, format, encoder, events, bytes, sha256, state)
      select ${logNumber}, ${partition}, range.*, 'planned'
      from moved, jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as range
        (first_offset bigint, last_offset bigint, key text, format text, encoder smallint,
          events bigint, bytes bigint, sha256 text)
      returning 1`;
    return planned.length > 0;
  });
}

/** Changes digest and size of a plan that is not stored, only if they still are as `existing`. */
export function replanObject(
  sql: Database,
  { logNumber, partition }: ArchivePartition,
  { existing, changed }: { readonly existing: PlannedObject; readonly changed: PlannedObject },
): Promise<boolean> {
  return guarded(sql, async () => {
    const rows = await sql`
      update archive_objects set sha256 = ${changed.sha256}, bytes = ${changed.bytes}
      where log = ${logNumber} and partition = ${partition}
        and first_offset = ${String(existing.firstOffset)} and state = 'planned'
        and sha256 = ${existing.sha256}
      returning 1`;
    return rows.length > 0;
  });
}

/** The position of the archive, and the plan at one offset. */
export interface ArchiveState {
  /** Next offset to confirm, or null when there is no position. */
  readonly nextOffset: bigint | null;
  /** The unconfirmed plan that begins at that offset, or null when there is none. */
  readonly planned: PlannedObject | null;
}

/** Reads the position, and the unconfirmed plan that begins at `firstOffset`. */
export function readArchiveState(
  sql: Database,
  { logNumber, partition }: ArchivePartition,
  firstOffset: bigint,
): Promise<ArchiveState> {
  return guarded(sql, async () => {
    const [row] = await sql<StateRow[]>`
      select position.next_offset::text, object.last_offset::text, object.key, object.format,
        object.encoder, object.events::integer, object.bytes::float8, object.sha256
      from positions position
      left join archive_objects object on object.log = position.log
        and object.partition = position.partition and object.first_offset = ${String(firstOffset)}
        and object.state = 'planned'
      where position.sink = 'archive' and position.log = ${logNumber}
        and position.partition = ${partition}`;
    if (row === undefined) return { nextOffset: null, planned: null };
    const nextOffset = BigInt(row.next_offset);
    if (row.last_offset === null) return { nextOffset, planned: null };
    const { key, format, encoder, events, bytes, sha256 } = row;
    const range = { firstOffset, nextOffset: BigInt(row.last_offset) + 1n };
    return { nextOffset, planned: { ...range, key, format, encoder, events, bytes, sha256 } };
  });
}

/** When there is no object, all of its columns are null. */
interface StateRow extends Omit<PlannedObject, keyof OffsetRange> {
  readonly next_offset: string;
  readonly last_offset: string | null;
}

/** Where the next range to plan begins, or null when there is no position. */
export function readPlannedTo(
  sql: Database,
  { logNumber, partition }: ArchivePartition,
): Promise<bigint | null> {
  return guarded(sql, async () => {
    const [row] = await sql<{ planned_to: string }[]>`
      select planned_to::text from positions
      where sink = 'archive' and log = ${logNumber} and partition = ${partition}`;
    return row === undefined ? null : BigInt(row.planned_to);
  });
}

/** Last offsets of the ranges that are planned and not yet confirmed, ascending. */
export function readPlannedLastOffsets(
  sql: Database,
  { logNumber, partition }: ArchivePartition,
  nextOffset: bigint,
): Promise<bigint[]> {
  return guarded(sql, async () => {
    const rows = await sql<{ last_offset: string }[]>`
      select last_offset::text from archive_objects
      where log = ${logNumber} and partition = ${partition} and first_offset >= ${String(nextOffset)}
        and state = 'planned'
      order by first_offset`;
    return rows.map((row) => BigInt(row.last_offset));
  });
}

/** The object to confirm, and what the confirmation adds to the position. */
export interface Confirmation {
  readonly planned: PlannedObject;
  /** Records of the range, with and without a line. */
  readonly records: number;
  /** Lines made from rows, for records that Kafka has deleted. */
  readonly rebuilt: number;
  /** The last record, or null when the range holds none. */
  readonly last: LastRecord | null;
  /** RFC 3339, of the last event, or null when the range holds no event. */
  readonly lastReceivedAt: string | null;
  readonly gaps: readonly OffsetGap[];
}

/**
 * Marks an object as stored and moves the position, only when the position stands where the range
 * begins and the plan still is the one that was uploaded.
 *
 * @returns Whether the position moved; false when another owner has confirmed or changed the plan.
 */
export function confirmObject(
  sql: Database,
  { logNumber, partition }: ArchivePartition,
  { planned, records, rebuilt, last, lastReceivedAt, gaps }: Confirmation,
): Promise<boolean> {
  const first = String(planned.firstOffset);
  const objects = planned.key === null ? 0 : 1;
  return guarded(sql, async () => {
    const rows = await sql`
      with uploaded as (
        select from archive_objects
        where log = ${logNumber} and partition = ${partition} and first_offset = ${first}
          and state = 'planned' and sha256 = ${planned.sha256} and ${inSchema(sql)}
        for update
      ), moved as (
        update positions set next_offset = ${String(planned.nextOffset)},
          last_hash = coalesce(${last?.hash ?? null}, last_hash),
          last_offset = coalesce(${last?.offset ?? null}::bigint,
            last_offset, next_offset - 1),
          last_received_at = greatest(last_received_at, ${lastReceivedAt}::timestamptz),
          records = records + ${records}, events = events + ${planned.events},
          objects = objects + ${objects}, bytes = bytes + ${planned.bytes},
          last_key = coalesce(${planned.key}, last_key)
        where sink = 'archive' and log = ${logNumber} and partition = ${partition}
          and next_offset = ${first} and exists (select from uploaded)
        returning 1
      ), seen as (
        insert into offset_gaps
          (sink, log, partition, first_offset, last_offset, offsets, holes, rebuilt)
        select 'archive', ${logNumber}, ${partition}, gap.*, ${rebuilt}
        from moved, jsonb_to_recordset(${JSON.stringify(gapRows(gaps))}::text::jsonb) as gap
          (first_offset bigint, last_offset bigint, offsets bigint, holes int8multirange)
        on conflict do nothing
      )
      update archive_objects set state = 'stored', stored_at = now(), records = ${records}
      from moved
      where log = ${logNumber} and partition = ${partition} and first_offset = ${first}
      returning 1`;
    return rows.length > 0;
  });
}
