/** What a whole processor counts after one record of each kind, on real servers. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { encodeEvent, loadConfig, silentLog, eventually, type RunningService } from "@tally/shared";
import { connectAdmin, connectProducer } from "@tally/shared/kafka";
import { serviceEnv, testNames, testStack } from "@tally/stack/testing";
import { start } from "./main.ts";

const { topic, schema, group, prefix } = testNames();
const AT = "2026-01-31T07:00:00.000Z";
let processor: RunningService;

/** The value of a record with this id. */
function valueOf(eventId: string, payload: string): Buffer {
  const event = { eventId, sessionId: "s", eventType: "t", ts: AT, receivedAt: AT, payload };
  return Buffer.from(encodeEvent(event));
}

// Two rows, a duplicate, a conflict, and one that can't be read.
const VALUES = [
  valueOf("a", "1"),
  valueOf("a", "1"),
  valueOf("a", "2"),
  valueOf("b", "1"),
  Buffer.from("{"),
];

// The servers may have to be started first.
beforeAll(async () => {
  const stack = await testStack();
  await publish(stack.kafka.bootstrapServers);
  const env = {
    ...serviceEnv(stack),
    KAFKA_TOPIC: topic,
    KAFKA_DLQ_TOPIC: `${topic}.DLQ`,
    DATABASE_SCHEMA: schema,
    PROCESSOR_GROUP_PREFIX: group,
    PROCESSOR_PORT: "0",
    ARCHIVE_KEY_PREFIX: prefix.slice(0, -1),
    ARCHIVE_OBJECT_AGE_MS_MAX: "300",
    STREAM_INTERVAL_MS: "200",
  };
  const { accessKeyId, secretAccessKey } = stack.s3;
  Object.assign(Bun.env, {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  });
  processor = await start(loadConfig(env, "processor"), { log: silentLog() });
}, 120_000);
afterAll(() => processor.stop());

/** Creates the topics and publishes the records to the only partition. */
async function publish(bootstrapServers: string): Promise<void> {
  const admin = await connectAdmin({ bootstrapServers });
  const settings = { partitions: 1, replicationFactor: 1, config: { "retention.ms": "-1" } };
  await admin.createTopics([
    { topic, ...settings },
    { topic: `${topic}.DLQ`, ...settings },
  ]);
  await admin.disconnect();
  const producer = await connectProducer(
    { bootstrapServers },
    {
      lingerMs: 1,
      messageTimeoutMs: 10_000,
      queueRecordsMax: 100,
      queueBytesMax: 1_000_000,
      compression: "none",
      connectTimeoutMs: 10_000,
    },
  );
  const acknowledged = Promise.withResolvers<void>();
  let reports = 0;
  const records = VALUES.map((value) => ({ key: "s", value, timestampMs: Date.parse(AT) }));
  producer.produceBatch(topic, records, () => {
    reports += 1;
    if (reports === VALUES.length) acknowledged.resolve();
  });
  await acknowledged.promise;
  await producer.disconnect(5000);
}

const EXPECTED = [
  'processor_records_total{sink="postgres"} 5',
  'processor_records_total{sink="archive"} 5',
  "processor_rows_total 2",
  "processor_duplicates_total 1",
  'processor_dead_letters_total{code="id_conflict"} 1',
  'processor_dead_letters_total{code="record_corrupt"} 1',
  "processor_archived_events_total 2",
  "processor_archived_objects_total 1",
  'processor_batches_closed_total{sink="postgres",reason="age"} 1',
  'processor_batches_closed_total{sink="archive",reason="age"} 1',
  'processor_write_seconds_count{sink="archive"} 1',
  'processor_lag_records{sink="postgres",partition="0"} 0',
  'processor_lag_records{sink="archive",partition="0"} 0',
  'processor_lag_seconds{sink="archive",partition="0"} 0',
  'processor_retention_left_records{sink="postgres",partition="0"} 5',
  'processor_retention_left_records{sink="archive",partition="0"} 5',
  'processor_retention_alarms{sink="postgres"} 0',
  "processor_oldest_unarchived_seconds 0",
  "processor_dead_letters_unpublished 0",
];

test("the metrics of the processor show exactly what became of each record", async () => {
  let text = "";
  const missing = () => EXPECTED.filter((line) => !text.split("\n").includes(line));
  await eventually(async () => {
    text = await (await fetch(`${processor.url}/metrics`)).text();
    return missing().length === 0;
  }, 30_000);

  expect(missing()).toEqual([]);
});
