/** When lag raises the alarm, and what is logged. */
import type { Log, PartitionFrame } from "@tally/shared";
import { describe, expect, test } from "bun:test";
import {
  createRetentionAlarm,
  nearsRetention,
  type RetainedLog,
  type WaitingPlace,
} from "./retention.ts";

const HOUR_MS = 3_600_000;
const RETAINED: RetainedLog = { low: 0n, high: 1000n, retentionMs: 10 * HOUR_MS };

const UNSEEN = { keptMs: null, waitingMs: null };
const MINUTE_MS = 60_000;
/** A log that has lost its beginning; the position is in its middle. */
const DELETING: RetainedLog = { ...RETAINED, low: 100n };

function place(changes: Partial<WaitingPlace> = {}): WaitingPlace {
  return { position: 500n, lagRecords: 500, lagSeconds: 60, ages: UNSEEN, ...changes };
}

describe("nearsRetention()", () => {
  test.each([
    [
      "lag is younger than half of the retention",
      place({ lagSeconds: 5 * 3600 - 1 }),
      RETAINED,
      false,
    ],
    ["lag is as old as half of the retention", place({ lagSeconds: 5 * 3600 }), RETAINED, true],
    ["nothing lags", place({ position: 1000n, lagRecords: 0, lagSeconds: 0 }), RETAINED, false],
    ["lag is unknown", place({ lagRecords: null, lagSeconds: null }), RETAINED, false],
    ["no sink has begun to read", place({ position: null, lagSeconds: 5 * 3600 }), RETAINED, true],
    ["no sink has begun yet, a moment ago", place({ position: null }), RETAINED, false],
    [
      "the position is at the log's start and nothing was deleted yet",
      place({ position: 0n, lagRecords: 1000, lagSeconds: 3600 }),
      RETAINED,
      false,
    ],
    [
      "the position is in the last tenth of a log that has lost its beginning",
      place({ position: 1099n, lagRecords: 901, lagSeconds: 3600 }),
      { ...RETAINED, low: 1000n, high: 2000n },
      true,
    ],
    [
      "the position is above that tenth",
      place({ position: 1100n, lagRecords: 900, lagSeconds: 3600 }),
      { ...RETAINED, low: 1000n, high: 2000n },
      false,
    ],
    [
      "the log is short, and what lags came a moment ago",
      place({ position: 1000n, lagRecords: 5, lagSeconds: 2 }),
      { ...RETAINED, low: 1000n, high: 1005n },
      false,
    ],
    [
      "Kafka deletes records of two minutes, and the next one to write has one",
      place({ ages: { keptMs: 2 * MINUTE_MS, waitingMs: MINUTE_MS } }),
      DELETING,
      true,
    ],
    [
      "Kafka deletes records of two minutes, and the next one to write is younger than one",
      place({ ages: { keptMs: 2 * MINUTE_MS, waitingMs: MINUTE_MS - 1 } }),
      DELETING,
      false,
    ],
    [
      "somebody emptied the log a moment ago",
      place({ ages: { keptMs: 0, waitingMs: 1000 } }),
      DELETING,
      false,
    ],
    [
      "Kafka has deleted old records, and the next one to write is near the log's start but young",
      place({ position: 101n, ages: { keptMs: Infinity, waitingMs: 1000 } }),
      DELETING,
      false,
    ],
    [
      "Kafka deletes while a record waits near the log's start that is older than this process",
      place({ position: 101n, ages: { keptMs: Infinity, waitingMs: null } }),
      DELETING,
      true,
    ],
    ["the log's start has passed the position", place({ position: 99n }), DELETING, true],
    [
      "the log's start has passed the position of a sink without any event",
      place({ position: 900n, lagRecords: 1100, lagSeconds: null }),
      { ...RETAINED, low: 1000n, high: 2000n },
      true,
    ],
  ] as const)("nearsRetention() when %s", (_, at, retained, isNear) => {
    expect(nearsRetention(at, retained)).toBe(isNear);
  });
});

describe("createRetentionAlarm()", () => {
  function startAlarm() {
    const lines: string[] = [];
    const note = (level: string) => (fields: object) =>
      void lines.push(`${level} ${JSON.stringify(fields)}`);
    const log = { warn: note("warn"), info: note("info") } as unknown as Pick<Log, "warn" | "info">;
    return { lines, show: createRetentionAlarm(log) };
  }
  const frame = (nearsRetention: PartitionFrame["nearsRetention"], lag: number | null = 9) => [
    { partition: 1, lag, archiveLag: lag, nearsRetention } as unknown as PartitionFrame,
  ];

  test("createRetentionAlarm() logs once that the alarm begins, grows and ends", () => {
    const { lines, show } = startAlarm();

    for (const near of [[], ["archive"], ["archive"], ["postgres", "archive"], [], []] as const) {
      show(frame(near));
    }

    expect(lines).toEqual([
      'warn {"near":[{"sink":"archive","partition":1}]}',
      'warn {"near":[{"sink":"postgres","partition":1},{"sink":"archive","partition":1}]}',
      "info {}",
    ]);
  });

  test("createRetentionAlarm() logs the end and a new begin without an archive", () => {
    const { lines, show } = startAlarm();
    const rows = (nearsRetention: PartitionFrame["nearsRetention"]) =>
      frame(nearsRetention).map((each) => ({ ...each, archiveLag: null }));

    for (const near of [["postgres"], [], ["postgres"]] as const) show(rows(near));

    const begins = 'warn {"near":[{"sink":"postgres","partition":1}]}';
    expect(lines).toEqual([begins, "info {}", begins]);
  });

  test("createRetentionAlarm() keeps the alarm of a partition whose lag is unknown", () => {
    const { lines, show } = startAlarm();
    const [known] = frame(["postgres"]);
    const [unknown] = frame([], null);
    if (known === undefined || unknown === undefined) throw new Error("there is a frame");
    const other = { ...known, partition: 2 };

    for (const partitions of [[known, other], [unknown, other], [known, other], [other]]) {
      show(partitions);
    }

    expect(lines).toHaveLength(1);
  });

  test("createRetentionAlarm() logs nothing new while no lag is known", () => {
    const { lines, show } = startAlarm();

    for (const [near, lag] of [
      [["archive"], 9],
      [[], null],
      [["archive"], 9],
    ] as const) {
      show(frame(near, lag));
    }

    expect(lines).toHaveLength(1);
  });
});
