/**
 * Totals: what the sinks have done to one log, read from its rows of
 * `positions`. They survive restarts, and every processor reads the same.
 */
import {
  emptyHistogram,
  NEW_LETTERS_MAX,
  NEW_LETTERS_MINUTES,
  OPEN_LETTERS_MAX,
  type WallMs,
} from "@tally/shared";
import { guarded, type Database } from "@tally/shared/database";
import type { TopicLog } from "../pipeline/positions.ts";

/** Counters by name. */
export type Counts = Readonly<Record<string, number>>;

/** One sink's row of one partition. */
export interface PartitionTotals {
  readonly partition: number;
  readonly nextOffset: bigint;
  /** receivedAt of the last event, ms since 1970, or null when there is none yet. */
  readonly lastReceivedAtMs: number | null;
  readonly records: number;
  /** Rows, or archive lines. */
  readonly events: number;
  readonly duplicates: number;
  readonly deadLetters: number;
  readonly objects: number;
  readonly bytes: number;
  readonly lastKey: string | null;
  readonly eventTypes: Counts;
  readonly deadLetterCodes: Counts;
  /** Counts per bucket of `LATENCY_BOUNDS_MS`. */
  readonly latency: readonly number[];
  readonly latencyMsSum: number;
  /** Records that Kafka deleted before they were read, and that no operator has acknowledged. */
  readonly lostRecords: number;
  readonly stopped: string | null;
}

/** All rows of one log at one moment. */
export interface Totals {
  readonly logNumber: number;
  /** Clock of the database, ms since 1970: one clock for every processor. */
  readonly atMs: WallMs;
  /** Whether the server follows another one and takes no writes. */
  readonly isStandby: boolean;
  /** The last audit of everything, or null when there was none. */
  readonly lastAudit: LastAudit | null;
  /** Dead letters of any log that are not resolved, counted up to `OPEN_LETTERS_MAX`. */
  readonly openLetters: number | null;
  /** Those of the last half hour, without replacements of older ones; of the last 1,000. */
  readonly newLetters: number | null;
  readonly postgres: ReadonlyMap<number, PartitionTotals>;
  readonly archive: ReadonlyMap<number, PartitionTotals>;
}

/** How an audit ended. */
export interface LastAudit {
  readonly endedAtMs: WallMs;
  /** Problems that it found; 0: clean. */
  readonly problems: number;
}

/** Reads the totals of a log. Both maps are empty when nothing was written yet. */
export function readTotals(
  sql: Database,
  { logNumber }: Pick<TopicLog, "logNumber">,
): Promise<Totals> {
  return guarded(sql, async () => {
    const rows = await sql<Row[]>`
      select moment.*, position.*
      from (select extract(epoch from clock_timestamp())::float8 * 1000 as at_ms,
        pg_is_in_recovery() as is_standby,
        (select json_build_object('endedAtMs', extract(epoch from ended_at)::float8 * 1000,
          'problems', problems) from last_audit) as last_audit,
        (select count(*)::float8 from (
          select from dead_letters where resolved_at is null limit ${OPEN_LETTERS_MAX}
        ) as unresolved) as open_letters,
        (select count(*)::float8 from (
          select log, partition, "offset", first_seen from dead_letters
          order by id desc limit ${NEW_LETTERS_MAX}
        ) as newest
        where first_seen > now() - make_interval(mins => ${NEW_LETTERS_MINUTES})
          and not exists (select from dead_letter_resends resend where resend.log = newest.log
            and resend.partition = newest.partition and resend."offset" = newest."offset")
        ) as new_letters) as moment
      left join (
        select sink, partition, next_offset::text,
          extract(epoch from last_received_at)::float8 * 1000 as last_received_at_ms,
          records::float8, events::float8, duplicates::float8, dead_letters::float8, objects::float8, bytes::float8,
          last_key, event_types, dead_letter_codes, to_json(latency) as latency, latency_ms_sum::float8, stopped,
          (select coalesce(sum(offsets), 0)::float8 from offset_gaps gap
            where lost and acknowledged_at is null and gap.sink = positions.sink
              and gap.log = positions.log and gap.partition = positions.partition) as lost_records
        from positions where log = ${logNumber}
      ) as position on true`;
    return collect(logNumber, rows);
  });
}

interface Row {
  readonly at_ms: number;
  readonly is_standby: boolean;
  readonly last_audit: LastAudit | null;
  readonly open_letters: number | null;
  readonly new_letters: number | null;
  /** Null when the log has no rows. */
  readonly sink: string | null;
  readonly partition: number;
  readonly next_offset: string;
  readonly last_received_at_ms: number | null;
  readonly records: number;
  readonly events: number;
  readonly duplicates: number;
  readonly dead_letters: number;
  readonly objects: number;
  readonly bytes: number;
  readonly last_key: string | null;
  readonly event_types: Counts;
  readonly dead_letter_codes: Counts;
  readonly latency: readonly number[];
  readonly latency_ms_sum: number;
  readonly lost_records: number;
  readonly stopped: string | null;
}

function collect(logNumber: number, rows: readonly Row[]): Totals {
  const ofSink = (sink: string): Map<number, PartitionTotals> =>
    new Map(
      rows.filter((row) => row.sink === sink).map((row) => [row.partition, toPartition(row)]),
    );
  return {
    logNumber,
    atMs: rows[0]?.at_ms ?? 0,
    isStandby: rows[0]?.is_standby ?? false,
    lastAudit: rows[0]?.last_audit ?? null,
    openLetters: rows[0]?.open_letters ?? null,
    newLetters: rows[0]?.new_letters ?? null,
    postgres: ofSink("postgres"),
    archive: ofSink("archive"),
  };
}

function toPartition(row: Row): PartitionTotals {
  return {
    partition: row.partition,
    nextOffset: BigInt(row.next_offset),
    lastReceivedAtMs: row.last_received_at_ms === null ? null : Math.round(row.last_received_at_ms),
    records: row.records,
    events: row.events,
    duplicates: row.duplicates,
    deadLetters: row.dead_letters,
    objects: row.objects,
    bytes: row.bytes,
    lastKey: row.last_key,
    eventTypes: row.event_types,
    deadLetterCodes: row.dead_letter_codes,
    latency: row.latency,
    latencyMsSum: row.latency_ms_sum,
    lostRecords: row.lost_records,
    stopped: row.stopped,
  };
}

/** Adds one figure over partitions. */
export function sumOf(
  partitions: ReadonlyMap<number, PartitionTotals>,
  figure: (row: PartitionTotals) => number,
): number {
  let sum = 0;
  for (const row of partitions.values()) sum += figure(row);
  return sum;
}

/** Adds counters by name over partitions. */
export function addCounts(
  partitions: ReadonlyMap<number, PartitionTotals>,
  counts: (row: PartitionTotals) => Counts,
): Record<string, number> {
  // No prototype: a name may be "__proto__" or "constructor".
  const sums: Record<string, number> = Object.create(null) as Record<string, number>;
  for (const row of partitions.values()) {
    for (const [name, count] of Object.entries(counts(row))) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

/** Adds histograms over partitions. */
export function addLatency(partitions: ReadonlyMap<number, PartitionTotals>): number[] {
  const sum = emptyHistogram();
  for (const { latency } of partitions.values()) {
    for (const [bucket, count] of latency.entries()) sum[bucket] = (sum[bucket] ?? 0) + count;
  }
  return sum;
}
