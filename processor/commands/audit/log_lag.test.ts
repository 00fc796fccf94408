/** What an audit says of partitions that no sink reads; no broker. */
import { expect, test } from "bun:test";
import type { PartitionPositions } from "./audited_positions.ts";
import { askEach } from "./log_lag.ts";

const position = (partition: number): PartitionPositions => ({
  log: 7,
  topic: "events",
  topicId: "id",
  partition,
  rows: null,
  archive: null,
});

/** A topic of four partitions; that of 3 has no leader. */
const admin = (topicId = "id") => ({
  describeTopic: () => Promise.resolve({ topicId, partitions: 4 }),
  watermarks: (_: string, partitions: readonly number[]) =>
    Promise.resolve(
      new Map(
        partitions.filter((each) => each !== 3).map((each) => [each, { low: 5n, high: 25n }]),
      ),
    ),
});

test("askEach() notes each partition that no sink has begun to read, with what waits in it", async () => {
  const reach = await askEach(admin(), [position(0), position(1)], true);

  expect([...reach.watermarks.keys()]).toEqual(["7/0", "7/1", "7/2"]);
  expect(reach.notes).toEqual([
    "Partition 2 of events: no sink has begun to read it; 20 records wait",
    "Partition 3 of events: no sink has begun to read it; an unknown number of records wait",
  ]);
});

test("askEach() notes none when all are read, or when only some were asked for", async () => {
  const all = await askEach(admin(), [0, 1, 2, 3].map(position), true);
  const some = await askEach(admin(), [position(1)], false);

  expect([...all.notes, ...some.notes]).toEqual([]);
});

test("askEach() notes a log whose topic was replaced", async () => {
  const reach = await askEach(admin("another"), [position(0)], true);

  expect(reach.watermarks.size).toBe(0);
  expect(reach.notes).toEqual([
    'Log 7 is a topic "events" that Kafka no longer has: its lag is unknown',
  ]);
});
