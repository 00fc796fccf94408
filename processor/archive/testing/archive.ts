/**
 * A database, a bucket prefix, and archive sinks over them, for tests against real servers. Test
 * support.
 */
import { afterAll, beforeAll, expect } from "bun:test";
import { isRecordFault, loadConfig, type Config } from "@tally/shared";
import { createDatabase, serviceEnv, testNames, testStack } from "@tally/stack/testing";
import type { Database } from "@tally/shared/database";
import { archiveSink, type ArchiveSink } from "../archive_sink.ts";
import { migrate, openDatabase } from "../../database/database.ts";
import { createArchiveStore, type ObjectStore } from "../object_store.ts";
import { registerLog, type TopicLog } from "../../pipeline/positions.ts";
import type { Batch } from "../../pipeline/sink.ts";
import { testBatch, type TestBatch } from "../../pipeline/testing/sink_contract.ts";

/** An object as another client of the store sees it. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: Uint8Array;
}

export interface TestArchive {
  readonly sql: Database;
  readonly topicLog: TopicLog;
  readonly config: Config<"processor">;
  readonly store: ObjectStore;
  /** The bucket, for changes that the archive itself never makes. */
  readonly bucket: Bun.S3Client;
  /** Another owner; with another store, options or log when given. */
  newSink(changes?: SinkChanges): ArchiveSink;
  /** Records that PostgreSQL holds the rows before `nextOffset`. */
  setRows(partition: number, nextOffset: bigint): Promise<void>;
  /** What the bucket holds of a partition, by key. */
  objects(partition: number): Promise<StoredObject[]>;
  /** The rows of `archive_objects` of a partition, in order. */
  rows(partition: number): Promise<ObjectRow[]>;
  close(): Promise<void>;
}

export interface SinkChanges {
  readonly store?: ObjectStore;
  readonly env?: Readonly<Record<string, string>>;
  /** Another connection to the same database. */
  readonly sql?: Database;
  /** Another log of the same topic. */
  readonly topicLog?: TopicLog;
}

export interface ObjectRow {
  readonly first_offset: string;
  readonly last_offset: string;
  readonly key: string | null;
  readonly format: string;
  readonly events: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly state: string;
}

/** A signal that is never aborted. */
export const NEVER = new AbortController().signal;

/** For `.catch`: the error becomes the result of the promise. */
export const keep = (error: unknown) => error;

/** The first file that asks for the stack waits for its start, ms. */
const START_MS_MAX = 60_000;

/** One archive for all tests of a file; its members are there once the tests run. */
export function archiveOfFile(): TestArchive {
  const archive = {} as TestArchive;
  beforeAll(async () => {
    Object.assign(archive, await testArchive());
  }, START_MS_MAX);
  afterAll(() => archive.close());
  return archive;
}

export async function testArchive(): Promise<TestArchive> {
  const stack = await testStack();
  const names = testNames();
  const prefix = names.prefix.replace(/\/$/, "");
  const env = {
    ...serviceEnv(stack),
    // A separate database: the advisory lock of cleanup and audit would hold up other test files.
    DATABASE_URL: await createDatabase(stack, names.database),
    DATABASE_SCHEMA: names.schema,
    ARCHIVE_KEY_PREFIX: prefix,
    ARCHIVE_PUT_TIMEOUT_MS: "10000",
  };
  const config = loadConfig(env, "processor");
  const { accessKeyId, secretAccessKey, endpoint, bucket: bucketName, region } = stack.s3;
  const credentials = { accessKeyId, secretAccessKey };
  const sql = openDatabase(config, "test");
  await migrate(sql, names.schema);
  const topicLog = await registerLog(sql, names.topic, "topic-id");
  const store = createArchiveStore(config, { credentials });
  const bucket = new Bun.S3Client({ ...credentials, endpoint, bucket: bucketName, region });
  return {
    sql,
    topicLog,
    config,
    store,
    bucket,
    newSink: (changes = {}) =>
      archiveSink({
        sql: changes.sql ?? sql,
        topicLog: changes.topicLog ?? topicLog,
        config: loadConfig({ ...env, ...changes.env }, "processor"),
        objectStore: changes.store ?? store,
      }),
    setRows: (partition, nextOffset) =>
      setRows(sql, { logNumber: topicLog.logNumber, partition, nextOffset }),
    objects: async (partition) => {
      const { contents = [] } = await bucket.list({ prefix: `${prefix}/` });
      const keys = contents.map(({ key }) => key).filter((key) => key.includes(`-p${partition}-`));
      return await Promise.all(
        keys.toSorted().map(async (key) => ({ key, bytes: await bucket.file(key).bytes() })),
      );
    },
    rows: async (partition) => [
      ...(await sql<ObjectRow[]>`
        select first_offset::text, last_offset::text, key, format, events::int, bytes::int, sha256, state
        from archive_objects where log = ${topicLog.logNumber} and partition = ${partition}
        order by archive_objects.first_offset`),
    ],
    close: async () => {
      store.close();
      await sql.end();
    },
  };
}

interface RowsAt {
  readonly logNumber: number;
  readonly partition: number;
  readonly nextOffset: bigint;
}

async function setRows(sql: Database, { logNumber, partition, nextOffset }: RowsAt): Promise<void> {
  await sql`
    insert into positions (sink, log, partition, next_offset, planned_to)
    values ('postgres', ${logNumber}, ${partition}, ${String(nextOffset)}, ${String(nextOffset)})
    on conflict (sink, log, partition)
      do update set next_offset = greatest(positions.next_offset, excluded.next_offset)`;
}

/** Marks an offset as a duplicate's. */
export async function addDuplicate(
  { sql, topicLog }: TestArchive,
  batch: Batch,
  offset: bigint,
): Promise<void> {
  await sql`
    insert into duplicate_events (log, partition, "offset", event_id)
    values (${topicLog.logNumber}, ${batch.partition}, ${String(offset)}, 'some-id')`;
}

/** Marks an offset as a dead letter's. */
export async function addDeadLetter(
  { sql, topicLog }: TestArchive,
  batch: Batch,
  offset: bigint,
): Promise<void> {
  await sql`
    insert into dead_letters (log, partition, "offset", code, message, headers, record_timestamp_ms)
    values (${topicLog.logNumber}, ${batch.partition}, ${String(offset)}, 'record_corrupt', 'test', '', 0)`;
}

/** Ids of the lines of an object that is not compressed. */
export function lineIds(bytes: Uint8Array): string[] {
  const lines = Buffer.from(bytes).toString().split("\n").slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { eventId: string }).eventId);
}

let partitions = 0;

/** A partition that no other test of this file uses. */
export function newPartition(): number {
  return partitions++;
}

/** A batch whose rows count as stored, in a new partition whose position is 0. */
export async function newBatch(
  archive: TestArchive,
  wanted: Partial<TestBatch> = {},
): Promise<Batch> {
  const batch = testBatch({ partition: newPartition(), firstOffset: 0n, count: 4, ...wanted });
  await archive.newSink().begin(batch.partition, 0n);
  await archive.setRows(batch.partition, batch.nextOffset);
  return batch;
}

/** Stores the events of a batch as rows. */
export async function addRows({ sql, topicLog }: TestArchive, { records }: Batch): Promise<void> {
  const rows = records.flatMap(({ record, decoded }) =>
    isRecordFault(decoded)
      ? []
      : {
          event_id: decoded.eventId,
          session_id: decoded.sessionId,
          event_type: decoded.eventType,
          ts: decoded.ts,
          received_at: decoded.receivedAt,
          payload: sql.json(JSON.parse(decoded.payload)),
          source: decoded.source ?? null,
          log: topicLog.logNumber,
          partition: record.partition,
          offset: String(record.offset),
        },
  );
  await sql`insert into web_events ${sql(rows)}`;
}

/** The values of a batch's records as the lines of one object. */
export function valuesOf({ records }: Batch): Buffer {
  return Buffer.concat(
    records.flatMap(({ record }) => [record.value ?? Buffer.alloc(0), Buffer.from("\n")]),
  );
}

/** One plan, one object, the batch's values as its lines, and nothing planned any more. */
export async function expectOneObject(archive: TestArchive, batch: Batch): Promise<void> {
  const objects = await archive.objects(batch.partition);
  expect(objects.map(({ bytes }) => Buffer.from(bytes).equals(valuesOf(batch)))).toEqual([true]);
  expect(await archive.rows(batch.partition)).toMatchObject([
    { key: objects[0]?.key, state: "stored", last_offset: String(batch.nextOffset - 1n) },
  ]);
  const opened = await archive.newSink().open(batch.partition);
  expect(opened).toMatchObject({ nextOffset: batch.nextOffset, plannedLastOffsets: [] });
}
