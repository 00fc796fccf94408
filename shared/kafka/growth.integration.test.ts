/** Partitions that are added to a topic while its producers and consumers run. */
import { eventually } from "@tally/shared";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { publish, testKafka, textRecord, type TestKafka } from "./testing/test_kafka.ts";

let kafka: TestKafka;
beforeAll(async () => {
  kafka = await testKafka();
});
afterAll(() => kafka.close());

const NOTICED_MS_MAX = 10_000;
const KEYS = 50;

test.each(["classic", "consumer"] as const)(
  "a producer writes into added partitions, and a %s group reads them from the first record, in 10 s",
  async (groupProtocol) => {
    const topic = await kafka.newTopic(2);
    const producer = await kafka.producer();
    const consumer = await kafka.consumer({ topic, groupProtocol });
    const offsets = new Map<number, bigint[]>();
    const round = async (): Promise<number> => {
      const records = Array.from({ length: KEYS }, (_, key) => textRecord("grown", `key-${key}`));
      await publish(producer, topic, records);
      for (const { partition, offset } of await consumer.consume(1000))
        offsets.set(partition, [...(offsets.get(partition) ?? []), offset]);
      return offsets.size;
    };
    await eventually(async () => (await round()) === 2, NOTICED_MS_MAX);

    await kafka.admin.growTopic(topic, 4);
    const startedMs = performance.now();
    const isRead = await eventually(async () => (await round()) === 4, 2 * NOTICED_MS_MAX);
    const noticedMs = performance.now() - startedMs;

    expect(isRead).toBe(true);
    expect(noticedMs).toBeLessThan(NOTICED_MS_MAX);
    for (const read of offsets.values())
      expect(read).toEqual(read.map((_, index) => BigInt(index)));
  },
  60_000,
);
