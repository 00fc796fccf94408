import { PipelineError } from "@tally/shared";
import { describe, expect, test } from "bun:test";
import { PartitionStates, RETRY_MS, STALL_MS, type Parcel } from "./partition_states.ts";
import { HEALTHY } from "../testing/fake_producer.ts";

const WINDOW = { bytesStart: 1000, bytesMin: 100, bytesMax: 1_000_000, deliveryMs: 2500 };
const STORED = { partition: 0, offset: 0n };
const FAILED = new PipelineError("broker_unavailable", "Cannot publish: timed out");

/** Partitions 0 and 1 with leader 1, partition 2 with leader 2. */
function threePartitions() {
  const partitions = new PartitionStates(WINDOW);
  partitions.update([HEALTHY, HEALTHY, { ...HEALTHY, leader: 2 }], 0);
  return partitions;
}

const parcel = (partition: number, bytes = 10): Parcel => ({
  partition,
  bytes,
  records: 1,
  onStuck: null,
});

const verdicts = (partitions: PartitionStates, nowMs: number) =>
  [0, 1, 2].map((partition) => {
    const probe = parcel(partition);
    const verdict = partitions.admit([probe], nowMs);
    // Takes it back without an effect on the state.
    if (verdict === "admitted")
      partitions.settle(probe, new PipelineError("overloaded", "x"), nowMs);
    return verdict;
  });

describe("PartitionStates", () => {
  test("admit() refuses only the partition that has no leader", () => {
    const partitions = threePartitions();

    partitions.update([HEALTHY, { ...HEALTHY, leader: -1 }, HEALTHY], 0);

    expect(verdicts(partitions, 0)).toEqual(["admitted", "stuck", "admitted"]);
    expect([partitions.storable, partitions.stuck().withoutLeader]).toEqual([2, [1]]);
  });

  test("admit() refuses every parcel of a request when one of them is stuck", () => {
    const partitions = threePartitions();
    partitions.setLeader(2, false);
    partitions.setLeader(2, false);

    expect(partitions.admit([parcel(0), parcel(2)], 0)).toBe("stuck");
    expect(partitions.admit([parcel(0, WINDOW.bytesStart)], 0)).toBe("admitted");
  });

  test("admit() refuses the partitions of a leader that does not answer until it does", () => {
    const partitions = threePartitions();

    partitions.setLeader(1, false);
    const once = verdicts(partitions, 0);
    partitions.setLeader(1, false);
    const twice = verdicts(partitions, 0);
    partitions.setLeader(1, true);

    expect(once).toEqual(["admitted", "admitted", "admitted"]);
    expect(twice).toEqual(["stuck", "stuck", "admitted"]);
    expect(verdicts(partitions, 0)).toEqual(["admitted", "admitted", "admitted"]);
  });

  test("admit() refuses the partitions of a leader at once when no connection to it can be made", () => {
    const partitions = threePartitions();
    const stored = parcel(0);
    partitions.admit([stored], 5000);
    partitions.settle(stored, STORED, 5000);

    partitions.loseLeader(1);

    expect(verdicts(partitions, 5001)).toEqual(["stuck", "stuck", "admitted"]);
    expect(partitions.quietLeaders(4000).has(1)).toBe(true);
  });

  test("admit() gives full when the window of a partition is taken", () => {
    const partitions = threePartitions();
    partitions.admit([parcel(0, 900)], 0);

    expect(partitions.admit([parcel(0, 200)], 0)).toBe("full");
    expect(partitions.admit([parcel(1, 200)], 0)).toBe("admitted");
  });

  test("check() finds a leader that acknowledges nothing, and answers for those who wait", () => {
    const partitions = threePartitions();
    const waiting = parcel(0);
    let answers = 0;
    partitions.admit([waiting], 0);
    waiting.onStuck = () => answers++;

    partitions.check(STALL_MS);
    const before = verdicts(partitions, STALL_MS);
    partitions.check(STALL_MS + 1);
    partitions.check(STALL_MS + 2);

    expect(before).toEqual(["admitted", "admitted", "admitted"]);
    expect(verdicts(partitions, STALL_MS + 2)).toEqual(["stuck", "admitted", "admitted"]);
    expect(answers).toBe(1);
    partitions.settle(waiting, STORED, STALL_MS + 3);
    expect(verdicts(partitions, STALL_MS + 3)).toEqual(["admitted", "admitted", "admitted"]);
  });

  test("check() takes no partition for stalled while others of its leader are served", () => {
    const partitions = threePartitions();
    partitions.admit([parcel(0)], 0);
    const other = parcel(1);
    partitions.admit([other], 0);

    partitions.settle(other, STORED, STALL_MS);
    partitions.check(STALL_MS + 1);

    expect(verdicts(partitions, STALL_MS + 1)).toEqual(["admitted", "admitted", "admitted"]);
  });

  test("check() finds a partition with a replica missing although its leader serves others", () => {
    const partitions = threePartitions();
    partitions.update([{ ...HEALTHY, inSync: 1 }, HEALTHY, HEALTHY], 0);
    partitions.admit([parcel(0)], 0);
    const other = parcel(1);
    partitions.admit([other], 0);

    partitions.settle(other, STORED, STALL_MS);
    partitions.check(STALL_MS + 1);

    expect(verdicts(partitions, STALL_MS + 1)).toEqual(["stuck", "admitted", "admitted"]);
    expect(partitions.stuck().unacknowledged).toEqual([0]);
  });

  test("admit() lets one request try a partition that failed, then waits before the next", () => {
    const partitions = threePartitions();
    const failed = parcel(0);
    partitions.admit([failed], 0);
    partitions.settle(failed, FAILED, 10_000);

    expect(partitions.storable).toBe(2);
    expect(partitions.admit([parcel(0)], 10_000)).toBe("stuck");
    const tryAgain = parcel(0);
    expect(partitions.admit([tryAgain], 12_000)).toBe("admitted");
    expect(partitions.admit([parcel(0)], 12_001)).toBe("stuck");
    expect(partitions.admit([parcel(0)], 12_000 + RETRY_MS)).toBe("admitted");
    partitions.settle(tryAgain, STORED, 15_000);
    expect(partitions.storable).toBe(3);
  });

  test("update() lets a failed partition be tried at once when it has another leader", () => {
    const partitions = threePartitions();
    const failed = parcel(0);
    partitions.admit([failed], 0);
    partitions.settle(failed, FAILED, 10_000);

    partitions.update([{ ...HEALTHY, leader: 3 }, HEALTHY, HEALTHY], 10_100);

    expect(partitions.admit([parcel(0)], 10_100)).toBe("admitted");
  });

  test("update() takes partitions that were added, and starts over when there are fewer", () => {
    const partitions = threePartitions();

    partitions.update(Array(12).fill(HEALTHY), 0);
    expect([partitions.count, partitions.admit([parcel(11)], 0)]).toEqual([12, "admitted"]);
    partitions.update([HEALTHY], 0);

    expect([partitions.count, partitions.admit([parcel(11)], 0)]).toEqual([1, "stuck"]);
  });

  test("quietLeaders() gives a leader only when none of its partitions stored a record lately", () => {
    const partitions = threePartitions();
    const stored = parcel(1);
    partitions.admit([stored], 0);
    partitions.settle(stored, STORED, 5000);

    expect([...partitions.quietLeaders(4000)]).toEqual([[2, 2]]);
    expect([...partitions.quietLeaders(6000).keys()]).toEqual([1, 2]);
  });
});
