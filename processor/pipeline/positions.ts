/**
 * Positions: the next offset that each sink writes in each partition. They are kept in PostgreSQL.
 * This file reads, creates and stops them; only the statements of the sinks move them.
 */
import { guarded, type Database } from "@tally/shared/database";
import type { OpenedPartition, Sink, Standing } from "./sink.ts";

/** One generation of the topic. A topic that is deleted and created again is a new one. */
export interface TopicLog {
  /** Its number in the tables, in their column `log`. */
  readonly logNumber: number;
  readonly topic: string;
  readonly topicId: string;
}

/** Identifies the position of one sink in one partition. */
export interface PositionKey {
  readonly sink: Sink["name"];
  readonly logNumber: number;
  readonly partition: number;
}

/** Finds the number of a topic's generation, or assigns one when the generation is new. */
export function registerLog(sql: Database, topic: string, topicId: string): Promise<TopicLog> {
  return guarded(sql, async () => {
    const find = async (): Promise<number | undefined> => {
      const [row] = await sql<{ log: number }[]>`
        select log from logs where topic = ${topic} and topic_id = ${topicId}`;
      return row?.log;
    };
    const known = await find();
    if (known !== undefined) return { logNumber: known, topic, topicId };
    // Looks first, because an insert uses up a number even when it inserts nothing.
    await sql`
      insert into logs (topic, topic_id) values (${topic}, ${topicId}) on conflict do nothing`;
    return { logNumber: (await find()) ?? 0, topic, topicId };
  });
}

/**
 * Reads a position and what an owner needs to continue there. `nextOffset` is null when there is no
 * position.
 */
export function readPosition(
  sql: Database,
  { sink, logNumber, partition }: PositionKey,
): Promise<OpenedPartition> {
  return guarded(sql, async () => {
    const [row] = await sql<PositionRow[]>`
      select next_offset::text, last_hash, last_offset::text, stopped from positions
      where sink = ${sink} and log = ${logNumber} and partition = ${partition}`;
    return {
      nextOffset: row === undefined ? null : BigInt(row.next_offset),
      lastHash: row?.last_hash ?? null,
      ...lastOffsetOf(row),
      plannedLastOffsets: [],
      stopped: row?.stopped ?? null,
    };
  });
}

interface PositionRow {
  readonly next_offset: string;
  readonly last_hash: string | null;
  readonly last_offset: string | null;
  readonly stopped: string | null;
}

/** Nothing when the last record lies right before the position. */
function lastOffsetOf(row: PositionRow | undefined): Pick<OpenedPartition, "lastOffset"> {
  if (row === undefined || row.last_offset === null) return {};
  const lastOffset = BigInt(row.last_offset);
  return lastOffset === BigInt(row.next_offset) - 1n ? {} : { lastOffset };
}

/** Reads the positions of one sink in every partition of a log. */
export function readStandings(
  sql: Database,
  { sink, logNumber }: Pick<PositionKey, "sink" | "logNumber">,
): Promise<ReadonlyMap<number, Standing>> {
  return guarded(sql, async () => {
    const rows = await sql<{ partition: number; next_offset: string; stopped: string | null }[]>`
      select partition, next_offset::text, stopped from positions
      where sink = ${sink} and log = ${logNumber}`;
    return new Map(
      rows.map(({ partition, next_offset, stopped }) => [
        partition,
        { nextOffset: BigInt(next_offset), stopped },
      ]),
    );
  });
}

/** Creates a position at an offset. A position that exists stays where it is. */
export async function createPosition(
  sql: Database,
  key: PositionKey,
  offset: bigint,
): Promise<void> {
  await guarded(
    sql,
    () => sql`
      insert into positions (sink, log, partition, next_offset, planned_to)
      values (${key.sink}, ${key.logNumber}, ${key.partition}, ${offset.toString()}, ${offset.toString()})
      on conflict do nothing`,
  );
}

/** Stores why a partition waits for an operator. */
export async function stopPosition(sql: Database, key: PositionKey, reason: string): Promise<void> {
  await guarded(
    sql,
    () => sql`
      update positions set stopped = ${reason}
      where sink = ${key.sink} and log = ${key.logNumber} and partition = ${key.partition}`,
  );
}
