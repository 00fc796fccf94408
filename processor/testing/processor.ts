/**
 * A whole processor with its own topic, schema and bucket prefix, for tests that stop it and start
 * it again.
 */
import {
  encodeEvent,
  loadConfig,
  silentLog,
  eventually,
  type Config,
  type RunningService,
} from "@tally/shared";
import { connectProducer, kafkaConnection, type Producer } from "@tally/shared/kafka";
import { createTopic, serviceEnv, testNames, testStack } from "@tally/stack/testing";
import type { Database } from "@tally/shared/database";
import { lineIds } from "../archive/testing/archive.ts";
import { migrate, openDatabase } from "../database/database.ts";
import { start, type StartOptions } from "../main.ts";

export interface TestProcessor {
  readonly config: Config<"processor">;
  readonly sql: Database;
  readonly schema: string;
  readonly bucket: Bun.S3Client;
  readonly bootstrapServers: string;
  /** Starts another processor. `close` stops it if nobody has. */
  start(env?: Readonly<Record<string, string>>, more?: StartOptions): Promise<RunningService>;
  /** Publishes events to the only partition. Resolves when Kafka has all of them. */
  publish(eventIds: readonly string[]): Promise<void>;
  /** The same for values of any form. */
  publishValues(values: readonly Buffer[]): Promise<void>;
  /** Ids of the rows, in offset order. */
  rowIds(): Promise<string[]>;
  /** Ids of the lines of all objects under the prefix, ordered by key. */
  lineIds(): Promise<string[]>;
  objectKeys(): Promise<string[]>;
  /** Waits until these sinks, or both, have their position at an offset. */
  settled(nextOffset: number, sinks?: readonly ("postgres" | "archive")[]): Promise<void>;
  close(): Promise<void>;
}

const SETTLED_MS_MAX = 30_000;
const PRODUCER = {
  lingerMs: 1,
  messageTimeoutMs: 10_000,
  queueRecordsMax: 100_000,
  queueBytesMax: 64 * 1024 * 1024,
  compression: "none",
  connectTimeoutMs: 10_000,
} as const;

/** Makes topic, schema and prefix; starts nothing yet. */
export async function testProcessor(
  changes: Readonly<Record<string, string>> = {},
): Promise<TestProcessor> {
  const stack = await testStack();
  const names = testNames();
  const keyPrefix = names.prefix.replace(/\/$/, "");
  const env = {
    ...serviceEnv(stack),
    KAFKA_TOPIC: names.topic,
    KAFKA_DLQ_TOPIC: `${names.topic}.DLQ`,
    PROCESSOR_GROUP_PREFIX: names.group,
    PROCESSOR_PORT: "0",
    DATABASE_SCHEMA: names.schema,
    ARCHIVE_KEY_PREFIX: keyPrefix,
    ARCHIVE_OBJECT_AGE_MS_MAX: "500",
    PROCESSOR_BACKOFF_MS_MAX: "500",
    ...changes,
  };
  // The SDK of the store reads its keys there.
  Object.assign(Bun.env, serviceEnv(stack));
  const config = loadConfig(env, "processor");
  await createTopic(stack, { topic: names.topic, partitions: 1 });
  const sql = openDatabase(config, "test");
  const { schema } = config.database;
  await migrate(sql, schema);
  const { accessKeyId, secretAccessKey, endpoint, bucket: bucketName, region } = stack.s3;
  const keys = { accessKeyId, secretAccessKey };
  const bucket = new Bun.S3Client({ ...keys, endpoint, bucket: bucketName, region });
  const producer = await connectProducer(kafkaConnection(config, "test"), PRODUCER);
  const running: RunningService[] = [];
  const objectKeys = async (): Promise<string[]> => {
    const { contents = [] } = await bucket.list({ prefix: `${keyPrefix}/` });
    return contents.map(({ key }) => key).toSorted();
  };
  return {
    config,
    sql,
    schema,
    bucket,
    bootstrapServers: stack.kafka.bootstrapServers,
    async start(more = {}, replaced = {}) {
      const onDefect = (error: unknown) => console.error(error);
      const options = { log: silentLog(), onDefect, ...replaced };
      const processor = await start(loadConfig({ ...env, ...more }, "processor"), options);
      running.push(processor);
      return processor;
    },
    publish: (eventIds) => publish(producer, names.topic, valuesOf(eventIds)),
    publishValues: (values) => publish(producer, names.topic, values),
    async rowIds() {
      const rows = await sql<
        { event_id: string }[]
      >`select event_id from web_events order by log, partition, "offset"`;
      return rows.map((row) => row.event_id);
    },
    async lineIds() {
      const keysNow = await objectKeys();
      const objects = await Promise.all(keysNow.map((key) => bucket.file(key).bytes()));
      return objects.flatMap(lineIds);
    },
    objectKeys,
    settled: (nextOffset, sinks = ["postgres", "archive"]) => settled(sql, nextOffset, sinks),
    async close() {
      await Promise.all(running.map((processor) => processor.stop()));
      await producer.disconnect(1000);
      await sql`drop schema ${sql(schema)} cascade`;
      await sql.end();
    },
  };
}

function valuesOf(eventIds: readonly string[]): Buffer[] {
  const at = new Date().toISOString();
  const plain = { sessionId: "s-1", eventType: "page_view", ts: at, receivedAt: at };
  return eventIds.map((eventId, index) =>
    // In an order that jsonb does not keep.
    Buffer.from(encodeEvent({ ...plain, eventId, payload: `{"number":${index},"a":1}` })),
  );
}

async function publish(
  producer: Producer,
  topic: string,
  values: readonly Buffer[],
): Promise<void> {
  const timestampMs = Date.now();
  const records = values.map((value) => ({
    key: Buffer.from("s-1"),
    value,
    timestampMs,
    headers: [],
  }));
  let left = records.length;
  await new Promise<void>((resolve, reject) => {
    if (left === 0) resolve();
    producer.produceBatch(topic, records, (_, outcome) => {
      if (outcome instanceof Error) reject(outcome);
      left -= 1;
      if (left === 0) resolve();
    });
  });
}

async function settled(sql: Database, nextOffset: number, sinks: readonly string[]): Promise<void> {
  let seen: unknown;
  const isSettled = async (): Promise<boolean> => {
    const rows = await sql<{ sink: string; position: number; stopped: string | null }[]>`
      select sink, next_offset::int as position, stopped from positions order by sink`;
    seen = rows;
    return sinks.every((sink) =>
      rows.some((row) => row.sink === sink && row.position === nextOffset && row.stopped === null),
    );
  };
  if (await eventually(isSettled, SETTLED_MS_MAX)) return;
  throw new Error(`Cannot go on: ${JSON.stringify(seen)}, wanted ${sinks.join()} at ${nextOffset}`);
}
