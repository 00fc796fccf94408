import { afterAll, beforeAll, describe, expect, spyOn, test } from "bun:test";
import { loadClient } from "./client.ts";
import { countMessages, LOG_END } from "./packed.ts";
import {
  consumeUntil,
  publish,
  textRecord,
  type TestKafka,
  testKafka,
} from "./testing/test_kafka.ts";
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

  test("consume() and produceBatch() get records and reports in packed form", async () => {
    const { packed } = await loadClient();
    using messages = spyOn(packed, "takeMessages");
    using reports = spyOn(packed, "takeReports");
    const topic = await kafka.newTopic(2);
    const sent = Array.from({ length: 500 }, (_, index) =>
      textRecord(`value ${index}`, `key ${index}`),
    );

    const outcomes = await publish(await kafka.producer(), topic, sent);
    const consumer = await kafka.consumer({ topic });
    let consumed = 0;
    await consumeUntil(
      consumer,
      () => consumed++,
      () => consumed >= sent.length,
    );

    // A client whose functions are no longer replaced would do the same one by one.
    expect(reports.mock.calls.length).toBeGreaterThan(0);
    const blocks = messages.mock.results.map(({ value }) => value as ArrayBuffer[]);
    const counts = blocks.map((each) => countMessages({ topic, blocks: each, others: [] }));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(sent.length);
    // No block has records of two partitions.
    const partitions = new Set(
      outcomes.map((outcome) => "partition" in outcome && outcome.partition),
    );
    expect(partitions.size).toBe(2);
    expect(blocks.every((taken) => taken.length === 1 + runsOf(taken[0]))).toBeTrue();
  });
});

/** How many runs of records of one partition the fields tell. */
function runsOf(fields: ArrayBuffer | undefined): number {
  const numbers = new Float64Array(fields ?? new ArrayBuffer(0));
  let runs = 0;
  let partition: number | undefined;
  for (let field = 0; field < numbers.length; field += 6) {
    if (numbers[field + 5] === LOG_END || numbers[field] === partition) continue;
    partition = numbers[field];
    runs++;
  }
  return runs;
}
