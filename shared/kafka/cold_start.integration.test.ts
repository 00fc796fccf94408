/** A producer that is there before its broker. */
import { expect, onTestFinished, test } from "bun:test";
import { withinTime } from "@tally/shared";
import { ownStack } from "@tally/stack/testing";
import { isConnected, publish, testKafka, textRecord, until } from "./testing/test_kafka.ts";

const MESSAGE_MS_MAX = 5000;
/** A record that no broker takes is answered by then. */
const ANSWER_MS_MAX = 3 * MESSAGE_MS_MAX;
const TEST_MS_MAX = 110_000;

test(
  "connectProducer() makes a producer that stores records when its broker comes later",
  async () => {
    const stack = await ownStack({ use: ["kafka"] });
    onTestFinished(() => stack.stop());
    const kafka = await testKafka(stack.kafka.bootstrapServers);
    const topic = await kafka.newTopic(2);
    await stack.kafka.stop();
    const producer = await kafka.producer({ messageTimeoutMs: MESSAGE_MS_MAX });
    await stack.kafka.start();
    await until(() => isConnected(producer, 500), "not connected");

    const outcome = await withinTime(
      publish(producer, topic, [textRecord("a", "a")]),
      ANSWER_MS_MAX,
    );

    await kafka.close();
    expect(outcome).toMatchObject([{ offset: 0n }]);
  },
  TEST_MS_MAX,
);
