import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { consumeUntil, publish, type TestKafka, testKafka } from "./fixtures/test_kafka.ts";
import type { ConsumedRecord } from "./mod.ts";

let kafka: TestKafka;
beforeAll(async () => {
  kafka = await testKafka();
});
afterAll(() => kafka.close());

describe("consume()", () => {
  test("consume() gives bytes of every size in order, with and without headers", async () => {
    const topic = await kafka.newTopic(1);
    const records = Array.from({ length: 300 }, (_, index) => ({
      key: index % 5 === 0 ? null : `key ${index}`,
      // Around the size of a packed block, too.
      value: index % 11 === 0 ? null : Buffer.alloc((index * 701) % 140_000, String(index)),
      timestampMs: 1_760_000_000_000 + index,
      ...(index % 7 === 0 && { headers: [{ key: "index", value: Buffer.from(String(index)) }] }),
    }));
    await publish(await kafka.producer(), topic, records);
    const consumer = await kafka.consumer({ topic });
    const consumed: ConsumedRecord[] = [];

    await consumeUntil(
      consumer,
      (record) => consumed.push(record),
      () => consumed.length >= records.length,
    );

    expect(consumed.map(({ key }) => key?.toString() ?? null)).toEqual(
      records.map(({ key }) => key),
    );
    for (const [index, { value }] of consumed.entries()) {
      expect(value === null ? null : Bun.hash(value)).toEqual(
        records[index]?.value ? Bun.hash(records[index].value) : null,
      );
    }
    expect(consumed.map(({ headers }) => headers.length)).toEqual(
      records.map(({ headers = [] }) => headers.length),
    );
    expect(consumed.map(({ timestampMs }) => timestampMs)).toEqual(
      records.map(({ timestampMs }) => timestampMs),
    );
  });
});
