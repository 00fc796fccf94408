/** Batches of new events for real tables: their sinks, and what these leave. Test support only. */
import { afterAll, beforeAll } from "bun:test";
import { decodeRecord, encodeEvent, loadConfig } from "@tally/shared";
import { testNames, testStack } from "@tally/stack/testing";
import { migrate, openDatabase, type Database } from "../../database/database.ts";
import { registerLog } from "../../pipeline/positions.ts";
import { postgresSink } from "../postgres_sink.ts";
import type { Batch, Sink } from "../../pipeline/sink.ts";

const names = testNames();
export const LIMITS = { recordsMax: 1000, bytesMax: 1_000_000, ageMsMax: 10, hourly: false };
const RECEIVED_MS = Date.parse("2026-01-31T07:00:00.000Z");
const TYPES = ["page_view", "__proto__", 'a "quoted" \\ type', "{null}", "ÄÖ", "page_view"];

/** Opens a schema of this run's own for the tests of a file, and drops it behind them. */
export function useTables(): { readonly sql: Database } {
  let sql: Database;
  beforeAll(async () => {
    const stack = await testStack();
    const env = { DATABASE_URL: stack.postgres.url, DATABASE_SCHEMA: names.schema };
    sql = openDatabase(loadConfig(env, "processor"), "test");
    await migrate(sql, names.schema);
  });
  afterAll(async () => {
    await sql`drop schema ${sql(names.schema)} cascade`;
    await sql.end();
  });
  return {
    get sql() {
      return sql;
    },
  };
}

/** A sink of a log of its own, opened at 0 in its partitions. */
export async function newSink(
  sql: Database,
  name: string,
  { judgedBatches = 0, partitions = 1 }: { judgedBatches?: number; partitions?: number } = {},
): Promise<{ logNumber: number; sink: Sink }> {
  const topicLog = await registerLog(sql, names.topic, name);
  const now = () => RECEIVED_MS + 40;
  const sink = postgresSink({
    sql,
    topicLog,
    limits: LIMITS,
    answerMsMax: 10_000,
    now,
    judgedBatches,
  });
  for (let partition = 0; partition < partitions; partition++) await sink.begin(partition, 0n);
  return { logNumber: topicLog.logNumber, sink };
}

/** A batch of events with these ids, of types in turn. */
export function batchOf(
  firstOffset: number,
  ids: readonly string[],
  {
    partition = 0,
    types = TYPES,
    filler = "",
  }: { partition?: number; types?: readonly string[]; filler?: string } = {},
): Batch {
  const records = ids.map((eventId, index) => {
    const receivedAt = new Date(RECEIVED_MS + index).toISOString();
    const eventType = types[index % types.length] ?? "";
    const event = { eventId, sessionId: `s "${index}"`, eventType, ts: receivedAt, receivedAt };
    const value = Buffer.from(
      encodeEvent({ ...event, payload: `{"n":[${index},null,"}\\"${filler}"]}` }),
    );
    const record = {
      topic: names.topic,
      partition,
      offset: BigInt(firstOffset + index),
      timestampMs: RECEIVED_MS,
      key: null,
      value,
      headers: [],
    };
    return { record, decoded: decodeRecord(record, "topic-id") };
  });
  return {
    partition,
    firstOffset: BigInt(firstOffset),
    nextOffset: BigInt(firstOffset + ids.length),
    records,
    gaps: [],
    reason: "records",
  };
}

export const newIds = (count: number) => Array.from({ length: count }, () => Bun.randomUUIDv7());

/** Next offsets by partition, and how many rows there are. */
export async function readEnds(sql: Database, logNumber: number) {
  const positions = await sql`
    select next_offset::text from positions where sink = 'postgres' and log = ${logNumber}
    order by partition`;
  const [{ rows } = { rows: -1 }] = await sql<{ rows: number }[]>`
    select count(*)::integer as rows from web_events where log = ${logNumber}`;
  return { ends: positions.map(({ next_offset }) => String(next_offset)), rows };
}
