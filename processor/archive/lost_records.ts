/**
 * Lines for records that Kafka has lost: when S3 was down for longer than the log's
 * retention, PostgreSQL still has the events as rows. Archive objects are then made
 * from rows where records are missing, so that the archive misses nothing (P4, P6).
 */
import { encodeEvent } from "@tally/shared";
import { guarded, type Database } from "@tally/shared/database";
import type { ArchiveLine } from "./lines.ts";
import { clipGaps, missingOffsets, subtractGaps } from "./missing_offsets.ts";
import type { ArchivePartition } from "./plan.ts";
import type { Batch, OffsetGap } from "../pipeline/sink.ts";

/** What one archive object is made of: a batch or a part of one, and rows for lost records. */
export interface ObjectSource {
  readonly batch: Batch;
  /** Lines made from rows, in offset order; empty for nearly every batch. */
  readonly lostLines: readonly ArchiveLine[];
  /**
   * Kafka timestamp of the first record. For a lost record it is the event's receive time, which is
   * the same.
   */
  readonly firstTimestampMs: number;
}

/** Rows read at once. It also bounds an object made of rows, and so the memory. */
const LOST_ROWS_MAX = 1000; // chosen
/** `web_events` has no index by offset, and a scan may take its time: it locks nothing. */
const SCAN_MS_MAX = 600_000;

/**
 * Splits a batch into objects. Usually the batch is one object; it is split when Kafka lost records
 * that PostgreSQL still has. A range that is planned already is never split. PostgreSQL must hold
 * the whole range.
 *
 * A line made from a row has the event's content. Only the order of keys within its payload may
 * differ from what was sent, because `jsonb` doesn't keep it.
 */
export async function* splitIntoObjects(
  sql: Database,
  place: ArchivePartition,
  batch: Batch,
): AsyncGenerator<ObjectSource> {
  const missing = missingOffsets(batch);
  // The rows' pipeline has recorded a gap where it found no record either (transaction markers,
  // compaction): there is no row to read.
  const lost = missing.length === 0 ? [] : await withoutGapsOfRows(sql, place, missing);
  if (lost.length === 0) {
    yield sourceOf(batch, []);
    return;
  }
  const rowsMax = batch.reason === "planned" ? null : LOST_ROWS_MAX;
  for (let from = batch.firstOffset; from < batch.nextOffset;) {
    const lines = await readLostLines(sql, place, { lost, from, rowsMax });
    const isRest = rowsMax === null || lines.length < rowsMax;
    const lastLine = lines.at(-1);
    const to = isRest || lastLine === undefined ? batch.nextOffset : lastLine.offset + 1n;
    yield sourceOf(slice(batch, from, to), lines);
    from = to;
  }
}

function withoutGapsOfRows(
  sql: Database,
  { logNumber, partition }: ArchivePartition,
  missing: readonly OffsetGap[],
): Promise<OffsetGap[]> {
  const first = String(missing[0]?.firstOffset ?? 0n);
  const last = String(missing.at(-1)?.lastOffset ?? 0n);
  return guarded(sql, async () => {
    const rows = await sql<{ first_offset: string; last_offset: string }[]>`
      select lower(hole)::text as first_offset, (upper(hole) - 1)::text as last_offset
      from offset_gaps gap, unnest(gap_holes(gap)) as hole
      where sink = 'postgres' and log = ${logNumber} and partition = ${partition}
        and first_offset <= ${last} and last_offset >= ${first}
        and hole && int8range(${first}, ${last}, '[]')
      order by lower(hole)`;
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
  /** Null when all are wanted. */
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
  readonly source: string | null;
}

function readLostLines(
  sql: Database,
  { logNumber, partition }: ArchivePartition,
  { lost, from, rowsMax }: LostRange,
): Promise<ArchiveLine[]> {
  const firsts = `{${lost.map(({ firstOffset }) => firstOffset)}}`;
  const lasts = `{${lost.map(({ lastOffset }) => lastOffset)}}`;
  return guarded(
    sql,
    async () => {
      const rows = await sql.begin("read only", async (transaction) => {
        await transaction`select set_config('statement_timeout', ${String(SCAN_MS_MAX)}, true)`;
        return await transaction<EventRow[]>`
        select "offset"::text, event_id, session_id, event_type, ts, received_at, payload, source
        from unnest(${firsts}::bigint[], ${lasts}::bigint[]) as lost (first_offset, last_offset)
        join web_events on "offset" between first_offset and last_offset
        where log = ${logNumber} and partition = ${partition} and "offset" >= ${String(from)}
        order by web_events."offset" limit ${rowsMax}`;
      });
      return rows.map((row) => ({ offset: BigInt(row.offset), line: lineOf(row) }));
    },
    2 * SCAN_MS_MAX,
  );
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
      ...(row.source === null ? {} : { source: row.source }),
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
    gaps: clipGaps(batch.gaps, { firstOffset, nextOffset }),
  };
}

function sourceOf(batch: Batch, lostLines: readonly ArchiveLine[]): ObjectSource {
  const [record] = batch.records;
  const [line] = lostLines;
  const isLost = line !== undefined && (record === undefined || line.offset < record.record.offset);
  const firstTimestampMs = isLost ? receivedAtMs(line) : (record?.record.timestampMs ?? 0);
  return { batch, lostLines, firstTimestampMs };
}

function receivedAtMs({ line }: ArchiveLine): number {
  return Date.parse((JSON.parse(line.toString()) as { receivedAt: string }).receivedAt);
}
