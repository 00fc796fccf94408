import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { publish, type TestKafka, testKafka, textRecord, until } from "./testing/test_kafka.ts";
import { connectAdmin } from "./mod.ts";

let kafka: TestKafka;
beforeAll(async () => {
  kafka = await testKafka();
});
afterAll(() => kafka.close());

describe("createTopics()", () => {
  test("createTopics() makes the topic as stated and leaves one that exists as it is", async () => {
    const topic = await kafka.newTopic(3);
    const before = await kafka.admin.describeTopic(topic);

    const again = { topic, partitions: 5, replicationFactor: 1, config: {} };
    await kafka.admin.createTopics([again]);

    expect(before?.partitions).toBe(3);
    expect(await kafka.admin.describeTopic(topic)).toEqual(before);
  });

  test("createTopics() rejects with the reason when the settings make no sense", async () => {
    const settings = {
      topic: "never-made",
      partitions: 1,
      replicationFactor: 1,
      config: { "retention.ms": "soon" },
    };

    const error = await kafka.admin.createTopics([settings]).catch((cause: unknown) => cause);

    expect(error).toHaveProperty("message", expect.stringContaining('"never-made"'));
    expect(await kafka.admin.describeTopic("never-made")).toBeNull();
  });
});

describe("describeTopic()", () => {
  test("describeTopic() gives another id when the topic was deleted and made again", async () => {
    const topic = await kafka.newTopic(1);
    // A broker may learn of a new topic a moment after it was made.
    await until(async () => (await kafka.admin.describeTopic(topic)) !== null, "it is not there");
    const first = await kafka.admin.describeTopic(topic);

    await kafka.admin.deleteTopics([topic, "never-there"]);
    await until(async () => (await kafka.admin.describeTopic(topic)) === null, "it is still there");
    const settings = { topic, partitions: 1, replicationFactor: 1, config: {} };
    await until(async () => {
      await kafka.admin.createTopics([settings]);
      return (await kafka.admin.describeTopic(topic)) !== null;
    }, "it was not made again");
    const second = await kafka.admin.describeTopic(topic);

    expect(first?.topicId).toMatch(/^[\w+/-]{22}$/);
    expect(second?.topicId).not.toBe(first?.topicId);
  });
});

describe("watermarks()", () => {
  test("watermarks() reads each partition's first and next offset", async () => {
    const topic = await kafka.newTopic(2);
    const producer = await kafka.producer();
    const outcomes = await publish(
      producer,
      topic,
      [1, 2, 3].map((n) => textRecord(`${n}`, "key")),
    );

    const marks = await kafka.admin.watermarks(topic, [0, 1]);

    const [outcome] = outcomes;
    const partition = outcome !== undefined && "partition" in outcome ? outcome.partition : -1;
    expect(marks.get(partition)).toEqual({ low: 0n, high: 3n });
    expect(marks.get(1 - partition)).toEqual({ low: 0n, high: 0n });
  });
});

describe("connectAdmin()", () => {
  test("connectAdmin() works without a broker and its methods report that", async () => {
    const admin = await connectAdmin({ bootstrapServers: "127.0.0.1:1" });

    const isReachable = await admin.isReachable(300);
    const error = await admin.describeTopic("any", 300).catch((cause: unknown) => cause);
    await admin.disconnect();

    expect(isReachable).toBe(false);
    expect(error).toHaveProperty("code", "broker_unavailable");
    expect(await kafka.admin.isReachable(5000)).toBe(true);
  });
});
