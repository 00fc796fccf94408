import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { undisturbed } from "@tally/stack/testing/awake_time";
import {
  ascending,
  keepConsuming,
  numberOf,
  publishNumbers,
  range,
} from "./testing/numbered_records.ts";
import { consumeUntil, type TestKafka, testKafka, until } from "./testing/test_kafka.ts";
import { type ConsumedRecord, type Producer } from "./mod.ts";

let kafka: TestKafka;
let producer: Producer;
beforeAll(async () => {
  kafka = await testKafka();
  producer = await kafka.producer();
});
afterAll(() => kafka.close());

describe("onAssign()", () => {
  test("onAssign() may take longer than the session, the membership and the order are kept", async () => {
    // A machine that stands still for most of a session ends it.
    const { early, late, expected, questions, revoked } = await undisturbed(2000, answerLate);

    expect(early).toEqual([]);
    expect(questions).toBe(1);
    expect(revoked).toEqual([]);
    expect(late.filter(({ partition }) => partition === 0)[0]?.offset).toBe(0n);
    expect(late.filter(({ partition }) => partition === 1)[0]?.offset).toBe(3n);
    expect(late).toHaveLength(expected);
  });

  async function answerLate() {
    const topic = await kafka.newTopic(2);
    await publishNumbers({ producer, topic }, 0, 100);
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
    return { early, late, expected, questions, revoked };
  }

  test("onAssign() is asked again when it rejects", async () => {
    const topic = await kafka.newTopic(1);
    await publishNumbers({ producer, topic }, 0, 1);
    let questions = 0;
    const errors: Error[] = [];
    const consumer = await kafka.consumer({
      topic,
      onAssign: () => {
        questions++;
        if (questions < 3) return Promise.reject(new Error("the database is down"));
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
    expect(errors[0]?.message).toContain("the database is down");
  });

  test("onAssign() answers that come after the revocation start nothing", async () => {
    const topic = await kafka.newTopic(4);
    const groupId = kafka.newGroup();
    await publishNumbers({ producer, topic }, 0, 400);
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
    await publishNumbers({ producer, topic }, 0, 2000);
    const second = await join();
    await until(() => second.consumer.assigned.length === 3, "the second got no partitions");
    await publishNumbers({ producer, topic }, 2000, 4000);
    const shared = [...first.consumer.assigned, ...second.consumer.assigned];
    await until(() => numbers.length >= 4000, "records are missing");
    await first.loop.stop();
    await first.consumer.disconnect(5000);
    await until(() => second.consumer.assigned.length === 6, "the second did not take over");
    await publishNumbers({ producer, topic }, 4000, 5000);
    await until(() => numbers.length >= 5000, "records are missing");
    await second.loop.stop();

    expect(ascending(numbers)).toEqual(range(0, 5000));
    expect(ascending(shared)).toEqual(range(0, 6));
    // Cooperative: the first gave three away and kept three, and all at its end.
    expect(revocations.map(({ partitions }) => partitions.length)).toEqual([3, 3]);
    expect(revocations.every(({ lost }) => !lost)).toBe(true);
  });
});
