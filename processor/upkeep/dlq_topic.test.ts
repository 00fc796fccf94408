import { describe, expect, test } from "bun:test";
import type { Log } from "@tally/shared";
import type { TopicState } from "@tally/shared/kafka";
import { createDlqTopic, watchDlqTopic } from "./dlq_topic.ts";

const MISSING: TopicState = { kind: "known", partitions: [] };
const THERE: TopicState = { kind: "known", partitions: [{ leader: 1, inSync: 1, replicas: 1 }] };
const AWAY: TopicState = { kind: "unreachable" };

/** A topic that is seen in one state after the other, and what is logged about it. */
function watched(states: readonly TopicState[]) {
  const lines: string[] = [];
  const left = [...states];
  const write = (level: string) => (fields: object, text: string) => {
    lines.push(`${level} ${text} ${JSON.stringify(fields)}`);
  };
  const log = { info: write("info"), error: write("error") } as unknown as Log;
  const producer = { readTopic: () => Promise.resolve(left.shift() ?? AWAY) };
  return { lines, log, topic: createDlqTopic({ producer, log, kafka: { dlqTopic: "x.DLQ" } }) };
}

describe("createDlqTopic()", () => {
  test("look() names a missing topic once, and forgets it when the topic is there", async () => {
    const { lines, topic } = watched([MISSING, MISSING, AWAY, THERE, THERE, MISSING]);
    const remedies: (string | null)[] = [];
    for (let looks = 0; looks < 6; looks++) {
      await topic.look();
      remedies.push(topic.remedy());
    }

    const create = expect.stringContaining("Create the topic x.DLQ, or set KAFKA_DLQ_TOPIC");
    expect(remedies).toEqual([create, create, create, null, null, create]);
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["error", "info", "error"]);
    expect(lines[0]).toContain('"topic":"x.DLQ"');
  });

  test("look() says nothing of a topic that is there from the start, or while Kafka is away", async () => {
    const { lines, topic } = watched([AWAY, THERE]);
    await topic.look();
    await topic.look();

    expect(topic.remedy()).toBeNull();
    expect(lines).toEqual([]);
  });
});

test("watchDlqTopic() looks when it starts, without an interval before", async () => {
  const { lines, log, topic } = watched([MISSING]);
  const options = { backoffMsMax: 100, random: () => 0.5, isReady: () => true, log };
  const task = watchDlqTopic(topic, options);
  await task.stop();

  expect(lines).toHaveLength(1);
});
