/** When the page says healthy, and when it must not. */
import { expect, test } from "bun:test";
import type { MetricsFrame } from "@tally/shared";
import type { Connection } from "../stream/stream.ts";
import { fakeFrame, fakePartition, FAKE_START_MS } from "../testing/fake_frame.ts";
import { ARCHIVE_LATE_SECONDS, judge as judgeIn, ROWS_LATE_SECONDS } from "./health.ts";

const judge = (frame: MetricsFrame | null, connection: Connection) =>
  judgeIn(frame, connection, { nowMs: FAKE_START_MS, zone: "UTC" });
const LIVE = { kind: "live" } as const;
const since = new Date(FAKE_START_MS).toISOString();
const UP = { state: "up", since } as const;
const secondsAgo = (seconds: number): string =>
  new Date(FAKE_START_MS - seconds * 1000).toISOString();

test("judge() says healthy when nothing is found", () => {
  expect(judge(fakeFrame(), LIVE)).toMatchObject({ level: "good", sentence: "Healthy" });
});

test("judge() says how many events are set aside instead of being rows", () => {
  const reasonsOf = (open: number): readonly string[] =>
    judge(fakeFrame({ deadLetters: { total: 9, byCode: {}, open } }), LIVE).reasons;

  expect(reasonsOf(0)[0]).not.toContain("dead letter");
  expect(reasonsOf(1)[0]).toEndWith(", but for 1 that is set aside as a dead letter.");
  expect(reasonsOf(3)[0]).toEndWith(", but for 3 that are set aside as dead letters.");
  expect(reasonsOf(10_000)[0]).toContain("but for 10,000 or more that");
});

test("judge() says ready when no event has come", () => {
  const verdict = judge(fakeFrame({ receivedTotal: 0 }), LIVE);

  expect(verdict).toMatchObject({ level: "good", sentence: "Ready for the first event" });
});

test("judge() never says healthy when the figures are old or missing", () => {
  const connections = [
    { kind: "stale", sinceMs: 1 },
    { kind: "reconnecting", sinceMs: 1, attempt: 1, retryAtMs: 2 },
  ] as const;

  const verdicts = [
    ...connections.map((connection) => judge(fakeFrame(), connection)),
    ...connections.map((connection) => judge(null, connection)),
    judge(null, { kind: "connecting" }),
  ];

  expect(verdicts.map((verdict) => verdict.level)).toEqual(Array(5).fill("unknown"));
});

test("judge() says of when the last frame is, and when an audit ended, in the chosen zone", () => {
  const times = { nowMs: FAKE_START_MS, zone: "Asia/Tokyo" };
  const at = secondsAgo(60);

  const old = judgeIn(fakeFrame(), { kind: "stale", sinceMs: FAKE_START_MS }, times);
  const found = judgeIn(fakeFrame({ lastAudit: { at, problems: 3 } }), LIVE, times);

  expect(old.reasons).toEqual(["You see the last frame received, of 16:00:00."]);
  expect(found.reasons[0]).toStartWith("The audit that ended at 15:59:00 found 3 problems.");
});

test("judge() names the dependency that is down and what follows", () => {
  const down = { state: "down", since } as const;
  const frame = fakeFrame({ dependencies: { kafka: UP, postgres: down, s3: UP } });

  const verdict = judge(frame, LIVE);

  expect(verdict).toEqual({
    level: "bad",
    sentence: "PostgreSQL is down",
    reasons: ["PostgreSQL is down since 07:00:00: events wait in Kafka, none is lost."],
  });
});

test("judge() says why a dependency is down", () => {
  const message = 'Cannot reach bucket "events": no answer';
  const lastError = { code: "archive_unavailable", at: since, message };
  const down = { state: "down", since, lastError } as const;
  const frame = fakeFrame({ dependencies: { kafka: UP, postgres: UP, s3: down } });

  expect(judge(frame, LIVE).reasons).toEqual([
    `S3 is down since 07:00:00 (${message}): rows are still written, the archive catches up later.`,
  ]);
});

test("judge() shows what an operator has to change when a dependency refuses", () => {
  const remedy = "Grant s3:PutObject on arn:aws:s3:::b/events/*.";
  const refusing = { state: "configuration", since, remedy } as const;
  const frame = fakeFrame({ dependencies: { kafka: UP, postgres: UP, s3: refusing } });

  const verdict = judge(frame, LIVE);

  expect(verdict).toEqual({
    level: "bad",
    sentence: "S3 waits for an operator",
    reasons: [
      `S3 refuses, and waiting does not help: ${remedy} Until then rows are still written, the archive catches up later.`,
    ],
  });
});

test("judge() says that records were lost until an operator has acknowledged it", () => {
  const partitions = [fakePartition(0), fakePartition(3, { lostRecords: 24_000 })];

  const verdict = judge(fakeFrame({ partitions, lostRecords: 24_000 }), LIVE);

  expect(verdict).toMatchObject({ level: "bad", sentence: "Records were lost" });
  expect(verdict.reasons[0]).toContain("Partition 3: Kafka deleted 24,000 records before they");
});

test("judge() raises an alarm when the log may soon delete what is not written", () => {
  const partitions = [fakePartition(0), fakePartition(3, { nearsRetention: ["archive"] })];

  const verdict = judge(fakeFrame({ partitions }), LIVE);

  expect(verdict).toMatchObject({ level: "bad", sentence: "Lag is close to the retention limit" });
  expect(verdict.reasons[0]).toStartWith(
    "Partition 3: the log may soon delete what is not archived",
  );
});

test("judge() says that the last audit found problems, until one is clean", () => {
  const at = "2026-01-31T06:59:00.000Z";

  const found = judge(fakeFrame({ lastAudit: { at, problems: 3 } }), LIVE);
  const clean = judge(fakeFrame({ lastAudit: { at, problems: 0 } }), LIVE);

  expect(found).toMatchObject({ level: "bad", sentence: "The last audit found problems" });
  expect(found.reasons[0]).toContain('found 3 problems. "bun run audit" shows them');
  expect(clean.level).toBe("good");
});

test("judge() says that two groups of processors do the same work", () => {
  const verdict = judge(fakeFrame({ otherGroups: ["tally-blue"] }), LIVE);

  expect(verdict).toMatchObject({
    level: "bad",
    sentence: "Two groups of processors do the same work",
    reasons: [expect.stringContaining('"tally-blue"')],
  });
});

test("judge() is content when S3 is off on purpose", () => {
  const off = { state: "off", since } as const;
  const archive = { ...fakeFrame().archive, enabled: false, oldestUnarchivedSeconds: null };
  const frame = fakeFrame({ dependencies: { kafka: UP, postgres: UP, s3: off }, archive });

  const verdict = judge(frame, LIVE);

  expect(verdict.level).toBe("good");
  expect(verdict.reasons[0]).toContain("the archive is off");
});

test("judge() puts the bad before the notice when both are found", () => {
  const partitions = [fakePartition(0), fakePartition(1, { stopped: "log_replaced" })];
  const frame = fakeFrame({ lag: null, partitions });

  const verdict = judge(frame, LIVE);

  expect(verdict.level).toBe("bad");
  expect(verdict.reasons).toHaveLength(2);
  expect(verdict.reasons[0]).toBe("Partition 1 stopped: log_replaced");
});

test("judge() says that the lag is not known when it is null", () => {
  expect(judge(fakeFrame({ lag: null }), LIVE).sentence).toBe("The lag is not known");
});

test("judge() says late only when rows are later than the bound", () => {
  const inTime = fakeFrame({ lag: 4000, completeUpTo: secondsAgo(ROWS_LATE_SECONDS) });
  const late = fakeFrame({ lag: 1, completeUpTo: secondsAgo(ROWS_LATE_SECONDS + 80) });

  expect(judge(inTime, LIVE).level).toBe("good");
  expect(judge(late, LIVE)).toEqual({
    level: "notice",
    sentence: "Rows are late",
    reasons: ["Rows are 1 min 30 s late; lag: 1 record."],
  });
});

test("judge() says late when the archive is later than two rotations", () => {
  const oldestUnarchivedSeconds = ARCHIVE_LATE_SECONDS + 1;
  const frame = fakeFrame({ archive: { ...fakeFrame().archive, oldestUnarchivedSeconds } });

  expect(judge(frame, LIVE)).toMatchObject({ level: "notice", sentence: "The archive is late" });
});
