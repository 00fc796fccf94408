/** Frames over a real PostgreSQL: its figures, the age of what is not archived, and an outage. */
import { eventually, monotonicNow, silentLog, wallNow, type MetricsFrame } from "@tally/shared";
import { ownStack, testNames, testStack } from "@tally/stack/testing";
import { measureAwake } from "@tally/stack/testing/awake_time";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startFrames } from "./frame_loop.ts";
import { createGapTotals } from "./gap_totals.ts";
import { NO_OWNERS } from "./testing/frames.ts";
import { createOldestUnarchived } from "./oldest_unarchived.ts";
import { openTestDatabase, type TestDatabase } from "../http/testing/server.ts";
import { readTotals } from "./totals.ts";

// The servers may have to be started first.
const START_MS_MAX = 120_000;
const T0_MS = Date.parse("2026-01-31T07:00:00.000Z");
let database: TestDatabase;

beforeAll(async () => {
  const stack = await testStack();
  database = await openTestDatabase(stack.postgres.url, testNames().schema);
}, START_MS_MAX);
afterAll(() => database.close());

function at(seconds: number): string {
  return new Date(T0_MS + seconds * 1000).toISOString();
}

describe("readTotals()", () => {
  test("readTotals() gives every figure of the tables, and nothing of another log", async () => {
    const { sql, topicLog } = database;
    await database.setPosition({
      sink: "postgres",
      partition: 3,
      nextOffset: 12,
      records: 9,
      events: 7,
      lastReceivedAt: at(1.234),
    });
    await sql`
      update positions set latency = '{1,0,2}', latency_ms_sum = 77, event_types = '{"a": 5, "": 2}',
        dead_letter_codes = '{"record_corrupt": 1}', stopped = 'log_replaced', next_offset = 9007199254740993
      where log = ${topicLog.logNumber} and sink = 'postgres' and partition = 3`;

    const totals = await readTotals(sql, topicLog);
    const others = await readTotals(sql, { logNumber: topicLog.logNumber + 1 });

    expect(totals.postgres.get(3)).toEqual({
      partition: 3,
      nextOffset: 9_007_199_254_740_993n,
      lastReceivedAtMs: T0_MS + 1234,
      records: 9,
      events: 7,
      duplicates: 0,
      deadLetters: 0,
      objects: 0,
      bytes: 0,
      lastKey: null,
      eventTypes: { a: 5, "": 2 },
      deadLetterCodes: { record_corrupt: 1 },
      latency: [1, 0, 2],
      latencyMsSum: 77,
      lostRecords: 0,
      stopped: "log_replaced",
    });
    expect(Math.abs(totals.atMs - wallNow())).toBeLessThan(60_000);
    expect([others.postgres.size, others.archive.size]).toEqual([0, 0]);
    await sql`delete from positions`;
  });
});

describe("createGapTotals()", () => {
  test("find() counts each gap below the rows' positions once, and again after a rewind", async () => {
    const { sql, topicLog } = database;
    const gaps = createGapTotals(sql);
    const moveTo = async (partition: number, nextOffset: number) => {
      await database.setPosition({ sink: "postgres", partition, nextOffset });
      return await gaps.find(await readTotals(sql, topicLog));
    };
    const gap = (partition: number, offset: number, offsets: number, lost = false) => sql`
      insert into offset_gaps (sink, log, partition, first_offset, last_offset, offsets, lost)
      values ('postgres', ${topicLog.logNumber}, ${partition}, ${offset}, ${offset + 9}, ${offsets}, ${lost})`;
    await gap(0, 10, 3);
    await gap(0, 30, 10, true);
    await gap(1, 0, 2);
    // Of another sink, and beyond the position.
    await sql`
      insert into offset_gaps (sink, log, partition, first_offset, last_offset, offsets)
      values ('archive', ${topicLog.logNumber}, 0, 10, 19, 3)`;

    const first = await moveTo(0, 40);
    await gap(0, 50, 4);
    const unmoved = await moveTo(0, 40);
    const second = await moveTo(1, 10);
    const third = await moveTo(0, 60);
    await sql`delete from offset_gaps where partition = 0 and first_offset >= 30`;
    const rewound = await moveTo(0, 30);
    await sql`delete from offset_gaps`;
    await sql`delete from positions`;

    expect(first).toEqual({ skipped: 3, lost: 10 });
    expect(unmoved).toEqual(first);
    expect(second).toEqual({ skipped: 5, lost: 10 });
    expect(third).toEqual({ skipped: 9, lost: 10 });
    expect(rewound).toEqual({ skipped: 5, lost: 0 });
  });

  test("readTotals() counts the dead letters that are not resolved", async () => {
    const { sql, topicLog } = database;
    for (const offset of [900, 901, 902]) await database.insertDeadLetter({ offset, value: null });
    await sql`update dead_letters set resolved_at = now() where "offset" = 901`;

    const { openLetters } = await readTotals(sql, topicLog);
    await sql`delete from dead_letters where "offset" >= 900`;

    expect(openLetters).toBe(2);
  });

  test("readTotals() counts the new dead letters, and no replacement of an older one", async () => {
    const { sql, topicLog } = database;
    for (const offset of [900, 901, 902]) await database.insertDeadLetter({ offset, value: null });
    await sql`update dead_letters set first_seen = now() - interval '40 minutes' where "offset" = 900`;
    await sql`insert into dead_letter_resends (log, partition, "offset", dead_letter)
      select log, partition, 902, id from dead_letters where "offset" = 901`;

    const { newLetters } = await readTotals(sql, topicLog);
    await sql`delete from dead_letters where "offset" >= 900`;
    await sql`delete from dead_letter_resends where "offset" >= 900`;

    expect(newLetters).toBe(1);
  });
});

describe("createOldestUnarchived()", () => {
  test("find() gives the oldest row of each partition after the archive's position", async () => {
    const { sql, topicLog } = database;
    for (let offset = 0; offset < 10; offset++) {
      await database.insertEvent({
        eventId: `p0-${offset}`,
        offset,
        receivedAt: at(offset),
      });
      await database.insertEvent({
        eventId: `p1-${offset}`,
        offset,
        receivedAt: at(offset - 0.5),
        partition: 1,
      });
    }
    const find = async (archived: readonly [number, number], stored = 10) => {
      for (const partition of [0, 1]) {
        const nextOffset = archived[partition] ?? 0;
        await database.setPosition({ sink: "postgres", partition, nextOffset: stored });
        await database.setPosition({
          sink: "archive",
          partition,
          nextOffset,
          ...(nextOffset === 0 ? {} : { lastReceivedAt: at(nextOffset - 1 - partition / 2) }),
        });
      }
      const found = await oldest.find(await readTotals(sql, topicLog));
      return [...found.values()].map(({ receivedAtMs }) => receivedAtMs).toSorted();
    };
    const oldest = createOldestUnarchived(sql, () => 0);

    expect(await find([0, 0])).toEqual([T0_MS - 500, T0_MS]);
    expect(await find([0, 10])).toEqual([T0_MS]);
    expect(await find([4, 6])).toEqual([T0_MS + 4000, T0_MS + 5500]);
    expect(await find([6, 6])).toEqual([T0_MS + 5500, T0_MS + 6000]);
    expect(await find([10, 10])).toEqual([]);
    // Only duplicates and dead letters wait there, no rows.
    expect(await find([10, 10], 12)).toEqual([]);
  });

  test("find() knows that a row waits when its clock was set back before the last archived row", async () => {
    const { sql, topicLog } = database;
    await database.insertEvent({
      eventId: "set-back",
      offset: 1,
      receivedAt: at(-3600),
      partition: 5,
    });
    await database.setPosition({ sink: "postgres", partition: 5, nextOffset: 2, events: 2 });
    const archived = {
      sink: "archive",
      partition: 5,
      nextOffset: 1,
      lastReceivedAt: at(0),
    } as const;
    await database.setPosition({ ...archived, events: 1 });
    const oldest = createOldestUnarchived(sql, () => 7);

    const waiting = await oldest.find(await readTotals(sql, topicLog));
    await database.setPosition({ ...archived, events: 2 });
    const none = await createOldestUnarchived(sql, () => 7).find(await readTotals(sql, topicLog));

    expect(waiting.get(5)).toMatchObject({ receivedAtMs: null, seenAtMs: 7 });
    expect(none.has(5)).toBe(false);
    await sql`delete from web_events where event_id = 'set-back'`;
    await sql`delete from positions where partition = 5`;
  });

  test("find() reads nothing when the positions have not moved", async () => {
    const { sql, topicLog } = database;
    await database.setPosition({ sink: "archive", partition: 0, nextOffset: 3 });
    const totals = await readTotals(sql, topicLog);
    const oldest = createOldestUnarchived(sql, () => 0);
    const first = await oldest.find(totals);
    await sql`delete from web_events`;

    expect(await oldest.find(totals)).toEqual(first);
    await sql`delete from positions`;
  });
});

describe("startFrames()", () => {
  test(
    "startFrames() continues with state down and without counts while PostgreSQL is stopped, and recovers automatically",
    async () => {
      const stack = await ownStack({ use: ["postgres"] });
      const own = await openTestDatabase(stack.postgres.url, testNames().schema);
      await own.setPosition({
        sink: "postgres",
        partition: 0,
        nextOffset: 7,
        records: 7,
        events: 7,
      });
      const frames: MetricsFrame[] = [];
      const withCounts = new WeakSet<MetricsFrame>();
      const defects: unknown[] = [];
      const running = startFrames({
        sql: own.sql,
        topicLog: () => own.topicLog,
        intervalMs: 200,
        wallNow,
        monotonicNow,
        log: silentLog(),
        look: async () => ({
          topicId: own.topicLog.topicId,
          partitions: 1,
          watermarks: new Map([[0, { low: 0n, high: 10n }]]),
        }),
        states: () => ({}),
        archiveEnabled: true,
        retentionMs: 3_600_000,
        processors: () => ({ otherGroups: [], owners: NO_OWNERS }),
        subscribers: () => 0,
        onFrame: (frame, _, counts) => {
          frames.push(frame);
          if (counts !== null) withCounts.add(frame);
        },
        onError: (error) => defects.push(error),
      });
      const until = async (isSo: (frame: MetricsFrame) => boolean) => {
        const found = () => frames.some(isSo);
        expect(await eventually(found, 30_000)).toBe(true);
        return frames.find(isSo);
      };
      const isUp = ({ dependencies }: MetricsFrame) => dependencies.postgres.state === "up";

      const hasCounts = (frame: MetricsFrame) => isUp(frame) && withCounts.has(frame);

      const before = await until(hasCounts);
      await stack.postgres.stop();
      frames.length = 0;
      const during = await until((frame) => !isUp(frame));
      frames.length = 0;
      const tenFrames = await measureAwake(() => eventually(() => frames.length >= 10, 30_000));
      const countedDuring = frames.filter((frame) => withCounts.has(frame));
      await stack.postgres.start();
      frames.length = 0;
      const after = await until(hasCounts);
      await running.stop();
      await own.close();
      await stack.stop();

      expect(before).toMatchObject({ writtenTotal: 7, lag: 3 });
      expect(during).toMatchObject({ writtenTotal: 7, lag: null });
      expect(countedDuring).toEqual([]);
      expect(during?.archive.oldestUnarchivedSeconds).toBeNull();
      expect(tenFrames.ms).toBeLessThan(10 * 200 * 2);
      expect(after).toMatchObject({ writtenTotal: 7, lag: 3 });
      expect(defects).toEqual([]);
    },
    START_MS_MAX,
  );
});
