import { expect, test } from "bun:test";
import { ownStack } from "@tally/stack/testing";
import { connectAdmin, type Admin } from "./mod.ts";
import { isConnected, publish, testKafka, textRecord, until } from "./testing/test_kafka.ts";

const TEST_MS_MAX = 120_000;

test(
  "producer and consumer go on by themselves and lose nothing acknowledged when the broker was killed",
  async () => {
    const stack = await ownStack({ use: ["kafka"] });
    const kafka = await testKafka(stack.kafka.bootstrapServers);
    const topic = await kafka.newTopic(2);
    const acknowledged = new Set<string>();
    const consumed: string[] = [];
    const nextOffsets = new Map<number, bigint>();
    const troubles: string[] = [];
    const producer = await kafka.producer({ messageTimeoutMs: 2000 });
    const consumer = await kafka.consumer({
      topic,
      // A broker that is away longer than the session takes the partitions and gives them again.
      onAssign: async (partitions) =>
        new Map(partitions.map((each) => [each, nextOffsets.get(each) ?? 0n])),
      onError: ({ code }) => troubles.push(code),
    });
    let isOver = false;
    const consuming = (async () => {
      while (!isOver)
        for (const { value, partition, offset } of await consumer.consume(100)) {
          consumed.push(`${value}`);
          nextOffsets.set(partition, offset + 1n);
        }
    })();
    let batches = 0;
    const publishBatch = async (): Promise<boolean> => {
      const texts = Array.from({ length: 50 }, (_, index) => `${batches} ${index}`);
      batches++;
      const outcomes = await publish(
        producer,
        topic,
        texts.map((text) => textRecord(text, text)),
      );
      for (const [index, text] of texts.entries()) {
        if (!(outcomes[index] instanceof Error)) acknowledged.add(text);
      }
      return outcomes.every((outcome) => !(outcome instanceof Error));
    };

    await until(publishBatch, "nothing was acknowledged");
    await until(() => consumed.length >= 50, "the first records were not consumed");
    await stack.kafka.kill();
    const during = await publishBatch();
    const isReachable = await isConnected(producer, 500);
    await stack.kafka.start();
    await until(publishBatch, "the producer did not recover");
    await until(() => {
      const seen = new Set(consumed);
      return [...acknowledged].every((text) => seen.has(text));
    }, "acknowledged records were not consumed");
    isOver = true;
    await consuming;
    await kafka.close();
    await stack.stop();

    expect({ during, isReachable }).toEqual({ during: false, isReachable: false });
    expect(new Set(consumed).size).toBe(consumed.length);
    expect(new Set(troubles)).toEqual(new Set(["broker_unavailable"]));
  },
  TEST_MS_MAX,
);

type Request = (admin: Admin, topic: string, timeoutMs: number) => Promise<unknown>;
const REQUESTS: readonly [name: string, request: Request][] = [
  ["watermarks()", (admin, topic, timeoutMs) => admin.watermarks(topic, [0, 1], timeoutMs)],
  ["describeTopic()", (admin, topic, timeoutMs) => admin.describeTopic(topic, timeoutMs)],
  ["growTopic()", (admin, topic, timeoutMs) => admin.growTopic(topic, 3, timeoutMs)],
  ["deleteTopics()", (admin, topic, timeoutMs) => admin.deleteTopics([topic], timeoutMs)],
];

test.each(REQUESTS)(
  "%s waits without using the processor while the broker is away",
  async (_name, request) => {
    const stack = await ownStack({ use: ["kafka"] });
    const kafka = await testKafka(stack.kafka.bootstrapServers);
    const topic = await kafka.newTopic(2);
    const admin = await connectAdmin({ bootstrapServers: stack.kafka.bootstrapServers });
    // Only a client that has known the leader can miss it.
    await until(async () => (await admin.watermarks(topic, [0, 1])).size === 2, "no leaders");
    await stack.kafka.stop();

    const [usageBefore, startedMs] = [process.cpuUsage(), performance.now()];
    const outcome = await request(admin, topic, 4000).catch((error: unknown) => error);
    const usage = process.cpuUsage(usageBefore);
    const cpuMs = (usage.user + usage.system) / 1000;
    const elapsedMs = performance.now() - startedMs;
    await stack.kafka.start();
    await admin.disconnect();
    await kafka.close();
    await stack.stop();

    expect(outcome).toMatchObject({ code: "broker_unavailable" });
    expect(cpuMs).toBeLessThan(elapsedMs / 2);
  },
  TEST_MS_MAX,
);
