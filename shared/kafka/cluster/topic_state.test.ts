import { describe, expect, test } from "bun:test";
import type { NativeProducer } from "../client.ts";
import { reachesLeader, readTopicState } from "./topic_state.ts";

type Done = (error: unknown, answer?: unknown) => void;

const client = (parts: object) => parts as unknown as NativeProducer;

describe("readTopicState()", () => {
  test("readTopicState() gives the partitions in order, and names the topic that it asks for", async () => {
    const asked: unknown[] = [];
    const topics = [
      {
        name: "events",
        partitions: [
          { id: 1, leader: -1, isrs: [2], replicas: [1, 2, 3] },
          { id: 0, leader: 1, isrs: [1, 2, 3], replicas: [1, 2, 3] },
        ],
      },
    ];
    const getMetadata = (options: unknown, done: Done): void => {
      asked.push(options);
      done(null, { topics });
    };

    const state = await readTopicState(client({ getMetadata }), "events", 100);

    expect(state).toEqual({
      kind: "known",
      partitions: [
        { leader: 1, inSync: 3, replicas: 3 },
        { leader: -1, inSync: 1, replicas: 3 },
      ],
    });
    // Without the name librdkafka would permit that the broker creates a topic.
    expect(asked).toEqual([{ topic: "events", allTopics: false, timeout: 100 }]);
  });

  test("readTopicState() gives no partitions when there is no such topic", async () => {
    const getMetadata = (_: unknown, done: Done): void => done(null, { topics: [] });

    expect(await readTopicState(client({ getMetadata }), "events", 100)).toEqual({
      kind: "known",
      partitions: [],
    });
  });

  test("readTopicState() is unreachable when no broker answers", async () => {
    const getMetadata = (_: unknown, done: Done): void => done({ code: -185 });

    expect(await readTopicState(client({ getMetadata }), "events", 100)).toEqual({
      kind: "unreachable",
    });
  });
});

describe("reachesLeader()", () => {
  test.each([
    [null, true],
    [{ code: 78, message: "Broker: Offset not available" }, true],
    [{ code: -185, message: "Local: Timed out" }, false],
    [{ code: -195, message: "Local: Broker transport failure" }, false],
  ])("reachesLeader() judges %p as %p", async (error, isReached) => {
    const queryWatermarkOffsets = (...[, , , done]: [string, number, number, Done]): void =>
      done(error);

    expect(
      await reachesLeader(
        client({ queryWatermarkOffsets }),
        { topic: "events", partition: 0 },
        100,
      ),
    ).toBe(isReached);
  });
});
