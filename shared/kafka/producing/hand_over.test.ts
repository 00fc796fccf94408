import { describe, expect, test } from "bun:test";
import { eventually } from "../../wait.ts";
import { HandOver } from "./hand_over.ts";
import type { NumberedRecord } from "./record_packer.ts";

function records(count: number, firstSlot = 0): NumberedRecord[] {
  const record = { key: null, value: null, timestampMs: 0 };
  return Array.from({ length: count }, (_, index) => ({
    topic: "events",
    record,
    slot: firstSlot + index,
  }));
}

/** A client whose reports the test gives; `handed` holds the slots of each hand-over. */
function setUp() {
  const handed: number[][] = [];
  let unreported = 0;
  const handOver = new HandOver({
    unreported: () => unreported,
    hand: (numbered) => handed.push(numbered.map(({ slot }) => slot)),
  });
  return {
    handed,
    handOver,
    gather(numbered: NumberedRecord[]) {
      unreported += numbered.length;
      handOver.gather(numbered);
    },
    report(count: number) {
      unreported -= count;
      handOver.noteReports();
    },
  };
}

const endOfTurn = () => new Promise((resolve) => setImmediate(resolve));

describe("HandOver", () => {
  test("gather() hands over at the end of the turn when nothing waits for a report", async () => {
    const { handed, gather } = setUp();

    gather(records(1));
    gather(records(2, 1));
    const before = handed.length;
    await endOfTurn();

    expect(before).toBe(0);
    expect(handed).toEqual([[0, 1, 2]]);
  });

  test("gather() waits for the reports of all before, and then hands over together", async () => {
    const { handed, gather, report } = setUp();
    gather(records(2));
    await endOfTurn();

    gather(records(1, 2));
    gather(records(1, 3));
    report(1);
    await endOfTurn();
    const meanwhile = handed.length;
    report(1);
    await endOfTurn();

    expect(meanwhile).toBe(1);
    expect(handed).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  test("gather() hands over after a few milliseconds when no reports come", async () => {
    const { handed, gather } = setUp();
    gather(records(1));
    await endOfTurn();

    gather(records(1, 1));

    expect(await eventually(() => handed.length === 2, 10_000)).toBe(true);
    expect(handed).toEqual([[0], [1]]);
  });

  test("gather() hands over without waiting when there are many records", async () => {
    const { handed, gather } = setUp();
    gather(records(1));
    await endOfTurn();

    gather(records(255, 1));
    await endOfTurn();
    const meanwhile = handed.length;
    gather(records(1, 256));
    await endOfTurn();

    expect(meanwhile).toBe(1);
    expect(handed.map((slots) => slots.length)).toEqual([1, 256]);
  });

  test("drop() forgets what is gathered", async () => {
    const { handed, handOver, gather } = setUp();

    gather(records(1));
    handOver.drop();
    await endOfTurn();

    expect(handed).toEqual([]);
  });
});
