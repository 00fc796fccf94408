/** The outbox from a real table to a fake producer, and once to a real topic. */
import { createMetrics, silentLog, eventually } from "@tally/shared";
import {
  connectAdmin,
  connectConsumer,
  connectProducer,
  type ConsumedRecord,
  type Delivery,
  type OutgoingRecord,
} from "@tally/shared/kafka";
import { testNames, testStack } from "@tally/stack/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { publishDeadLetters, startOutbox, type OutboxOptions } from "./outbox.ts";
import { fakeProducer, type Verdict } from "../dead_letters/testing/dead_letters.ts";
import { openTestDatabase, type TestDatabase } from "../http/testing/server.ts";

const VALUE = Buffer.from([0xff, 0x00, 0x41]);
const RUNNING = new AbortController().signal;
// The servers may have to be started first.
const START_MS_MAX = 120_000;
let database: TestDatabase;

beforeAll(async () => {
  const stack = await testStack();
  database = await openTestDatabase(stack.postgres.url, testNames().schema);
}, START_MS_MAX);
afterAll(() => database.close());
beforeEach(async () => {
  await database.sql`truncate dead_letters`;
});

function options(changes: Partial<OutboxOptions>): OutboxOptions {
  return {
    isReady: () => true,
    sql: database.sql,
    producer: fakeProducer().producer,
    kafka: { dlqTopic: "events.DLQ" },
    letterTopic: { notePublished: async () => undefined },
    metrics: createMetrics("processor"),
    log: silentLog(),
    backoffMsMax: 100,
    random: () => 0.5,
    ...changes,
  };
}

function headersOf(record: OutgoingRecord | ConsumedRecord | undefined): [string, string | null][] {
  return (record?.headers ?? []).map(({ key, value }) => [key, value?.toString() ?? null]);
}

async function unpublished(): Promise<string[]> {
  const rows = await database.sql<{ offset: string }[]>`
    select "offset"::text as "offset" from dead_letters where published_at is null order by id`;
  return rows.map(({ offset }) => offset);
}

describe("publishDeadLetters()", () => {
  test("publishDeadLetters() copies bytes and headers, adds the origin, and marks the row when acknowledged", async () => {
    const { producer, records } = fakeProducer();
    const headers = [{ key: "own", value: Buffer.from("mine") }];
    await database.insertDeadLetter({ offset: 41, value: VALUE, key: Buffer.from("k"), headers });

    const first = await publishDeadLetters(options({ producer }), RUNNING);
    const second = await publishDeadLetters(options({ producer }), RUNNING);

    expect([first.published, second.leased, records.length]).toEqual([1, 0, 1]);
    expect(records[0]?.value).toEqual(VALUE);
    expect(records[0]?.key).toEqual(Buffer.from("k"));
    expect(headersOf(records[0])).toEqual([
      ["own", "mine"],
      ["__connect.errors.topic", "events"],
      ["__connect.errors.partition", "0"],
      ["__connect.errors.offset", "41"],
      ["__connect.errors.connector.name", "tally-processor"],
      ["__connect.errors.task.id", "0"],
      ["__connect.errors.stage", "VALUE_CONVERTER"],
      ["__connect.errors.exception.class.name", "record_corrupt"],
      ["__connect.errors.exception.message", "The record can't be decoded"],
      ["tally.record.timestamp_ms", "1769843612345"],
      ["tally.topic_id", database.topicLog.topicId],
    ]);
    expect(await unpublished()).toEqual([]);
  });

  test("publishDeadLetters() sends a pointer to the row when the bytes are too large for the topic", async () => {
    const refusesLarge = (record: OutgoingRecord): Verdict =>
      (record.value?.length ?? 0) > 1000 ? "rejected" : "ok";
    const { producer, records } = fakeProducer(refusesLarge);
    await database.insertDeadLetter({ offset: 1, value: Buffer.alloc(2_000_000, 65) });
    await database.insertDeadLetter({ offset: 2, value: Buffer.alloc(5000, 65) });
    await database.insertDeadLetter({ offset: 3, value: VALUE });

    const pass = await publishDeadLetters(options({ producer }), RUNNING);

    expect(pass).toEqual({ leased: 3, published: 3, error: null });
    const pointers = records
      .filter(({ value }) => value === null)
      .map((record) => headersOf(record));
    expect(pointers.map((headers) => headers.at(-1)?.[0])).toEqual([
      "tally.dead_letter.row",
      "tally.dead_letter.row",
    ]);
    expect(pointers[0]?.at(-1)?.[1]).toMatch(/^dead_letters\/\d+$/);
    expect(await unpublished()).toEqual([]);
  });

  test("publishDeadLetters() keeps what was not acknowledged, counts it, and ends its lease when Kafka is down", async () => {
    let isAway = true;
    const offsetOf = (record: OutgoingRecord) =>
      new Map(headersOf(record)).get("__connect.errors.offset");
    const { producer } = fakeProducer((record) =>
      isAway && offsetOf(record) === "2" ? "away" : "ok",
    );
    for (const offset of [1, 2, 3]) await database.insertDeadLetter({ offset, value: VALUE });
    const outbox = options({ producer });

    const first = await publishDeadLetters(outbox, RUNNING);
    const gauge = (await outbox.metrics.processor_dead_letters_unpublished.get()).values[0]?.value;
    const left = await unpublished();
    isAway = false;
    const second = await publishDeadLetters(outbox, RUNNING);

    expect(first).toMatchObject({ leased: 3, published: 2, error: { code: "broker_unavailable" } });
    expect([left, gauge]).toEqual([["2"], 1]);
    expect(second).toEqual({ leased: 1, published: 1, error: null });
    expect(await unpublished()).toEqual([]);
  });

  test("publishDeadLetters() reports the copies that Kafka has acknowledged, and only those", async () => {
    const { producer } = fakeProducer((record) => (record.value === null ? "ok" : "rejected"));
    const reported: Delivery[] = [];
    const letterTopic: OutboxOptions["letterTopic"] = {
      notePublished: async (deliveries) => void reported.push(...deliveries),
    };
    await database.insertDeadLetter({ offset: 1, value: VALUE });
    await database.insertDeadLetter({ offset: 2, value: null });

    await publishDeadLetters(options({ producer, letterTopic }), RUNNING);

    // The record without a value, and the pointer to the one that was refused.
    expect(reported.toSorted((a, b) => Number(a.offset - b.offset))).toEqual([
      { partition: 0, offset: 500n },
      { partition: 0, offset: 501n },
    ]);
  });

  test("publishDeadLetters() leaves alone what another processor is publishing", async () => {
    const stopping = new AbortController();
    const silent = fakeProducer(() => "silent");
    await database.insertDeadLetter({ offset: 1, value: VALUE });

    const held = publishDeadLetters(options({ producer: silent.producer }), stopping.signal);
    expect(await eventually(async () => (await leased()) === 1, 5000)).toBe(true);
    const other = await publishDeadLetters(options({}), RUNNING);
    stopping.abort();
    const ended = await held;
    const after = await publishDeadLetters(options({}), RUNNING);

    expect([other.leased, ended.published, after.published]).toEqual([0, 0, 1]);
  });

  test("publishDeadLetters() takes a lease for expired when the server's clock was set back an hour", async () => {
    await database.insertDeadLetter({ offset: 1, value: VALUE });
    await database.sql`update dead_letters set leased_until = now() + interval '1 hour'`;

    expect(await publishDeadLetters(options({}), RUNNING)).toMatchObject({
      leased: 1,
      published: 1,
    });
  });

  async function leased(): Promise<number> {
    const [row] = await database.sql<{ leased: number }[]>`
      select count(leased_until)::integer as leased from dead_letters`;
    return row?.leased ?? 0;
  }
});

describe("startOutbox()", () => {
  test("startOutbox() publishes what arrived while Kafka was down, and logs the outage once", async () => {
    let isAway = true;
    const { producer, records } = fakeProducer(() => (isAway ? "away" : "ok"));
    const lines: string[] = [];
    const log = { ...silentLog(), warn: (_: unknown, text: string) => lines.push(text) };
    await database.insertDeadLetter({ offset: 1, value: VALUE });
    const outbox = startOutbox(options({ producer, log: log as unknown as OutboxOptions["log"] }));
    expect(await eventually(() => lines.length > 0, 5000)).toBe(true);

    isAway = false;
    const isPublished = await eventually(() => records.length === 1, 10_000);
    await outbox.stop();

    expect(isPublished).toBe(true);
    expect(lines).toHaveLength(1);
  });

  test("startOutbox() reaches a real topic with names and bytes as a consumer sees them", async () => {
    const { kafka } = await testStack();
    const { topic, group } = testNames();
    const connection = { bootstrapServers: kafka.bootstrapServers };
    const admin = await connectAdmin(connection);
    await admin.createTopics([{ topic, partitions: 1, replicationFactor: 1, config: {} }]);
    const producer = await connectProducer(connection, {
      lingerMs: 1,
      messageTimeoutMs: 10_000,
      queueRecordsMax: 100,
      queueBytesMax: 10_000_000,
      compression: "none",
      connectTimeoutMs: 10_000,
    });
    await database.insertDeadLetter({ offset: 7, value: VALUE });

    const pass = await publishDeadLetters(
      options({ producer, kafka: { dlqTopic: topic } }),
      RUNNING,
    );
    const record = await firstRecord(connection, { topic, group });
    await Promise.all([producer.disconnect(5000), admin.disconnect()]);

    expect(pass.published).toBe(1);
    expect(record?.value).toEqual(VALUE);
    expect(new Map(headersOf(record)).get("__connect.errors.offset")).toBe("7");
  });
});

/** The first record of partition 0. */
async function firstRecord(
  connection: { bootstrapServers: string },
  { topic, group }: { topic: string; group: string },
): Promise<ConsumedRecord | undefined> {
  const consumer = await connectConsumer(connection, {
    topic,
    groupId: group,
    groupProtocol: "classic",
    sessionTimeoutMs: 30_000,
    fetch: { waitMs: 50, bytesMin: 1 },
    queuedRecordsMax: 1000,
    queuedBytesMax: 1_000_000,
    consumeTimeoutMs: 100,
    onAssign: async (partitions) => new Map(partitions.map((partition) => [partition, 0n])),
    onRevoke: async () => undefined,
    onOffsetOutOfRange: () => undefined,
    onStalled: () => undefined,
    onError: () => undefined,
  });
  const records: ConsumedRecord[] = [];
  await eventually(async () => records.push(...(await consumer.consume(10))) > 0, 30_000);
  await consumer.disconnect(5000);
  return records[0];
}
