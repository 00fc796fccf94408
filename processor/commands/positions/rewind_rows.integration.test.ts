/** Rows rewound and written again, on a real PostgreSQL: the ledger stays true. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { decodeRecord, encodeEvent, loadConfig, type AcceptedEvent } from "@tally/shared";
import { testNames, testStack } from "@tally/stack/testing";
import type { Database } from "@tally/shared/database";
import { migrate, openDatabase } from "../../database/database.ts";
import { registerLog, type TopicLog } from "../../pipeline/positions.ts";
import { postgresSink } from "../../rows/postgres_sink.ts";
import type { Batch, Sink } from "../../pipeline/sink.ts";
import { planRewind, rewind, type RewindRequest } from "./rewind.ts";

const names = testNames();
const LIMITS = { recordsMax: 1000, bytesMax: 1_000_000, ageMsMax: 10, hourly: false };
const NEVER = new AbortController().signal;
const AT = "2026-01-31T07:00:00.000Z";
const BROKEN = Buffer.from("{");
let sql: Database;
let topicLog: TopicLog;
let sink: Sink;
let nextPartition = 0;

beforeAll(async () => {
  const stack = await testStack();
  const env = { DATABASE_URL: stack.postgres.url, DATABASE_SCHEMA: names.schema };
  sql = openDatabase(loadConfig(env, "processor"), "test");
  await migrate(sql, names.schema);
  topicLog = await registerLog(sql, names.topic, "topic-id");
  sink = postgresSink({
    sql,
    topicLog,
    limits: LIMITS,
    answerMsMax: 10_000,
    wallNow: () => Date.parse(AT),
    monotonicNow: () => 0,
  });
}, 60_000);
afterAll(async () => {
  await sql`drop schema ${sql(names.schema)} cascade`;
  await sql.end();
});

function event(eventId: string, changes: Partial<AcceptedEvent> = {}): AcceptedEvent {
  const plain = { sessionId: "s-1", eventType: "page_view", ts: AT, receivedAt: AT, payload: "1" };
  return { eventId, ...plain, ...changes };
}

/** A partition whose log holds these records, from offset 0. */
async function newLog(values: readonly (AcceptedEvent | Buffer)[]) {
  const partition = nextPartition++;
  await sink.begin(partition, 0n);
  const records = values.map((value, index) => {
    const record = {
      topic: topicLog.topic,
      partition,
      offset: BigInt(index),
      timestampMs: Date.parse(AT),
      key: null,
      value: Buffer.isBuffer(value) ? value : Buffer.from(encodeEvent(value)),
      headers: [],
    };
    return { record, decoded: decodeRecord(record, topicLog.topicId) };
  });
  const batchOf = (from: number, to = values.length): Batch => ({
    partition,
    firstOffset: BigInt(from),
    nextOffset: BigInt(to),
    records: records.slice(from, to),
    gaps: [],
    reason: "records",
  });
  return { partition, batchOf };
}

/** The six records of most tests: three events, a duplicate, a broken record, an id in conflict. */
function sixRecords(id = Bun.randomUUIDv7()): (AcceptedEvent | Buffer)[] {
  const [a, b] = [event(`${id}-a`), event(`${id}-b`, { eventType: "click" })];
  return [a, a, BROKEN, b, { ...b, payload: "2" }, event(`${id}-c`)];
}

function request(partition: number, to: RewindRequest["to"], end = 6n): RewindRequest {
  const watermarks = { low: 0n, high: end };
  return { sink: "postgres", logNumber: topicLog.logNumber, partition, to, watermarks };
}

async function rewound(partition: number, to: RewindRequest["to"]): Promise<void> {
  const plan = await planRewind(sql, request(partition, to));
  if (plan.kind === "refused") throw new Error(plan.reason);
  expect(await rewind(sql, request(partition, to), plan)).toBeTrue();
}

/** Position and counters, with what the tables hold below the position. */
async function ledger(partition: number) {
  const [row] = await sql`
    select next_offset::int as position, records::int, events::int, duplicates::int,
      dead_letters::int, pruned_duplicates::int as pruned, event_types, dead_letter_codes,
      (select count(*)::int from web_events e where (e.log, e.partition) = (p.log, p.partition)
        and e."offset" < p.next_offset) as stored,
      (select count(*)::int from duplicate_events d where (d.log, d.partition) = (p.log, p.partition)
        and d."offset" < p.next_offset) as listed,
      (select count(*)::int from dead_letters l where (l.log, l.partition) = (p.log, p.partition)
        and l."offset" < p.next_offset) as letters
    from positions p where sink = 'postgres' and log = ${topicLog.logNumber} and partition = ${partition}`;
  return row;
}

const WHOLE = {
  position: 6,
  records: 6,
  events: 3,
  duplicates: 1,
  dead_letters: 2,
  pruned: 0,
  event_types: { page_view: 2, click: 1 },
  dead_letter_codes: { record_corrupt: 1, id_conflict: 1 },
  stored: 3,
  listed: 1,
  letters: 2,
};

describe("rewind()", () => {
  test("rewind() subtracts the records after the offset from the counters, and reading again adds them", async () => {
    const { partition, batchOf } = await newLog(sixRecords());
    await sink.write(batchOf(0), NEVER);
    const before = await ledger(partition);

    await rewound(partition, 1n);
    const between = await ledger(partition);
    const written = await sink.write(batchOf(1), NEVER);

    expect(before).toEqual(WHOLE);
    expect(between).toMatchObject({ position: 1, records: 1, events: 1, duplicates: 0 });
    expect(between).toMatchObject({ dead_letters: 0, event_types: { page_view: 1 } });
    expect(written).toMatchObject({ events: 0, duplicates: 1, already: false });
    expect(await ledger(partition)).toEqual(WHOLE);
  });

  test("rewind() to the start lets missing rows be written", async () => {
    const { partition, batchOf } = await newLog(sixRecords());
    await sink.write(batchOf(0), NEVER);
    await sql`delete from web_events where log = ${topicLog.logNumber} and partition = ${partition}`;

    await rewound(partition, "start");
    const written = await sink.write(batchOf(0), NEVER);

    expect(written.events).toBe(3);
    expect(await ledger(partition)).toEqual(WHOLE);
  });

  test("rewind() keeps the count of duplicates that were cleaned up, and lists them again", async () => {
    const { partition, batchOf } = await newLog(sixRecords());
    await sink.write(batchOf(0), NEVER);
    await sql`delete from duplicate_events where log = ${topicLog.logNumber} and partition = ${partition}`;
    await sql`
      update positions set pruned_duplicates = 1, pruned_to = 2
      where sink = 'postgres' and log = ${topicLog.logNumber} and partition = ${partition}`;

    await rewound(partition, 3n);
    const kept = await ledger(partition);
    await rewound(partition, 0n);
    await sink.write(batchOf(0), NEVER);

    expect(kept).toMatchObject({ records: 3, events: 1, duplicates: 1, pruned: 1, listed: 0 });
    expect(await ledger(partition)).toEqual(WHOLE);
  });

  test("rewind() counts a gap once, whatever precedes it", async () => {
    const { partition, batchOf } = await newLog(sixRecords());
    const gaps = [{ firstOffset: 2n, lastOffset: 3n }];
    const whole = batchOf(0);
    const records = [...whole.records.slice(0, 2), ...whole.records.slice(4)];
    await sink.write({ ...whole, records, gaps }, NEVER);
    const before = await ledger(partition);

    const within = await planRewind(sql, request(partition, 3n));
    await rewound(partition, 1n);
    await sink.write({ ...batchOf(1), records: records.slice(1), gaps }, NEVER);

    expect(within).toMatchObject({ to: 4n });
    expect(before).toMatchObject({ records: 4, events: 3, duplicates: 1 });
    expect(await ledger(partition)).toEqual(before);
  });

  test("rewind() cuts a row of several gaps where it goes, and reading again finds the rest", async () => {
    const { partition, batchOf } = await newLog(sixRecords());
    const gaps = [1n, 3n, 5n].map((at) => ({ firstOffset: at, lastOffset: at }));
    const whole = batchOf(0);
    const records = whole.records.filter(({ record }) => record.offset % 2n === 0n);
    await sink.write({ ...whole, records, gaps }, NEVER);
    const before = await ledger(partition);
    const gapRows = () =>
      sql`select first_offset::text, last_offset::text, offsets::text, holes::text
        from offset_gaps where log = ${topicLog.logNumber} and partition = ${partition}`;
    const whole1 = await gapRows();

    await rewound(partition, 2n);
    const cut = await gapRows();
    await sink.write({ ...batchOf(2), records: records.slice(1), gaps: gaps.slice(1) }, NEVER);

    expect(whole1).toMatchObject([{ offsets: "3", holes: "{[1,2),[3,4),[5,6)}" }]);
    expect(cut).toMatchObject([{ first_offset: "1", last_offset: "1", offsets: "1" }]);
    expect(await gapRows()).toHaveLength(2);
    expect(await ledger(partition)).toEqual(before);
  });

  test("rewind() leaves out a gap that an earlier rewind went back over", async () => {
    const { partition, batchOf } = await newLog(sixRecords());
    const gaps = [{ firstOffset: 4n, lastOffset: 4n }];
    const whole = batchOf(0);
    const records = [...whole.records.slice(0, 4), ...whole.records.slice(5)];
    await sink.write({ ...whole, records, gaps }, NEVER);
    const before = await ledger(partition);

    await rewound(partition, 3n);
    await rewound(partition, 1n);
    const between = await ledger(partition);
    await sink.write({ ...batchOf(1), records: records.slice(1), gaps }, NEVER);

    expect(between).toMatchObject({ position: 1, records: 1, events: 1, duplicates: 0 });
    expect(await ledger(partition)).toEqual(before);
  });

  test("rewind() changes nothing when the position went back further meanwhile", async () => {
    const { partition, batchOf } = await newLog(sixRecords());
    await sink.write(batchOf(0), NEVER);
    const plan = await planRewind(sql, request(partition, 3n));
    await rewound(partition, 1n);

    const isDone = plan.kind === "refused" || (await rewind(sql, request(partition, 3n), plan));

    expect(isDone).toBeFalse();
    expect(await ledger(partition)).toMatchObject({ position: 1, records: 1 });
  });
});

describe("planRewind()", () => {
  test.each([
    ["the position itself", 6n, { low: 0n, high: 6n }, "below it, and 6 is not"],
    ["what Kafka has removed", 1n, { low: 2n, high: 6n }, "no longer has records before offset 2"],
    ["an offset after the end of a shortened log", 5n, { low: 0n, high: 4n }, "ends at 4"],
  ])("planRewind() refuses %s", async (_, to, watermarks, text) => {
    const { partition, batchOf } = await newLog(sixRecords());
    await sink.write(batchOf(0), NEVER);

    const plan = await planRewind(sql, { ...request(partition, to), watermarks });

    expect(plan).toEqual({ kind: "refused", reason: expect.stringContaining(text) });
  });

  test("planRewind() refuses a partition without a position", async () => {
    const plan = await planRewind(sql, request(9999, "start"));

    expect(plan).toEqual({
      kind: "refused",
      reason: "The sink postgres has no position in partition 9999.",
    });
  });
});
