import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { measureAwake } from "@tally/stack/testing/awake_time";
import { type ClientConfig, loadClient } from "./client.ts";
import { numberOf, publishNumbers, range } from "./testing/numbered_records.ts";
import {
  consumerOptions,
  consumeUntil,
  type TestKafka,
  testKafka,
  until,
} from "./testing/test_kafka.ts";
import { connectConsumer, type ConsumedRecord, type Producer } from "./mod.ts";
import { deleteRecords } from "./testing/mod.ts";

let kafka: TestKafka;
let producer: Producer;
beforeAll(async () => {
  kafka = await testKafka();
  producer = await kafka.producer();
});
afterAll(() => kafka.close());

describe("consume()", () => {
  test("consume() gives each partition in order and whole from the offsets that were named", async () => {
    const topic = await kafka.newTopic(1);
    await publishNumbers({ producer, topic }, 0, 5000);
    const consumer = await kafka.consumer({
      topic,
      onAssign: () => Promise.resolve(new Map([[0, 1234n]])),
    });
    const numbers: number[] = [];

    await consumeUntil(
      consumer,
      (record) => numbers.push(numberOf(record)),
      () => numbers.length >= 5000 - 1234,
    );

    expect(numbers).toEqual(range(1234, 5000));
    expect(consumer.assigned).toEqual([0]);
  });

  test.each(["35", "49"])(
    "consume() starts at %s of a log that begins later than 0 when the answer takes a moment",
    async (start) => {
      const topic = await kafka.newTopic(1);
      await publishNumbers({ producer, topic }, 0, 50);
      const log = { partition: 0, before: 35n };
      await deleteRecords(kafka.connection.bootstrapServers, topic, log);
      // Long enough for the client to ask for the offset at which a partition waits.
      const onAssign = async () => {
        await Bun.sleep(300);
        return new Map([[0, BigInt(start)]]);
      };

      const consumer = await kafka.consumer({ topic, onAssign });
      const numbers: number[] = [];
      await consumeUntil(
        consumer,
        (record) => numbers.push(numberOf(record)),
        () => numbers.length === 50 - Number(start),
      );

      expect(numbers).toEqual(range(Number(start), 50));
    },
  );

  test("consume() resolves with nothing after its time when there is nothing", async () => {
    const topic = await kafka.newTopic(1);
    const consumer = await kafka.consumer({ topic, consumeTimeoutMs: 100 });
    await until(async () => {
      await consumer.consume(10);
      return consumer.assigned.length === 1;
    }, "nothing was assigned");
    const startedAt = performance.now();

    const consumed = await measureAwake(() => consumer.consume(10));

    expect(consumed.value).toEqual([]);
    expect(performance.now() - startedAt).toBeGreaterThan(90);
    expect(consumed.ms).toBeLessThan(1000);
  });

  test("consume() resolves empty and the trouble is reported when no broker is reachable", async () => {
    const codes: string[] = [];
    const consumer = await connectConsumer(
      { bootstrapServers: "127.0.0.1:1" },
      consumerOptions({ topic: "any", onError: ({ code }) => codes.push(code) }),
    );

    const records = await consumer.consume(10);
    await until(() => codes.length > 0, "no trouble was reported");
    await consumer.disconnect(5000);

    expect(records).toEqual([]);
    expect(new Set(codes)).toEqual(new Set(["broker_unavailable"]));
    expect(codes.length).toBeLessThan(5);
  });
});

describe("pause() and resume()", () => {
  test("resume() goes on without loss or repetition when a partition was paused under load", async () => {
    const topic = await kafka.newTopic(2);
    await publishNumbers({ producer, topic }, 0, 4000);
    const consumer = await kafka.consumer({ topic });
    const offsets: bigint[][] = [[], []];
    const take = (record: ConsumedRecord): unknown =>
      offsets[record.partition]?.push(record.offset);
    const count = (partition: number): number => offsets[partition]?.length ?? 0;
    const marks = await kafka.admin.watermarks(topic, [0, 1]);
    await consumeUntil(consumer, take, () => count(0) > 0);

    consumer.pause([0]);
    const atPause = count(0);
    await consumeUntil(consumer, take, () => count(1) === Number(marks.get(1)?.high));
    await consumer.consume(100);
    const whilePaused = count(0);
    consumer.resume([0]);
    await consumeUntil(consumer, take, () => count(0) >= Number(marks.get(0)?.high));

    expect(atPause).toBeLessThan(Number(marks.get(0)?.high));
    expect(whilePaused).toBe(atPause);
    for (const partition of [0, 1]) {
      const high = Number(marks.get(partition)?.high);
      expect(offsets[partition]?.map(Number)).toEqual(range(0, high));
    }
  });
});

describe("seek()", () => {
  test("seek() makes the named record the next one when it goes back and forth", async () => {
    const topic = await kafka.newTopic(1);
    await publishNumbers({ producer, topic }, 0, 3000);
    const consumer = await kafka.consumer({ topic });
    const first: number[] = [];
    await consumeUntil(
      consumer,
      (record) => first.push(numberOf(record)),
      () => first.length > 0,
    );
    const nextAfter = async (offset: bigint): Promise<number | undefined> => {
      const numbers: number[] = [];
      await consumer.seek(0, offset);
      await consumeUntil(
        consumer,
        (record) => numbers.push(numberOf(record)),
        () => numbers.length > 0,
      );
      return numbers[0];
    };

    const landings = [await nextAfter(2500n), await nextAfter(7n), await nextAfter(0n)];

    expect(landings).toEqual([2500, 7, 0]);
  });
});

describe("onOffsetOutOfRange()", () => {
  test("onOffsetOutOfRange() is called and nothing is skipped when the start is beyond the end", async () => {
    const topic = await kafka.newTopic(1);
    await publishNumbers({ producer, topic }, 0, 10);
    const reported: number[] = [];
    const consumer = await kafka.consumer({
      topic,
      onAssign: () => Promise.resolve(new Map([[0, 1000n]])),
      onOffsetOutOfRange: (partition) => reported.push(partition),
    });
    const numbers: number[] = [];
    const take = (record: ConsumedRecord): unknown => numbers.push(numberOf(record));

    await consumeUntil(consumer, take, () => reported.length > 0);
    const before = [...numbers];
    await consumer.seek(0, 8n);
    await consumeUntil(consumer, take, () => numbers.length >= 2);

    expect(reported).toEqual([0]);
    expect(before).toEqual([]);
    expect(numbers).toEqual([8, 9]);
  });

  test("onOffsetOutOfRange() is called when the log's start moves over a running consumer", async () => {
    const topic = await kafka.newTopic(2);
    const reported: number[] = [];
    await publishNumbers({ producer, topic }, 0, 100);
    const consumer = await kafka.consumer({
      topic,
      onOffsetOutOfRange: (partition) => reported.push(partition),
    });
    const records: ConsumedRecord[] = [];
    const take = (record: ConsumedRecord): unknown => records.push(record);
    await consumeUntil(consumer, take, () => records.length === 100);
    consumer.pause([0]);
    const { high } = await consumer.watermarks(0, 5000);
    await publishNumbers({ producer, topic }, 100, 300);
    await deleteRecords(kafka.connection.bootstrapServers, topic, {
      partition: 0,
      before: high + 5n,
    });

    consumer.resume([0]);
    await consumeUntil(consumer, take, () => reported.length > 0);
    const ofPartition = records.filter(({ partition }) => partition === 0);
    const { low } = await consumer.watermarks(0, 5000);

    expect(reported).toEqual([0]);
    expect(low).toBe(high + 5n);
    expect(ofPartition.at(-1)?.offset).toBe(high - 1n);
  });
});

describe("disconnect()", () => {
  test("disconnect() awaits onRevoke() before the partitions go to another member", async () => {
    const topic = await kafka.newTopic(1);
    const finished = Promise.withResolvers<void>();
    let isRevoking = false;
    const consumer = await kafka.consumer({
      topic,
      onRevoke: () => {
        isRevoking = true;
        return finished.promise;
      },
    });
    await consumeUntil(
      consumer,
      () => undefined,
      () => consumer.assigned.length === 1,
    );
    let isGone = false;

    const going = consumer.disconnect(10_000).then(() => {
      isGone = true;
    });
    await until(() => isRevoking, "onRevoke was not called");
    const goneTooEarly = isGone;
    finished.resolve();
    await going;

    expect(goneTooEarly).toBe(false);
    expect(consumer.assigned).toEqual([]);
    expect(await consumer.consume(10)).toEqual([]);
  });

  test("disconnect() gives up when onRevoke() takes longer than it may", async () => {
    const topic = await kafka.newTopic(1);
    const never = Promise.withResolvers<void>();
    const consumer = await kafka.consumer({ topic, onRevoke: () => never.promise });
    await consumeUntil(
      consumer,
      () => undefined,
      () => consumer.assigned.length === 1,
    );

    const { ms } = await measureAwake(() => consumer.disconnect(500));
    never.resolve();

    expect(ms).toBeLessThan(3000);
  });
});

describe("commit()", () => {
  test("commit() shows the position to Kafka's own tools", async () => {
    const topic = await kafka.newTopic(1);
    const groupId = kafka.newGroup();
    await publishNumbers({ producer, topic }, 0, 10);
    const consumer = await kafka.consumer({ topic, groupId });
    const records: ConsumedRecord[] = [];
    await consumeUntil(
      consumer,
      (record) => records.push(record),
      () => records.length === 10,
    );

    consumer.commit(new Map([[0, 7n]]));

    await until(async () => (await committed(groupId)) === 7, "the position was not committed");
  });
});

async function committed(groupId: string): Promise<number | undefined> {
  const { AdminClient } = await loadClient();
  const client = AdminClient.create(rawConfig());
  const offset = await new Promise<number | undefined>((resolve, reject) => {
    client.listConsumerGroupOffsets([{ groupId }], {}, (error, groups) =>
      error ? reject(error) : resolve(groups[0]?.partitions[0]?.offset),
    );
  });
  client.disconnect();
  return offset;
}

const rawConfig = (): ClientConfig => ({
  "bootstrap.servers": kafka.connection.bootstrapServers,
});
