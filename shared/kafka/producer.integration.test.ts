import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { measureAwake } from "@tally/stack/testing/awake_time";
import { PipelineError } from "../error.ts";
import {
  consumeUntil,
  PRODUCER_OPTIONS,
  isConnected,
  publish,
  type TestKafka,
  testKafka,
  textRecord,
  until,
} from "./testing/test_kafka.ts";
import { valueOf } from "./client_record.ts";
import { connectProducer, type ConsumedRecord, type OutgoingRecord } from "./mod.ts";

let kafka: TestKafka;
beforeAll(async () => {
  kafka = await testKafka();
});
afterAll(() => kafka.close());

/** Reads a topic of one partition from its start. */
async function readAll(topic: string, count: number): Promise<ConsumedRecord[]> {
  const consumer = await kafka.consumer({ topic });
  const records: ConsumedRecord[] = [];
  await consumeUntil(
    consumer,
    (record) => records.push(record),
    () => records.length >= count,
  );
  return records;
}

describe("produceBatch()", () => {
  test("produceBatch() answers each record once with its place when the broker acknowledged", async () => {
    const topic = await kafka.newTopic(1);
    const producer = await kafka.producer();
    const texts = Array.from({ length: 3000 }, (_, index) => `text ${index}`);

    const outcomes = await publish(
      producer,
      topic,
      texts.map((text) => textRecord(text)),
    );

    expect(outcomes).toEqual(texts.map((_, index) => ({ partition: 0, offset: BigInt(index) })));
    expect(producer.queuedRecords).toBe(0);
    expect(producer.queuedBytes).toBe(0);
    const records = await readAll(topic, texts.length);
    expect(records.map(({ value }) => value?.toString())).toEqual(texts);
  });

  test("produceBatch() keeps keys, values, headers and time when they are read again", async () => {
    const topic = await kafka.newTopic(1);
    const producer = await kafka.producer();
    const bytes = Buffer.from([0, 255, 128, 10, 13, 0]);
    const timestampMs = 1_760_000_000_123;
    const sent: OutgoingRecord[] = [
      { key: "text-ü-😀", value: "text-ü-😀\0", timestampMs },
      { key: bytes, value: null, timestampMs },
      { key: null, value: Buffer.alloc(0), timestampMs },
      { key: "a\0b", value: Buffer.from("after the NUL"), timestampMs },
      {
        key: Buffer.alloc(0),
        value: Buffer.from("headers"),
        timestampMs,
        headers: [
          { key: "twice", value: Buffer.from("1") },
          { key: "7", value: bytes },
          { key: "twice", value: Buffer.from("2") },
          { key: "empty", value: Buffer.alloc(0) },
          { key: "none", value: null },
          { key: "__proto__", value: Buffer.from("p") },
        ],
      },
    ];

    await publish(producer, topic, sent);
    const records = await readAll(topic, sent.length);

    expect(records.map(({ key }) => key)).toEqual([
      Buffer.from("text-ü-😀"),
      bytes,
      null,
      Buffer.from("a\0b"),
      Buffer.alloc(0),
    ]);
    expect(records.map(({ value }) => value)).toEqual(sent.map(valueOf));
    expect(records.map((record) => record.timestampMs)).toEqual(sent.map(() => timestampMs));
    expect(records.map(({ offset }) => offset)).toEqual([0n, 1n, 2n, 3n, 4n]);
    expect(records.slice(0, 4).map(({ headers }) => headers)).toEqual([[], [], [], []]);
    expect(records[4]?.headers).toEqual([
      { key: "twice", value: Buffer.from("1") },
      { key: "7", value: bytes },
      { key: "twice", value: Buffer.from("2") },
      { key: "empty", value: Buffer.alloc(0) },
      { key: "none", value: Buffer.alloc(0) }, // The client knows no header without a value.
      { key: "__proto__", value: Buffer.from("p") },
    ]);
  });

  test("produceBatch() chooses the partition that Kafka's Java client chooses when there is a key", async () => {
    const topic = await kafka.newTopic(6);
    const producer = await kafka.producer();
    // Hashes from the tests of Kafka's own Utils.murmur2.
    const hashes = new Map([
      ["21", -973932308],
      ["foobar", -790332482],
      ["a-little-bit-long-string", -985981536],
      ["a-little-bit-longer-string", -1486304829],
      ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
      ["abc", 479470107],
    ]);

    const keys = [...hashes.keys()];
    const outcomes = await publish(
      producer,
      topic,
      keys.map((key) => textRecord("x", key)),
    );

    const expected = [...hashes.values()].map((hash) => (hash & 0x7fffffff) % 6);
    expect(outcomes.map((outcome) => "partition" in outcome && outcome.partition)).toEqual(
      expected,
    );
  });

  test("produceBatch() refuses one record with broker_rejected when it is too large", async () => {
    const topic = await kafka.newTopic(1);
    const producer = await kafka.producer({ recordBytesMax: 2_000_000 });
    const tooLargeHere = { ...textRecord("x"), value: Buffer.alloc(3_000_000) };
    const tooLargeForTopic = {
      ...textRecord("x"),
      value: Buffer.alloc(1_500_000, Bun.randomUUIDv7()),
    };
    const uncompressed = await kafka.producer({ recordBytesMax: 2_000_000, compression: "none" });

    const outcomes = await publish(producer, topic, [
      textRecord("a"),
      tooLargeHere,
      textRecord("b"),
    ]);
    const [atBroker] = await publish(uncompressed, topic, [tooLargeForTopic]);

    expect(outcomes[0]).toEqual({ partition: 0, offset: 0n });
    expect(outcomes[1]).toBeInstanceOf(PipelineError);
    expect(outcomes[1]).toHaveProperty("code", "broker_rejected");
    expect(outcomes[2]).toEqual({ partition: 0, offset: 1n });
    expect(atBroker).toHaveProperty("code", "broker_rejected");
  });

  test("produceBatch() refuses the rest with overloaded when the queue is full, and recovers", async () => {
    const topic = await kafka.newTopic(1);
    const producer = await kafka.producer({ queueRecordsMax: 10, lingerMs: 50 });
    const records = Array.from({ length: 25 }, (_, index) => textRecord(`${index}`));

    const outcomes = await publish(producer, topic, records);
    const [later] = await publish(producer, topic, [textRecord("later")]);

    expect(outcomes.filter((outcome) => "offset" in outcome)).toHaveLength(10);
    expect(
      outcomes.slice(10).every((outcome) => "code" in outcome && outcome.code === "overloaded"),
    ).toBe(true);
    expect(later).toEqual({ partition: 0, offset: 10n });
  });

  test("produceBatch() refuses with overloaded when the queue's bytes are used up", async () => {
    const topic = await kafka.newTopic(1);
    const producer = await kafka.producer({ queueBytesMax: 100_000, lingerMs: 50 });
    const records = Array.from({ length: 5 }, () => textRecord("x".repeat(60_000)));

    const outcomes = await publish(producer, topic, records);

    expect(outcomes.map((outcome) => ("code" in outcome ? outcome.code : "ok"))).toEqual([
      "ok",
      "overloaded",
      "overloaded",
      "overloaded",
      "overloaded",
    ]);
  });
});

describe("connectProducer()", () => {
  test("connectProducer() resolves and refuses records quickly when no broker is reachable", async () => {
    const bootstrapServers = `127.0.0.1:${unusedPort()}`;

    const { value, ms } = await measureAwake(async () => {
      const options = { ...PRODUCER_OPTIONS, connectTimeoutMs: 500 };
      const producer = await connectProducer({ bootstrapServers }, options);
      const outcomes = await publish(producer, "any", [textRecord("a"), textRecord("b")]);
      const isReachable = await isConnected(producer, 200);
      await producer.disconnect(2000);
      return { outcomes, isReachable };
    });

    expect(value.outcomes.map((outcome) => "code" in outcome && outcome.code)).toEqual([
      "broker_unavailable",
      "broker_unavailable",
    ]);
    expect(value.isReachable).toBe(false);
    expect(ms).toBeLessThan(4000);
  });

  test("connectProducer() recovers by itself when the broker comes later", async () => {
    const topic = await kafka.newTopic(1);
    const port = unusedPort();
    const producer = await connectProducer(
      { bootstrapServers: `127.0.0.1:${port}` },
      { ...PRODUCER_OPTIONS, connectTimeoutMs: 300 },
    );
    const before = await isConnected(producer, 100);

    const door = openDoor(port, kafka.connection.bootstrapServers);
    await until(() => isConnected(producer, 1000), "the producer did not recover");
    const [outcome] = await publish(producer, topic, [textRecord("a")]);
    await producer.disconnect(2000);
    door.stop(true);

    expect(before).toBe(false);
    expect(outcome).toEqual({ partition: 0, offset: 0n });
  });

  test("connectProducer() rejects with config_invalid when an option makes no sense", async () => {
    const connecting = connectProducer(
      { ...kafka.connection, securityProtocol: "sasl_ssl", saslMechanism: "NONSENSE" },
      PRODUCER_OPTIONS,
    );

    const error = await connecting.catch((cause: unknown) => cause);

    expect(error).toHaveProperty("code", "config_invalid");
  });
});

describe("disconnect()", () => {
  test("disconnect() delivers what is queued when there is time", async () => {
    const topic = await kafka.newTopic(1);
    const producer = await kafka.producer({ lingerMs: 200 });
    const outcomes: unknown[] = [];
    producer.produceBatch(topic, [textRecord("a")], (_, outcome) => outcomes.push(outcome));

    await producer.disconnect(60_000);

    expect(outcomes).toEqual([{ partition: 0, offset: 0n }]);
  });

  test("disconnect() answers what can't be delivered when its time is over", async () => {
    const producer = await kafka.producer({ messageTimeoutMs: 60_000 });
    const outcomes: unknown[] = [];
    const onDelivery = (_: number, outcome: unknown): unknown => outcomes.push(outcome);
    producer.produceBatch("no-such-topic", [textRecord("a"), textRecord("b")], onDelivery);

    const flushed = await producer.flush(100);
    await producer.disconnect(300);
    producer.produceBatch("no-such-topic", [textRecord("c")], onDelivery);

    expect(flushed).toBe(false);
    expect(outcomes).toHaveLength(3);
    for (const outcome of outcomes) expect(outcome).toHaveProperty("code", "broker_unavailable");
    expect(producer.queuedRecords).toBe(0);
  });
});

/** A port at which nothing listens. */
function unusedPort(): number {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: () => undefined },
  });
  const { port } = listener;
  listener.stop(true);
  return port;
}

/** Lets a first connection through to the broker, which then answers with its own address. */
function openDoor(port: number, bootstrapServers: string): { stop(closeNow: boolean): void } {
  const [hostname = "", target] = bootstrapServers.split(":");
  type Other = { far?: Promise<Bun.Socket> };
  return Bun.listen<Other>({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: (near) => {
        near.data = {};
        near.data.far = Bun.connect({
          hostname,
          port: Number(target),
          socket: { data: (_, bytes) => void near.write(bytes) },
        });
      },
      data: async (near, bytes) => void (await near.data.far)?.write(bytes),
    },
  });
}
