/**
 * A whole processor after PostgreSQL was restored from a dump that is older than some dead
 * letters, whose records would become rows now.
 */
import { afterEach, expect, test } from "bun:test";
import { encodeEvent, eventually, monotonicNow, wallNow } from "@tally/shared";
import {
  connectAdmin,
  connectProducer,
  kafkaConnection,
  type ConsumedRecord,
  type OutgoingRecord,
} from "@tally/shared/kafka";
import { connectTransactions } from "@tally/shared/kafka/testing";
import { silentProgress } from "@tally/shared/terminal/progress";
import { createTopic, testStack } from "@tally/stack/testing";
import { runAudit } from "./commands/audit/run_audit.ts";
import { copyReader } from "./dead_letters/copy_reader.ts";
import { encodeHeaders } from "./dead_letters/dead_letter.ts";
import { readCopy, writeCopy } from "./dead_letters/letter_copy.ts";
import { dump, restore } from "./testing/dump.ts";
import { testProcessor, type TestProcessor } from "./testing/processor.ts";

const TEST_MS_MAX = 120_000;
const PUBLISHED_MS_MAX = 20_000;
const DLQ_PARTITIONS = 2;
const PRODUCER = {
  lingerMs: 1,
  messageTimeoutMs: 10_000,
  queueRecordsMax: 1000,
  queueBytesMax: 16 * 1024 * 1024,
  compression: "none",
  connectTimeoutMs: 10_000,
} as const;
let tally: TestProcessor | null = null;
afterEach(async () => {
  await tally?.close();
  tally = null;
});

const idsOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `event-${from + index}`);

function valueOf(eventId: string, eventType = "page_view", filler = ""): Buffer {
  const at = new Date().toISOString();
  const payload = JSON.stringify({ filler });
  return Buffer.from(
    encodeEvent({ eventId, sessionId: "s-1", eventType, ts: at, receivedAt: at, payload }),
  );
}

/** A processor with a DLQ topic. */
async function withLetters(changes: Readonly<Record<string, string>> = {}) {
  const processed = await testProcessor(changes);
  const { dlqTopic } = processed.config.kafka;
  await createTopic(await testStack(), { topic: dlqTopic, partitions: DLQ_PARTITIONS });
  return processed;
}

/** Publishes records to a topic, one after the other. */
async function publish(
  { config }: TestProcessor,
  topic: string,
  records: readonly OutgoingRecord[],
): Promise<void> {
  const producer = await connectProducer(kafkaConnection(config, "test"), PRODUCER);
  for (const record of records) {
    await new Promise<void>((resolve, reject) => {
      producer.produceBatch(topic, [record], (_, outcome) =>
        outcome instanceof Error ? reject(outcome) : resolve(),
      );
    });
  }
  await producer.disconnect(1000);
}

/** The records of the DLQ topic, and where its partitions end. */
async function readLetterTopic({ config }: TestProcessor) {
  const admin = await connectAdmin(kafkaConnection(config, "test"));
  const numbers = Array.from({ length: DLQ_PARTITIONS }, (_, partition) => partition);
  const ends = await admin.watermarks(config.kafka.dlqTopic, numbers);
  await admin.disconnect();
  const ranges = [...ends].flatMap(([partition, { high }]) =>
    high > 0n ? [{ partition, from: 0n, end: high }] : [],
  );
  const records: ConsumedRecord[] = [];
  const never = new AbortController().signal;
  const read = copyReader({ config, now: monotonicNow, newId: () => Bun.randomUUIDv7() });
  for await (const step of read(ranges, never)) records.push(...step.records);
  return { records, ends: numbers.map((partition) => String(ends.get(partition)?.high)) };
}

/** How far the database knows the DLQ topic. */
async function knownEnds({ sql }: TestProcessor): Promise<string[]> {
  const rows = await sql<{ next: string }[]>`
    select next_offset::text as next from letter_topics order by partition`;
  return rows.map(({ next }) => next);
}

/** All of the letters but what a restored database can't know: their number and their times. */
async function letters({ sql }: TestProcessor): Promise<unknown[]> {
  return [
    ...(await sql`
      select log, partition, "offset", code, pointer, message, event_id, md5(key) as key,
        md5(value) as value, md5(headers) as headers, record_timestamp_ms, resolved_at, cleared_at
      from dead_letters order by partition, "offset"`),
  ];
}

async function allPublished({ sql }: TestProcessor): Promise<void> {
  const isPublished = async () =>
    (await sql`select from dead_letters where published_at is null`).length === 0;
  expect(await eventually(isPublished, PUBLISHED_MS_MAX)).toBe(true);
}

/** The findings of an audit over rows and archive. */
async function problems({ config }: TestProcessor): Promise<readonly unknown[]> {
  const { accessKeyId, secretAccessKey, endpoint, bucket, region } = (await testStack()).s3;
  const { keyPrefix } = config.archive;
  const report = await runAudit({
    database: { url: config.database.url, schema: config.database.schema },
    bucket: {
      name: bucket,
      endpoint,
      region,
      keyPrefix,
      credentials: { accessKeyId, secretAccessKey },
    },
    kafka: null,
    topic: null,
    partition: null,
    fromMs: null,
    toMs: null,
    progress: silentProgress,
    nowMs: wallNow,
  });
  return report.problems;
}

test(
  "a restored database gives the same dead letters as before the restore, whatever their records would become now",
  async () => {
    tally = await withLetters({ ARCHIVE_OBJECT_RECORDS_MAX: "5" });
    const { sql } = tally;
    const before = await tally.start();
    await tally.publish(idsOf(0, 9));
    await tally.publishValues([Buffer.from("no event")]);
    await tally.settled(10);
    await allPublished(tally);
    await dump(tally);
    // What this version refuses, and the next one takes.
    await sql`alter table web_events add constraint refuses check (event_type <> 'refused')`;
    await tally.publishValues([
      ...idsOf(10, 13).map((id) => valueOf(id)),
      valueOf("event-13", "refused"),
      ...idsOf(14, 17).map((id) => valueOf(id)),
      // Too large for the topic of the dead letters, which gets a pointer to it.
      valueOf("event-17", "refused", "x".repeat(950_000)),
      valueOf("event-18"),
      Buffer.from("no event either"),
    ]);
    await tally.settled(20);
    await allPublished(tally);
    await before.stop();
    const set = { letters: await letters(tally), objects: await tally.objectKeys() };
    const topic = await readLetterTopic(tally);
    const known = await knownEnds(tally);

    await restore(tally);
    await sql`alter table web_events drop constraint refuses`;
    await Promise.all([tally.start(), tally.start()]);
    await tally.settled(20);
    await tally.publishValues([valueOf("event-20", "refused")]);
    await tally.settled(21);
    await allPublished(tally);

    expect(set.letters).toHaveLength(4);
    expect(await letters(tally)).toEqual(set.letters);
    expect((await tally.objectKeys()).slice(0, set.objects.length)).toEqual(set.objects);
    expect((await tally.lineIds()).toSorted()).toEqual((await tally.rowIds()).toSorted());
    expect(await tally.rowIds()).toHaveLength(17);
    expect(await problems(tally)).toEqual([]);
    // Nothing was published a second time, and the database knows the whole topic again.
    expect(topic.records).toHaveLength(4);
    expect((await readLetterTopic(tally)).ends).toEqual(topic.ends);
    expect([known, await knownEnds(tally)]).toEqual([topic.ends, topic.ends]);
  },
  TEST_MS_MAX,
);

test(
  "a new database takes copies of an older version, and none of others or of another record",
  async () => {
    tally = await withLetters();
    const { config, sql } = tally;
    const { topic, dlqTopic } = config.kafka;
    const startMs = Date.now() - 60_000;
    const ids = idsOf(0, 6);
    await publish(
      tally,
      topic,
      ids.map((id, index) => ({ key: null, value: valueOf(id), timestampMs: startMs + index })),
    );
    // Versions before this one did not write the id of the topic.
    const copy = (offset: number, recordTimestampMs: number): OutgoingRecord => {
      const { headers = [], ...record } = writeCopy(
        {
          id: "1",
          topic,
          topic_id: "",
          partition: 0,
          offset: String(offset),
          code: "field_invalid",
          pointer: "/eventType",
          message: "Then",
          event_id: null,
          key: null,
          value: valueOf(`event-${offset}`),
          headers: encodeHeaders([]),
          record_timestamp_ms: String(recordTimestampMs),
        },
        false,
      );
      return { ...record, headers: headers.filter(({ key }) => key !== "tally.topic_id") };
    };
    const foreign = { key: null, value: Buffer.from("of another connector"), timestampMs: 0 };
    await publish(tally, dlqTopic, [copy(1, startMs + 1), foreign, copy(3, startMs), foreign]);
    const { bootstrapServers } = tally;
    const others = await connectTransactions(bootstrapServers, { topic: dlqTopic, id: dlqTopic });
    await others.run([{ partition: 0, key: "k", value: Buffer.from("x") }], "commit");
    await others.close();

    await tally.start();
    await tally.settled(6);

    expect(await tally.rowIds()).toEqual(ids.filter((id) => id !== "event-1"));
    const [letter, ...more] = await sql`
      select "offset"::int, code, pointer, message, event_id, value, cleared_at from dead_letters`;
    expect(more).toEqual([]);
    expect(letter).toMatchObject({ offset: 1, code: "field_invalid", pointer: "/eventType" });
    expect(letter).toMatchObject({ message: "Then", event_id: "event-1", cleared_at: null });
    expect(String(letter?.["value"])).toContain('"event-1"');
    expect(await problems(tally)).toEqual([]);
    const { ends, records } = await readLetterTopic(tally);
    expect(await knownEnds(tally)).toEqual(ends);
    expect(records.map(readCopy).filter((each) => each !== null)).toHaveLength(2);
  },
  TEST_MS_MAX,
);
