import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ClientConfig, loadClient } from "./client.ts";
import {
  consumerOptions,
  consumeUntil,
  publish,
  type TestKafka,
  testKafka,
  textRecord,
  until,
} from "./fixtures/test_kafka.ts";
import { connectConsumer, type ConsumedRecord, type Consumer, type Producer } from "./mod.ts";

let kafka: TestKafka;
let producer: Producer;
beforeAll(async () => {
  kafka = await testKafka();
  producer = await kafka.producer();
});
afterAll(() => kafka.close());

/** Publishes numbered records; the same number always goes to the same partition. */
async function publishNumbers(topic: string, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  const outcomes = await publish(
    producer,
    topic,
    numbers.map((number) => textRecord(`${number}`, `key ${number}`)),
  );
  for (const outcome of outcomes) if (outcome instanceof Error) throw outcome;
}

const numberOf = ({ value }: ConsumedRecord): number => Number(value?.toString());
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);
const ascending = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);

/** Keeps consuming in the background, as a pipeline does; stop() waits for its end. */
function keepConsuming(consumer: Consumer, take: (record: ConsumedRecord) => void) {
  let isStopped = false;
  const done = (async () => {
    while (!isStopped) for (const record of await consumer.consume(100)) take(record);
  })();
  return {
    stop: () => {
      isStopped = true;
      return done;
    },
  };
}

describe("consume()", () => {
  test("consume() gives each partition in order and whole from the offsets that were named", async () => {
    const topic = await kafka.newTopic(1);
    await publishNumbers(topic, 0, 5000);
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

  test("consume() resolves with nothing after its time when there is nothing", async () => {
    const topic = await kafka.newTopic(1);
    const consumer = await kafka.consumer({ topic, consumeTimeoutMs: 100 });
    await until(async () => {
      await consumer.consume(10);
      return consumer.assigned.length === 1;
    }, "nothing was assigned");
    const startedAt = performance.now();

    const records = await consumer.consume(10);

    expect(records).toEqual([]);
    expect(performance.now() - startedAt).toBeGreaterThan(90);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  test("consume() resolves empty and the trouble is told when no broker is reachable", async () => {
    const codes: string[] = [];
    const consumer = await connectConsumer(
      { bootstrapServers: "127.0.0.1:1" },
      consumerOptions({ topic: "any", onError: ({ code }) => codes.push(code) }),
    );

    const records = await consumer.consume(10);
    await consumer.disconnect(5000);

    expect(records).toEqual([]);
    expect(new Set(codes)).toEqual(new Set(["broker_unavailable"]));
    expect(codes.length).toBeLessThan(5);
  });
});

describe("onAssign()", () => {
  test("onAssign() may take longer than the session, the membership and the order are kept", async () => {
    const topic = await kafka.newTopic(2);
    await publishNumbers(topic, 0, 100);
    const answer = Promise.withResolvers<ReadonlyMap<number, bigint>>();
    let questions = 0;
    const revoked: number[] = [];
    const consumer = await kafka.consumer({
      topic,
      sessionTimeoutMs: 6000,
      onAssign: () => {
        questions++;
        return answer.promise;
      },
      onRevoke: (partitions) => {
        revoked.push(...partitions);
        return Promise.resolve();
      },
    });
    const early: ConsumedRecord[] = [];
    const late: ConsumedRecord[] = [];
    const sessionIsOver = performance.now() + 7500;

    await consumeUntil(
      consumer,
      (record) => early.push(record),
      () => performance.now() > sessionIsOver,
    );
    answer.resolve(
      new Map([
        [0, 0n],
        [1, 3n],
      ]),
    );
    const marks = await kafka.admin.watermarks(topic, [0, 1]);
    const expected = Number(marks.get(0)?.high) + Number(marks.get(1)?.high) - 3;
    await consumeUntil(
      consumer,
      (record) => late.push(record),
      () => late.length >= expected,
    );

    expect(early).toEqual([]);
    expect(questions).toBe(1);
    expect(revoked).toEqual([]);
    expect(late.filter(({ partition }) => partition === 0)[0]?.offset).toBe(0n);
    expect(late.filter(({ partition }) => partition === 1)[0]?.offset).toBe(3n);
    expect(late).toHaveLength(expected);
  });

  test("onAssign() is asked again when it rejects", async () => {
    const topic = await kafka.newTopic(1);
    await publishNumbers(topic, 0, 1);
    let questions = 0;
    const errors: Error[] = [];
    const consumer = await kafka.consumer({
      topic,
      onAssign: () => {
        questions++;
        if (questions < 3) return Promise.reject(new Error("the database is away"));
        return Promise.resolve(new Map([[0, 0n]]));
      },
      onError: (error) => errors.push(error),
    });
    const numbers: number[] = [];

    await consumeUntil(
      consumer,
      (record) => numbers.push(numberOf(record)),
      () => numbers.length > 0,
    );

    expect(numbers).toEqual([0]);
    expect(questions).toBe(3);
    expect(errors[0]?.message).toContain("the database is away");
  });

  test("onAssign() answers that come after the revocation start nothing", async () => {
    const topic = await kafka.newTopic(4);
    const groupId = kafka.newGroup();
    await publishNumbers(topic, 0, 400);
    const answer = Promise.withResolvers<ReadonlyMap<number, bigint>>();
    const slowRecords: ConsumedRecord[] = [];
    const otherRecords: ConsumedRecord[] = [];
    const slow = await kafka.consumer({ topic, groupId, onAssign: () => answer.promise });
    const slowLoop = keepConsuming(slow, (record) => slowRecords.push(record));
    await until(() => slow.assigned.length === 4, "the first got no partitions");

    const other = await kafka.consumer({ topic, groupId });
    const otherLoop = keepConsuming(other, (record) => otherRecords.push(record));
    await until(() => slow.assigned.length === 2, "the first kept its partitions");
    answer.resolve(new Map([0, 1, 2, 3].map((partition) => [partition, 0n])));
    await until(() => slowRecords.length + otherRecords.length >= 400, "records are missing");
    await Promise.all([slowLoop.stop(), otherLoop.stop()]);

    const all = [...slowRecords, ...otherRecords].map(numberOf);
    expect(ascending(all)).toEqual(range(0, 400));
    const kept = new Set(slowRecords.map(({ partition }) => partition));
    expect([...kept].toSorted()).toEqual([...slow.assigned]);
  });
});

describe.each(["classic", "consumer"] as const)("rebalance, protocol %s", (groupProtocol) => {
  test("a rebalance moves some partitions and no record is lost or read twice when members come and go", async () => {
    const topic = await kafka.newTopic(6);
    const groupId = kafka.newGroup();
    const positions = new Map<number, bigint>();
    const numbers: number[] = [];
    const revocations: { partitions: number[]; lost: boolean }[] = [];
    const join = async () => {
      const consumer = await kafka.consumer({
        topic,
        groupId,
        groupProtocol,
        onAssign: (partitions) =>
          Promise.resolve(new Map(partitions.map((each) => [each, positions.get(each) ?? 0n]))),
        onRevoke: (partitions, lost) => {
          revocations.push({ partitions, lost });
          return Promise.resolve();
        },
      });
      const loop = keepConsuming(consumer, (record) => {
        numbers.push(numberOf(record));
        positions.set(record.partition, record.offset + 1n);
      });
      return { consumer, loop };
    };

    const first = await join();
    await until(() => first.consumer.assigned.length === 6, "the first got no partitions");
    await publishNumbers(topic, 0, 2000);
    const second = await join();
    await until(() => second.consumer.assigned.length === 3, "the second got no partitions");
    await publishNumbers(topic, 2000, 4000);
    const shared = [...first.consumer.assigned, ...second.consumer.assigned];
    await until(() => numbers.length >= 4000, "records are missing");
    await first.loop.stop();
    await first.consumer.disconnect(5000);
    await until(() => second.consumer.assigned.length === 6, "the second did not take over");
    await publishNumbers(topic, 4000, 5000);
    await until(() => numbers.length >= 5000, "records are missing");
    await second.loop.stop();

    expect(ascending(numbers)).toEqual(range(0, 5000));
    expect(ascending(shared)).toEqual(range(0, 6));
    // Cooperative: the first gave three away and kept three, and all at its end.
    expect(revocations.map(({ partitions }) => partitions.length)).toEqual([3, 3]);
    expect(revocations.every(({ lost }) => !lost)).toBe(true);
  });
});

describe("pause() and resume()", () => {
  test("resume() goes on without loss or repetition when a partition was paused under load", async () => {
    const topic = await kafka.newTopic(2);
    await publishNumbers(topic, 0, 4000);
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
    await publishNumbers(topic, 0, 3000);
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
    await publishNumbers(topic, 0, 10);
    const told: number[] = [];
    const consumer = await kafka.consumer({
      topic,
      onAssign: () => Promise.resolve(new Map([[0, 1000n]])),
      onOffsetOutOfRange: (partition) => told.push(partition),
    });
    const numbers: number[] = [];
    const take = (record: ConsumedRecord): unknown => numbers.push(numberOf(record));

    await consumeUntil(consumer, take, () => told.length > 0);
    const before = [...numbers];
    await consumer.seek(0, 8n);
    await consumeUntil(consumer, take, () => numbers.length >= 2);

    expect(told).toEqual([0]);
    expect(before).toEqual([]);
    expect(numbers).toEqual([8, 9]);
  });

  test("onOffsetOutOfRange() is called when the log's start moves over a running consumer", async () => {
    const topic = await kafka.newTopic(2);
    const told: number[] = [];
    await publishNumbers(topic, 0, 100);
    const consumer = await kafka.consumer({
      topic,
      onOffsetOutOfRange: (partition) => told.push(partition),
    });
    const records: ConsumedRecord[] = [];
    const take = (record: ConsumedRecord): unknown => records.push(record);
    await consumeUntil(consumer, take, () => records.length === 100);
    consumer.pause([0]);
    const { high } = await consumer.watermarks(0, 5000);
    await publishNumbers(topic, 100, 300);
    await deleteRecords(topic, 0, high + 5n);

    consumer.resume([0]);
    await consumeUntil(consumer, take, () => told.length > 0);
    const ofPartition = records.filter(({ partition }) => partition === 0);
    const { low } = await consumer.watermarks(0, 5000);

    expect(told).toEqual([0]);
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
    const startedAt = performance.now();

    await consumer.disconnect(500);
    never.resolve();

    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});

describe("commit()", () => {
  test("commit() shows the position to Kafka's own tools", async () => {
    const topic = await kafka.newTopic(1);
    const groupId = kafka.newGroup();
    await publishNumbers(topic, 0, 10);
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

/** What the operator's tools do; no part of what this package offers. */
async function deleteRecords(topic: string, partition: number, before: bigint): Promise<void> {
  const { AdminClient } = await loadClient();
  const client = AdminClient.create(rawConfig());
  await new Promise<void>((resolve, reject) => {
    client.deleteRecords([{ topic, partition, offset: Number(before) }], {}, (error) =>
      error ? reject(error) : resolve(),
    );
  });
  client.disconnect();
}

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
