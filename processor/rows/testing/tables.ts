/** Real tables for the tests of the rows, and sinks over them. Test support. */
import { afterAll, beforeAll } from "bun:test";
import { loadConfig, monotonicNow, wallNow } from "@tally/shared";
import { testNames, testStack } from "@tally/stack/testing";
import type { Database } from "@tally/shared/database";
import { migrate, openDatabase } from "../../database/database.ts";
import { registerLog, type TopicLog } from "../../pipeline/positions.ts";
import { postgresSink, type PostgresSinkOptions } from "../postgres_sink.ts";
import { RECEIVED_MS } from "./batches.ts";
import type { Sink } from "../../pipeline/sink.ts";

export const LIMITS = { recordsMax: 1000, bytesMax: 1_000_000, ageMsMax: 10, hourly: false };
/** What `newSink` measures as latency of a batch's first event, ms. */
export const LATENCY_MS = 40;
/** A signal that is never aborted. */
export const NEVER = new AbortController().signal;
// The servers may have to be started first.
const START_MS_MAX = 120_000;

/** A schema that no other test file uses. */
export interface Tables {
  readonly sql: Database;
}

/** Makes the tables before the tests of a file, and drops them afterwards. */
export function useTables(): Tables {
  let tables: OwnTables;
  beforeAll(async () => {
    tables = await openTables();
  }, START_MS_MAX);
  afterAll(() => tables.close());
  return {
    get sql() {
      return tables.sql;
    },
  };
}

interface OwnTables extends Tables {
  /** Drops the tables. */
  close(): Promise<void>;
}

/** Makes the tables; the caller closes them. */
export async function openTables(): Promise<OwnTables> {
  const { schema } = testNames();
  const { url } = (await testStack()).postgres;
  const sql = openPool({ DATABASE_URL: url, DATABASE_SCHEMA: schema });
  await migrate(sql, schema);
  return {
    sql,
    close: async () => {
      await sql`drop schema ${sql(schema)} cascade`;
      await sql.end();
    },
  };
}

export function openPool(env: Readonly<Record<string, string>>): Database {
  return openDatabase(loadConfig(env, "processor"), "test");
}

/** A sink with the limits of these tests. */
export function sinkOver(
  sql: Database,
  topicLog: TopicLog,
  changes: Partial<PostgresSinkOptions> = {},
): Sink {
  return postgresSink({
    sql,
    topicLog,
    limits: LIMITS,
    answerMsMax: 10_000,
    wallNow,
    monotonicNow,
    ...changes,
  });
}

/** A sink of a new log, opened at offset 0 in its partitions. */
export async function newSink(
  sql: Database,
  name: string,
  { judgedBatches = 0, partitions = 1 }: { judgedBatches?: number; partitions?: number } = {},
): Promise<{ topicLog: TopicLog; sink: Sink }> {
  const topicLog = await registerLog(sql, "topic", name);
  const clocks = { wallNow: () => RECEIVED_MS + LATENCY_MS, monotonicNow: () => 0 };
  const sink = sinkOver(sql, topicLog, { ...clocks, judgedBatches });
  for (let partition = 0; partition < partitions; partition++) {
    await sink.open(partition);
    await sink.begin(partition, 0n);
  }
  return { topicLog, sink };
}

/** A sink over tables of its own, and partitions that no other test of the file uses. */
export interface SinkTables extends Tables {
  readonly topicLog: TopicLog;
  readonly sink: Sink;
  /** Opens a new partition at offset 0. */
  readonly newPartition: () => Promise<number>;
}

/** The tables of `useTables`, with one sink for all tests of a file. */
export function useSink(options: { readonly judgedBatches?: number } = {}): SinkTables {
  const tables = useTables();
  let own: Awaited<ReturnType<typeof newSink>>;
  let nextPartition = 0;
  beforeAll(async () => {
    own = await newSink(tables.sql, "topic-id", { ...options, partitions: 0 });
  });
  return {
    get sql() {
      return tables.sql;
    },
    get topicLog() {
      return own.topicLog;
    },
    get sink() {
      return own.sink;
    },
    async newPartition() {
      const partition = nextPartition++;
      await own.sink.begin(partition, 0n);
      return partition;
    },
  };
}

/** Next offsets by partition, and the number of rows. */
export async function readEnds(sql: Database, { logNumber }: TopicLog) {
  const positions = await sql`
    select next_offset::text from positions where sink = 'postgres' and log = ${logNumber}
    order by partition`;
  const [{ rows } = { rows: -1 }] = await sql<{ rows: number }[]>`
    select count(*)::integer as rows from web_events where log = ${logNumber}`;
  return { ends: positions.map(({ next_offset }) => String(next_offset)), rows };
}
