import { expect, test } from "bun:test";
import { errorCode } from "@tally/shared";
import { topicReader } from "./topic.ts";

/** A topic in a cluster whose brokers learn of new partitions one after the other. */
function cluster() {
  const state = {
    description: { topicId: "id", partitions: 6 } as object | null,
    asked: [] as number[],
  };
  const admin = {
    describeTopic: async () => state.description as { topicId: string; partitions: number } | null,
    watermarks: async (_: string, partitions: readonly number[]) => {
      state.asked.push(partitions.length);
      return new Map(partitions.map((partition) => [partition, { low: 0n, high: 9n }]));
    },
    isReachable: async () => true,
    disconnect: async () => undefined,
  };
  return { state, reader: topicReader(admin, "events") };
}

test("look() reads the watermarks of every partition that was ever seen, also of new ones", async () => {
  const { state, reader } = cluster();

  for (const partitions of [6, 12, 6]) {
    state.description = { topicId: "id", partitions };
    await reader.look();
  }
  state.description = { topicId: "created again", partitions: 3 };
  const again = await reader.look();

  expect(state.asked).toEqual([6, 12, 12, 3]);
  expect(again).toMatchObject({ topicId: "created again", partitions: 3 });
});

test("look() rejects when the topic does not exist (any more)", async () => {
  const { state, reader } = cluster();
  state.description = null;

  const error = await reader.look().catch((cause: unknown) => cause);

  expect(errorCode(error)).toBe("broker_misconfigured");
});
