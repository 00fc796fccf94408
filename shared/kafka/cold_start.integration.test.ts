/** A producer that is there before its broker. */
import { expect, test } from "bun:test";
import { ownStack } from "@tally/stack/testing";
import { connectProducer, type Producer } from "./mod.ts";
import { isConnected, publish, testKafka, textRecord, until } from "./testing/test_kafka.ts";

test("connectProducer() makes a producer that stores records when its broker comes later", async () => {
  const stack = await ownStack({ use: ["kafka"] });
  const kafka = await testKafka(stack.kafka.bootstrapServers);
  const topic = await kafka.newTopic(2);
  await stack.kafka.stop();
  const producer: Producer = await connectProducer(
    { bootstrapServers: stack.kafka.bootstrapServers },
    {
      lingerMs: 1,
      messageTimeoutMs: 5000,
      queueRecordsMax: 1000,
      queueBytesMax: 1_000_000,
      compression: "none",
      connectTimeoutMs: 2000,
    },
  );
  await stack.kafka.start();
  await until(() => isConnected(producer, 500), "not connected");
  const outcome = await Promise.race([
    publish(producer, topic, [textRecord("a", "a")]),
    Bun.sleep(15_000).then(() => "no answer in 15 s, message.timeout.ms is 5 s"),
  ]);
  await producer.disconnect(500);
  await kafka.close();
  await stack.stop();
  expect(outcome).toMatchObject([{ offset: 0n }]);
}, 110_000);
