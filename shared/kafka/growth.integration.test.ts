/** Partitions that are added to a topic while its producers and consumers run. */
import { eventually } from "@tally/shared";
import { measureAwake } from "@tally/stack/testing/awake_time";
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
    const isAllRead = async () => (await round()) === 4;
    const read = await measureAwake(() => eventually(isAllRead, 4 * NOTICED_MS_MAX));

    expect(read.value).toBe(true);
    expect(read.ms).toBeLessThan(NOTICED_MS_MAX);
    for (const each of offsets.values())
      expect(each).toEqual(each.map((_, index) => BigInt(index)));
  },
  120_000,
);
