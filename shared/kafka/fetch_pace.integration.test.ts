/** A consumer over a real broker changes what its fetches ask for, and goes on as before. */
import { afterAll, beforeAll, expect, spyOn, test } from "bun:test";
import { loadClient } from "./client.ts";
import { BUSY_PER_SECOND } from "./fetch_pace.ts";
import type { Producer } from "./mod.ts";
import { numberOf, publishNumbers, range } from "./testing/numbered_records.ts";
import { consumeUntil, type TestKafka, testKafka } from "./testing/test_kafka.ts";

let kafka: TestKafka;
let producer: Producer;
beforeAll(async () => {
  kafka = await testKafka();
  producer = await kafka.producer();
});
afterAll(() => kafka.close());

test("consume() lets the broker collect while many records arrive, and no longer when few do", async () => {
  const { packed } = await loadClient();
  using paced = spyOn(packed, "paceFetches");
  const topic = await kafka.newTopic(1);
  const fetch = { waitMs: 50, bytesMin: 1 };
  const consumer = await kafka.consumer({
    topic,
    fetch,
    busyFetch: { waitMs: 20, bytesMin: 4096 },
  });
  const numbers: number[] = [];
  const take = (isEnough: () => boolean) =>
    consumeUntil(consumer, (record) => numbers.push(numberOf(record)), isEnough);
  const paces = () => paced.mock.calls.map(([, waitMs, bytesMin]) => [waitMs, bytesMin]);

  let published = 0;
  while (paces().length === 0) {
    await publishNumbers({ producer, topic }, published, published + BUSY_PER_SECOND.from);
    published += BUSY_PER_SECOND.from;
    await take(() => numbers.length >= published);
  }
  // One record at a time: the rate of the next window is small.
  while (paces().length === 1) {
    await publishNumbers({ producer, topic }, published, published + 1);
    published += 1;
    await take(() => numbers.length >= published);
  }

  expect(paces()).toEqual([
    [20, 4096],
    [50, 1],
  ]);
  expect(numbers).toEqual(range(0, published));
}, 60_000);
