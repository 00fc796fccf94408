/**
 * What Kafka no longer has and the table does: after an outage of the store that
 * outlasted the log's retention, an archive object is made from rows (P4, P6).
 */
import { encodeEvent } from "@tally/shared";
import type { ExtentLine } from "./lines.ts";
import type { ArchivePartition } from "./plan.ts";
import { guarded, type Database } from "../database/database.ts";
import type { Batch, OffsetGap } from "../pipeline/sink.ts";

/** A part of a batch that becomes one object. */
export interface Piece {
  readonly batch: Batch;
  /** Lines made from rows, in offset order; empty for nearly every batch there is. */
  readonly lost: readonly ExtentLine[];
  /** Kafka timestamp of the first record; of a lost one its receive time, which is the same. */
  readonly firstTimestampMs: number;
}

/** Rows read at once; also what bounds an object made of rows, and so the memory. Chosen. */
const LOST_ROWS_MAX = 1000;
/** The table has no index by offset, and a scan may take its time; nothing is locked meanwhile. */
const SCAN_MS_MAX = 600_000;

/**
 * Cuts a batch into objects: itself, unless offsets are missing of which there are rows. A range
 * that is planned already is never cut. PostgreSQL must hold the whole range.
 *
 * A line made from a row has the event's content; only the order of keys within its payload may
 * differ from what was sent, as `jsonb` doesn't keep it.
 */
export async function* cutPieces(
  sql: Database,
  place: ArchivePartition,
  batch: Batch,
): AsyncGenerator<Piece> {
  const missing = missingOffsets(batch);
  // Where the rows have a gap too, there is nothing to read: transaction markers, compaction.
  const lost = missing.length === 0 ? [] : await withoutGapsOfRows(sql, place, missing);
  if (lost.length === 0) {
    yield pieceOf(batch, []);
    return;
  }
  const rowsMax = batch.reason === "planned" ? null : LOST_ROWS_MAX;
  for (let from = batch.firstOffset; from < batch.nextOffset;) {
    const lines = await readLostLines(sql, place, { lost, from, rowsMax });
    const isRest = rowsMax === null || lines.length < rowsMax;
    const lastLine = lines.at(-1);
    const to = isRest || lastLine === undefined ? batch.nextOffset : lastLine.offset + 1n;
    yield pieceOf(slice(batch, from, to), lines);
    from = to;
  }
}

/** Offsets of the range without a record. */
export function missingOffsets({ records, firstOffset, nextOffset }: Batch): OffsetGap[] {
  if (BigInt(records.length) === nextOffset - firstOffset) return [];
  const missing: OffsetGap[] = [];
  let expected = firstOffset;
  for (const { record } of records) {
    if (record.offset > expected) {
      missing.push({ firstOffset: expected, lastOffset: record.offset - 1n });
    }
    expected = record.offset + 1n;
  }
  if (expected < nextOffset) missing.push({ firstOffset: expected, lastOffset: nextOffset - 1n });
  return missing;
}

/** What is left of `ranges` without `gaps`; both ascending, without overlap among themselves. */
export function subtractGaps(
  ranges: readonly OffsetGap[],
  gaps: readonly OffsetGap[],
): OffsetGap[] {
  let left = [...ranges];
  for (const gap of gaps) {
    left = left.flatMap((range) => {
      if (gap.lastOffset < range.firstOffset || gap.firstOffset > range.lastOffset) return [range];
      const before = { firstOffset: range.firstOffset, lastOffset: gap.firstOffset - 1n };
      const behind = { firstOffset: gap.lastOffset + 1n, lastOffset: range.lastOffset };
      return [before, behind].filter(({ firstOffset, lastOffset }) => firstOffset <= lastOffset);
    });
  }
  return left;
}

function withoutGapsOfRows(
  sql: Database,
  { logNumber, partition }: ArchivePartition,
  missing: readonly OffsetGap[],
): Promise<OffsetGap[]> {
  const first = String(missing[0]?.firstOffset ?? 0n);
  const last = String(missing.at(-1)?.lastOffset ?? 0n);
  return guarded(async () => {
    const rows = await sql<{ first_offset: string; last_offset: string }[]>`
      select first_offset::text, last_offset::text from offset_gaps
      where sink = 'postgres' and log = ${logNumber} and partition = ${partition}
        and first_offset <= ${last} and last_offset >= ${first}
      order by offset_gaps.first_offset`;
    const gaps = rows.map(({ first_offset, last_offset }) => ({
      firstOffset: BigInt(first_offset),
      lastOffset: BigInt(last_offset),
    }));
    return subtractGaps(missing, gaps);
  });
}

interface LostRange {
  readonly lost: readonly OffsetGap[];
  readonly from: bigint;
  /** Null: all. */
  readonly rowsMax: number | null;
}

interface EventRow {
  readonly offset: string;
  readonly event_id: string;
  readonly session_id: string;
  readonly event_type: string;
  readonly ts: Date;
  readonly received_at: Date;
  readonly payload: unknown;
}

function readLostLines(
  sql: Database,
  { logNumber, partition }: ArchivePartition,
  { lost, from, rowsMax }: LostRange,
): Promise<ExtentLine[]> {
  const firsts = `{${lost.map(({ firstOffset }) => firstOffset)}}`;
  const lasts = `{${lost.map(({ lastOffset }) => lastOffset)}}`;
  return guarded(async () => {
    const rows = await sql.begin("read only", async (transaction) => {
      await transaction`select set_config('statement_timeout', ${String(SCAN_MS_MAX)}, true)`;
      return await transaction<EventRow[]>`
        select "offset"::text, event_id, session_id, event_type, ts, received_at, payload
        from unnest(${firsts}::bigint[], ${lasts}::bigint[]) as lost (first_offset, last_offset)
        join web_events on "offset" between first_offset and last_offset
        where log = ${logNumber} and partition = ${partition} and "offset" >= ${String(from)}
        order by web_events."offset" limit ${rowsMax}`;
    });
    return rows.map((row) => ({ offset: BigInt(row.offset), line: lineOf(row) }));
  }, 2 * SCAN_MS_MAX);
}

function lineOf(row: EventRow): Buffer {
  return Buffer.from(
    encodeEvent({
      eventId: row.event_id,
      sessionId: row.session_id,
      eventType: row.event_type,
      ts: row.ts.toISOString(),
      receivedAt: row.received_at.toISOString(),
      payload: JSON.stringify(row.payload),
    }),
  );
}

function slice(batch: Batch, firstOffset: bigint, nextOffset: bigint): Batch {
  const isWithin = (offset: bigint) => offset >= firstOffset && offset < nextOffset;
  return {
    ...batch,
    firstOffset,
    nextOffset,
    records: batch.records.filter(({ record }) => isWithin(record.offset)),
    gaps: batch.gaps.filter((gap) => isWithin(gap.firstOffset)),
  };
}

function pieceOf(batch: Batch, lost: readonly ExtentLine[]): Piece {
  const [record] = batch.records;
  const [line] = lost;
  const isLost = line !== undefined && (record === undefined || line.offset < record.record.offset);
  const firstTimestampMs = isLost ? receivedAtMs(line) : (record?.record.timestampMs ?? 0);
  return { batch, lost, firstTimestampMs };
}

function receivedAtMs({ line }: ExtentLine): number {
  return Date.parse((JSON.parse(line.toString()) as { receivedAt: string }).receivedAt);
}
