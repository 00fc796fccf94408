/**
 * Positions: where each sink stands in each partition of the log, kept in
 * PostgreSQL. Reading and creating them here; only the sinks' own statements
 * move them.
 */
import { guarded, type Database } from "../database/database.ts";
import type { OpenedPartition, Sink, Standing } from "./sink.ts";

/** The log a processor works on: one generation of the topic. */
export interface TopicLog {
  /** Number of the log in the tables. */
  readonly logNumber: number;
  readonly topic: string;
  readonly topicId: string;
}

/** One partition of one log, as one sink sees it. */
export interface PositionKey {
  readonly sink: Sink["name"];
  readonly logNumber: number;
  readonly partition: number;
}

/** The number of a topic's generation; made when it is new. */
export function registerLog(sql: Database, topic: string, topicId: string): Promise<TopicLog> {
  return guarded(async () => {
    const find = async (): Promise<number | undefined> => {
      const [row] = await sql<{ log: number }[]>`
        select log from logs where topic = ${topic} and topic_id = ${topicId}`;
      return row?.log;
    };
    const known = await find();
    if (known !== undefined) return { logNumber: known, topic, topicId };
    // Only when it is new: an insert draws a number, also when another row is in its way.
    await sql`
      insert into logs (topic, topic_id) values (${topic}, ${topicId}) on conflict do nothing`;
    return { logNumber: (await find()) ?? 0, topic, topicId };
  });
}

/**
 * Position of a partition with what is needed to go on from there; `nextOffset` null when there is
 * none.
 */
export function readPosition(
  sql: Database,
  { sink, logNumber, partition }: PositionKey,
): Promise<OpenedPartition> {
  return guarded(async () => {
    const [row] = await sql<
      { next_offset: string; last_hash: string | null; stopped: string | null }[]
    >`
      select next_offset::text, last_hash, stopped from positions
      where sink = ${sink} and log = ${logNumber} and partition = ${partition}`;
    return {
      nextOffset: row === undefined ? null : BigInt(row.next_offset),
      lastHash: row?.last_hash ?? null,
      plannedLastOffsets: [],
      stopped: row?.stopped ?? null,
    };
  });
}

/** Where one sink stands in every partition of a log. */
export function readStandings(
  sql: Database,
  { sink, logNumber }: Pick<PositionKey, "sink" | "logNumber">,
): Promise<ReadonlyMap<number, Standing>> {
  return guarded(async () => {
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

/** Makes the position exist at an offset; one that exists stays where it is. */
export async function createPosition(
  sql: Database,
  key: PositionKey,
  offset: bigint,
): Promise<void> {
  await guarded(
    () => sql`
      insert into positions (sink, log, partition, next_offset, planned_to)
      values (${key.sink}, ${key.logNumber}, ${key.partition}, ${offset.toString()}, ${offset.toString()})
      on conflict do nothing`,
  );
}

/** Writes down why a partition waits for an operator. */
export async function stopPosition(sql: Database, key: PositionKey, reason: string): Promise<void> {
  await guarded(
    () => sql`
      update positions set stopped = ${reason}
      where sink = ${key.sink} and log = ${key.logNumber} and partition = ${key.partition}`,
  );
}
