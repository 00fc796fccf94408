/**
 * The statements for letters that were learned from the DLQ topic. Such a letter has no
 * bytes (`cleared_at`) and is not resolved: write_batch.sql adds the bytes when the record
 * is read again.
 */
import { guarded, type Database } from "@tally/shared/database";
import type { TopicLog } from "../pipeline/positions.ts";
import type { LetterCopy } from "./letter_copy.ts";

/** How far the database knows a topic, by partition. */
export function readKnown(sql: Database, topicId: string): Promise<ReadonlyMap<number, bigint>> {
  return guarded(sql, async () => {
    const rows = await sql<KnownRow[]>`
      select partition, next_offset::text from letter_topics where topic_id = ${topicId}`;
    return byPartition(rows);
  });
}

interface KnownRow {
  readonly partition: number;
  readonly next_offset: string;
}

function byPartition(rows: readonly KnownRow[]): ReadonlyMap<number, bigint> {
  return new Map(rows.map(({ partition, next_offset }) => [partition, BigInt(next_offset)]));
}

/**
 * Moves `letter_topics` forward, never back.
 *
 * @returns The next offset of each partition that moved.
 */
export function moveKnown(
  sql: Database,
  topicId: string,
  nextOffsets: ReadonlyMap<number, bigint>,
): Promise<ReadonlyMap<number, bigint>> {
  const moves = [...nextOffsets].map(([partition, next]) => ({
    partition,
    next_offset: String(next),
  }));
  return guarded(sql, async () => {
    const rows = await sql<KnownRow[]>`
      insert into letter_topics as known (topic_id, partition, next_offset)
      select ${topicId}, partition, next_offset
      from jsonb_to_recordset(${JSON.stringify(moves)}::text::jsonb)
        as move (partition integer, next_offset bigint)
      order by partition
      on conflict (topic_id, partition) do update set next_offset = excluded.next_offset
      where known.next_offset < excluded.next_offset
      returning partition, next_offset::text`;
    return byPartition(rows);
  });
}

/**
 * Adds the letters that the table lacks, and notes of those that it has that they are published,
 * so that none is published twice.
 *
 * A letter is added only while its record is still to be read: the position of the rows is not past
 * its offset, and the record is no row and no duplicate. After a rewind it can be one of these.
 *
 * @returns How many were added.
 */
export function insertLetters(
  sql: Database,
  { logNumber }: TopicLog,
  copies: readonly LetterCopy[],
): Promise<number> {
  // At least once: a letter may have several copies, and a statement takes each row once.
  const once = new Map(copies.map((copy) => [`${copy.partition}:${copy.offset}`, copy]));
  if (once.size === 0) return Promise.resolve(0);
  const input = JSON.stringify(
    [...once.values()].map((copy) => ({ ...copy, offset: String(copy.offset) })),
  );
  return guarded(sql, async () => {
    const rows = await sql<{ isNew: boolean }[]>`
      insert into dead_letters (log, partition, "offset", code, pointer, message, event_id,
        headers, record_timestamp_ms, first_seen, published_at, cleared_at)
      select ${logNumber}, partition, "offset", code, pointer, message, "eventId",
        '[]'::bytea, "recordTimestampMs", coalesce("publishedAt", now()), coalesce("publishedAt", now()), now()
      from jsonb_to_recordset(${input}::text::jsonb) as copy (
        partition integer, "offset" bigint, code text, pointer text, message text, "eventId" text,
        "recordTimestampMs" bigint, "publishedAt" timestamptz)
      where not exists (
        select from positions position where sink = 'postgres' and log = ${logNumber}
          and position.partition = copy.partition and next_offset > copy."offset")
        and not exists (
          select from web_events here where here.event_id = copy."eventId"
            and (here.log, here.partition, here."offset") = (${logNumber}, copy.partition, copy."offset"))
        and not exists (
          select from duplicate_events here
          where (here.log, here.partition, here."offset") = (${logNumber}, copy.partition, copy."offset"))
        or exists (
          select from dead_letters here
          where (here.log, here.partition, here."offset") = (${logNumber}, copy.partition, copy."offset"))
      order by partition, "offset"
      on conflict (log, partition, "offset") do update set published_at = excluded.published_at
      where dead_letters.published_at is null
      returning xmax = 0 as "isNew"`;
    return rows.filter(({ isNew }) => isNew).length;
  });
}

/** Offsets of one partition. */
export interface LetterPlaces {
  readonly topicLog: TopicLog;
  readonly partition: number;
  readonly offsets: readonly bigint[];
}

/** Deletes learned letters whose record is another one. @returns How many. */
export function forgetLetters(
  sql: Database,
  { topicLog: { logNumber }, partition, offsets }: LetterPlaces,
): Promise<number> {
  return guarded(sql, async () => {
    const rows = await sql`
      delete from dead_letters
      where log = ${logNumber} and partition = ${partition}
        and "offset" = any(${`{${offsets}}`}::bigint[])
        and cleared_at is not null and resolved_at is null
      returning 1`;
    return rows.length;
  });
}
