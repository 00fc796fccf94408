import { describe, expect, test } from "bun:test";
import { explain } from "./explain.ts";
import type { PositionFacts } from "./facts.ts";
import { explainPositions } from "./report.ts";
import { showTable } from "./table.ts";

const RUNS: PositionFacts = {
  sink: "postgres",
  logNumber: 1,
  topic: "events",
  isCurrent: true,
  partition: 2,
  nextOffset: 100n,
  plannedTo: 100n,
  lastReceivedAt: "2026-01-31T07:00:00.000Z",
  stopped: null,
  watermarks: { low: 0n, high: 130n },
  gapOffsets: 0n,
  lostOffsets: 0n,
  wayBack: null,
};
const HASH = "log_replaced: the record at offset 99 is not the one that was written";
const SHORT = "log_replaced: the position is 100, the log ends at 80";

function explained(changes: Partial<PositionFacts>): string {
  return JSON.stringify(explain({ ...RUNS, ...changes }));
}

describe("explain()", () => {
  test("explain() returns nothing for a position that runs", () => {
    expect(explain(RUNS)).toEqual([]);
  });

  test.each<[string, Partial<PositionFacts>, string[]]>([
    ["a hash that differs", { stopped: HASH }, ["record before offset 100", "--accept-log"]],
    [
      "a log that is shorter than the position",
      {
        stopped: SHORT,
        watermarks: { low: 0n, high: 80n },
        wayBack: { kind: "rewind", from: 100n, to: 75n, ranges: 0, stopped: SHORT },
      },
      ["offsets 80 to 99", "rewind --sink postgres --partition 2 --to 75"],
    ],
    [
      "a log that is shorter than the position, where a rewind would be refused",
      {
        stopped: SHORT,
        watermarks: { low: 0n, high: 80n },
        wayBack: { kind: "refused", reason: "Duplicates were cleaned up." },
      },
      ["a rewind is not possible now. Duplicates were cleaned up."],
    ],
    [
      "an object with other lines",
      { sink: "archive" as const, stopped: "archive_conflict: Cannot create object" },
      ["Nothing was overwritten", "resume --sink archive --partition 2"],
    ],
    ["a stop of another kind", { stopped: "another reason" }, ["for the reason shown"]],
    ["a log that is gone", { isCurrent: false, watermarks: null }, ["nothing reads this log"]],
    [
      "records that were removed before they were read",
      { watermarks: { low: 120n, high: 130n } },
      ["offsets 100 to 119", "retention.ms"],
    ],
    [
      "records that are restored from the rows",
      { sink: "archive" as const, watermarks: { low: 120n, high: 130n } },
      ["made from the rows"],
    ],
    ["gaps", { gapOffsets: 31n }, ["31 offsets have no record", "Nothing is wrong"]],
    [
      "a loss that no operator has acknowledged",
      { lostOffsets: 24_000n },
      ["deleted 24000 records", "positions acknowledge --partition 2"],
    ],
  ])("explain() reports what can be done about %s", (_, changes, texts) => {
    const text = explained(changes);

    for (const each of texts) expect(text).toContain(each);
  });
});

describe("explainPositions()", () => {
  test("explainPositions() keeps to the width and counts the positions that run normally", () => {
    const text = explainPositions([RUNS, { ...RUNS, partition: 3, stopped: HASH }]);

    expect(text).toContain('Log 1, topic "events" (the current topic), postgres, partition 3');
    expect(text).toEndWith("1 of 2 positions run normally.\n");
    // A title holds a reason and may be longer.
    const lines = text.split("\n").filter((line) => line.startsWith(" "));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

describe("showTable()", () => {
  test("showTable() shows one table per log, unknown as -, and lag never below 0", () => {
    const text = showTable([
      RUNS,
      { ...RUNS, partition: 3, watermarks: { low: 0n, high: 80n }, stopped: SHORT },
      { ...RUNS, logNumber: 2, isCurrent: false, watermarks: null, lastReceivedAt: null },
    ]);

    expect(text).toBe(`Log 1, topic "events" (the current topic)

  sink      partition  position  planned to  log start  high watermark  lag  last received             state
  postgres          2       100         100          0             130   30  2026-01-31T07:00:00.000Z  runs
  postgres          3       100         100          0              80    0  2026-01-31T07:00:00.000Z  stopped: ${SHORT}

Log 2, topic "events" (not the current topic)

  sink      partition  position  planned to  log start  high watermark  lag  last received  state
  postgres          2       100         100          -               -    -  -              log is not the current topic

position is the next offset to write; planned to is where the archive objects end that are planned
and not stored yet. Without one of those, and for rows, it is the position.
`);
  });

  test("showTable() reports when nothing was written, and when Kafka does not answer", () => {
    expect(showTable([])).toContain("no positions yet");
    expect(showTable([{ ...RUNS, isCurrent: null, watermarks: null }])).toEndWith(
      "\nKafka does not answer: columns that depend on it show -.\n",
    );
  });
});
