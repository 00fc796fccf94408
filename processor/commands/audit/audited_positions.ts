/**
 * The positions, read once at the start: everything below them is judged, and
 * everything above is ignored, so that the system may run meanwhile.
 */
import type { Database } from "@tally/shared/database";
import { ask } from "../../database/read_only.ts";
import type { Place } from "./findings.ts";

/** The position of one sink, and its counters. */
export interface SinkPosition {
  readonly nextOffset: bigint;
  readonly records: bigint;
  readonly events: number;
  readonly duplicates: number;
  readonly deadLetters: number;
  readonly objects: number;
  readonly bytes: number;
  /** Sums of the counters by name. */
  readonly byEventType: number;
  readonly byDeadLetterCode: number;
  /** Duplicates that are no longer listed; all of them lie below `prunedTo`. */
  readonly prunedDuplicates: number;
  readonly prunedTo: bigint;
  /** Offsets in its gaps. */
  readonly gapOffsets: bigint;
  /** Those of them that have a row: the archive rebuilds lost records from rows. */
  readonly gapRows: bigint;
  /** Why it waits for an operator, or null when it runs. */
  readonly stopped: string | null;
}

/** A partition with its positions; a sink without a position has written nothing yet. */
export interface PartitionPositions extends Place {
  readonly topicId: string;
  readonly rows: SinkPosition | null;
  readonly archive: SinkPosition | null;
}

/** Which partitions to audit; null means all. */
export interface PositionsWanted {
  readonly topic: string | null;
  readonly partition: number | null;
}

/** Reads the positions of every log, by log and partition, in one statement. */
export async function readPositions(
  sql: Database,
  { topic, partition }: PositionsWanted,
): Promise<PartitionPositions[]> {
  const rows = await ask(
    "read the positions",
    sql<PositionRow[]>`
      select sink, log, topic, topic_id, partition, next_offset::text, records::text,
        events::float8, duplicates::float8, dead_letters::float8, objects::float8, bytes::float8,
        stopped, pruned_duplicates::float8, pruned_to::text,
        (select coalesce(sum(value::float8), 0) from jsonb_each_text(event_types)) as event_types,
        (select coalesce(sum(value::float8), 0) from jsonb_each_text(dead_letter_codes)) as codes,
        (select coalesce(sum(offsets), 0)::text from offset_gaps gap
          where gap.sink = position.sink and gap.log = position.log
            and gap.partition = position.partition) as gap_offsets,
        (select coalesce(sum(rebuilt), 0)::text from offset_gaps gap
          where gap.sink = position.sink and gap.log = position.log
            and gap.partition = position.partition) as rebuilt
      from positions position join logs using (log)
      where (${topic}::text is null or topic = ${topic})
        and (${partition}::integer is null or partition = ${partition})
      order by log, partition`,
  );
  const gapRows = await readGapRows(sql, rows);
  const places = Map.groupBy(rows, ({ log, partition }) => placeId(log, partition));
  return [...places.values()].flatMap((sinks) => {
    const [first] = sinks;
    if (first === undefined) return [];
    const of = (sink: string): SinkPosition | null => {
      const row = sinks.find((each) => each.sink === sink);
      return row === undefined ? null : toPosition(row, gapRows);
    };
    const { log, topic, topic_id } = first;
    const place = { log, topic, topicId: topic_id, partition: first.partition };
    return [{ ...place, rows: of("postgres"), archive: of("archive") }];
  });
}

/** Names a partition of a log in maps. */
export function placeId(log: number, partition: number): string {
  return `${log}/${partition}`;
}

/**
 * The offset at which a sink began, from its records and gaps, or null when its counters can't be
 * right; the comparison of counters reports them then.
 */
export function beginOf(position: SinkPosition): bigint | null {
  const { nextOffset, records, gapOffsets, gapRows } = position;
  const begin = nextOffset - records - gapOffsets + gapRows;
  return begin < 0n ? null : begin;
}

/** The offset at which the rows began, or null when their counters do not add up. */
export function beginOfRows(position: SinkPosition): bigint | null {
  const { records, events, duplicates, deadLetters } = position;
  return Number(records) === events + duplicates + deadLetters ? beginOf(position) : null;
}

interface PositionRow {
  readonly sink: string;
  readonly log: number;
  readonly topic: string;
  readonly topic_id: string;
  readonly partition: number;
  readonly next_offset: string;
  readonly records: string;
  readonly events: number;
  readonly duplicates: number;
  readonly dead_letters: number;
  readonly objects: number;
  readonly bytes: number;
  readonly stopped: string | null;
  readonly pruned_duplicates: number;
  readonly pruned_to: string;
  readonly event_types: number;
  readonly codes: number;
  readonly gap_offsets: string;
  readonly rebuilt: string;
}

/**
 * Rows in gaps that were recorded before the archive counted them itself. Needs a scan of its own,
 * so it runs only when there are such gaps: almost never.
 */
async function readGapRows(
  sql: Database,
  positions: readonly PositionRow[],
): Promise<ReadonlyMap<string, bigint>> {
  if (positions.length === 0) return new Map();
  const [old] = await ask(
    "look for old gaps of the archive",
    sql`select from offset_gaps where sink = 'archive' and rebuilt is null limit 1`,
  );
  if (old === undefined) return new Map();
  const rows = await ask(
    "count the rows in gaps of the archive",
    sql<{ log: number; partition: number; rows: string }[]>`
      select log, partition, count(distinct "offset")::text as rows
      from offset_gaps gap join web_events using (log, partition)
      where sink = 'archive' and rebuilt is null and "offset" between first_offset and last_offset
      group by log, partition`,
  );
  return new Map(rows.map((row) => [placeId(row.log, row.partition), BigInt(row.rows)]));
}

function toPosition(row: PositionRow, gapRows: ReadonlyMap<string, bigint>): SinkPosition {
  const old = row.sink === "archive" ? gapRows.get(placeId(row.log, row.partition)) : undefined;
  return {
    nextOffset: BigInt(row.next_offset),
    records: BigInt(row.records),
    events: row.events,
    duplicates: row.duplicates,
    deadLetters: row.dead_letters,
    objects: row.objects,
    bytes: row.bytes,
    byEventType: row.event_types,
    byDeadLetterCode: row.codes,
    prunedDuplicates: row.pruned_duplicates,
    prunedTo: BigInt(row.pruned_to),
    gapOffsets: BigInt(row.gap_offsets),
    gapRows: BigInt(row.rebuilt) + (old ?? 0n),
    stopped: row.stopped,
  };
}
