/** What the page says of a partition. */
import { expect, test } from "bun:test";
import type { PartitionFrame } from "@tally/shared";
import { fakePartition } from "../../testing/fake_frame.ts";
import { statesOf } from "./partition_states.ts";

const words = (changes: Partial<PartitionFrame>) =>
  statesOf(fakePartition(0, changes)).map((state) => state.words);

test("statesOf() says that a partition runs when it has an owner and no delay", () => {
  expect(words({ owner: "a:1" })).toEqual(["Runs."]);
  // A processor of an older version leaves the owner out.
  expect(words({})).toEqual(["Runs."]);
  expect(words({ stored: null })).toEqual(["Not known."]);
});

test("statesOf() does not say that a partition runs when no processor holds it", () => {
  expect(words({ owner: null })).toEqual([
    "No processor says that it holds it: without one its records wait.",
  ]);
  expect(words({ owner: null, stored: null })).toEqual(["Not known."]);
});

test("statesOf() says how many records wait and how long when rows or lines are late", () => {
  expect(words({ owner: "a:1", lag: 1200, lagSeconds: 90, archiveLagSeconds: 300 })).toEqual([
    "Lags: 1,200 records not stored, the oldest for 1 min 30 s.",
    "Its archive is late: the oldest row waits for 5 min.",
  ]);
});

test("statesOf() names the command that helps when an operator must decide", () => {
  expect(statesOf(fakePartition(0, { stopped: "offset_gap", lostRecords: 3 }))).toEqual([
    { words: "Stopped: offset_gap.", command: "bun run positions explain" },
    {
      words: "3 records lost: Kafka deleted them before they were read.",
      command: "bun run positions acknowledge",
    },
  ]);
});
