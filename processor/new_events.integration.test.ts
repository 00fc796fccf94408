/** The short statement against a real PostgreSQL: it leaves what the long one leaves. */
import { afterAll, beforeAll, describe, expect, spyOn, test } from "bun:test";
import { decodeRecord, encodeEvent, loadConfig } from "@tally/shared";
import { testNames, testStack } from "@tally/stack/testing";
import { migrate, openDatabase, type Database } from "./database.ts";
import { registerLog } from "./positions.ts";
import { postgresSink } from "./postgres_sink.ts";
import { WRITE_BATCH, WRITE_NEW_EVENTS } from "./postgres_statement.ts";
import type { Batch, Sink } from "./sink.ts";

const names = testNames();
const LIMITS = { recordsMax: 1000, bytesMax: 1_000_000, ageMsMax: 10, hourly: false };
const RECEIVED_MS = Date.parse("2026-01-31T07:00:00.000Z");
const TYPES = ["page_view", "__proto__", 'a "quoted" \\ type', "{null}", "ÄÖ", "page_view"];
const signal = new AbortController().signal;
let sql: Database;

beforeAll(async () => {
  const stack = await testStack();
  const env = { DATABASE_URL: stack.postgres.url, DATABASE_SCHEMA: names.schema };
  sql = openDatabase(loadConfig(env, "processor"), "test");
  await migrate(sql, names.schema);
});

afterAll(async () => {
  await sql`drop schema ${sql(names.schema)} cascade`;
  await sql.end();
});

/** A sink of a log of its own, opened at 0 in its one partition. */
async function newSink(name: string, judgedBatches: number): Promise<{ log: number; sink: Sink }> {
  const log = await registerLog(sql, names.topic, name);
  const now = () => RECEIVED_MS + 40;
  const sink = postgresSink({ sql, log, limits: LIMITS, answerMsMax: 10_000, now, judgedBatches });
  await sink.begin(0, 0n);
  return { log: log.log, sink };
}

function batchOf(firstOffset: number, ids: readonly string[]): Batch {
  const records = ids.map((eventId, index) => {
    const receivedAt = new Date(RECEIVED_MS + index).toISOString();
    const eventType = TYPES[index % TYPES.length] ?? "";
    const event = { eventId, sessionId: `s "${index}"`, eventType, ts: receivedAt, receivedAt };
    const value = Buffer.from(encodeEvent({ ...event, payload: `{"n":[${index},null,"}\\""]}` }));
    const record = {
      topic: names.topic,
      partition: 0,
      offset: BigInt(firstOffset + index),
      timestampMs: RECEIVED_MS,
      key: null,
      value,
      headers: [],
    };
    return { record, decoded: decodeRecord(record, "topic-id") };
  });
  return {
    partition: 0,
    firstOffset: BigInt(firstOffset),
    nextOffset: BigInt(firstOffset + ids.length),
    records,
    gaps: [],
    reason: "records",
  };
}

const newIds = (count: number) => Array.from({ length: count }, () => Bun.randomUUIDv7());

async function readTables(log: number) {
  const rows = await sql`
    select "offset"::text, session_id, event_type, ts, received_at, payload from web_events
    where log = ${log} order by "offset"`;
  const [position] = await sql`
    select next_offset::text, planned_to::text, records::text, events::text, duplicates::text,
      event_types, last_received_at, latency, latency_ms_sum::text
    from positions where sink = 'postgres' and log = ${log}`;
  return { rows: [...rows], position };
}

describe("write() of new events", () => {
  test("write() leaves the same by the short statement and by the long one", async () => {
    using statements = spyOn(sql, "unsafe");
    const short = await newSink("short", 0);
    const long = await newSink("long", 2);
    const known = newIds(1);
    // Twice the same event, judged; behind it the next two batches go the long way.
    for (const { sink } of [short, long])
      await sink.write(batchOf(0, [...known, ...known]), signal);
    statements.mockClear();

    for (const [first, count] of [
      [2, 8],
      [10, 3],
    ] as const) {
      for (const { sink } of [short, long]) {
        await sink.write(batchOf(first, newIds(count)), signal);
      }
    }

    const sent = statements.mock.calls.map(([text]) => text);
    expect(sent).toEqual([WRITE_NEW_EVENTS, WRITE_BATCH, WRITE_NEW_EVENTS, WRITE_BATCH]);
    const [left, right] = [await readTables(short.log), await readTables(long.log)];
    expect(left.rows.slice(1)).toEqual(right.rows.slice(right.rows.length - 11));
    expect(left.rows).toHaveLength(12);
    expect(left.position).toMatchObject({ next_offset: "13", records: "13", events: "12" });
    expect(left.position).toMatchObject({
      planned_to: "13",
      last_received_at: right.position?.["last_received_at"],
      latency: right.position?.["latency"],
    });
    expect(left.position?.["event_types"]).toEqual(
      JSON.parse('{"page_view":5,"__proto__":3,"a \\"quoted\\" \\\\ type":2,"{null}":1,"ÄÖ":1}'),
    );
  });

  test("write() tries the short statement again behind the batches that are judged", async () => {
    using statements = spyOn(sql, "unsafe");
    const { sink } = await newSink("again", 3);
    const [known = ""] = newIds(1);
    await sink.write(batchOf(0, [known]), signal);
    const second = await sink.write(batchOf(1, [known, ...newIds(1)]), signal);
    statements.mockClear();

    for (let offset = 3; offset < 8; offset++) await sink.write(batchOf(offset, newIds(1)), signal);

    expect(second).toMatchObject({ events: 1, duplicates: 1, already: false });
    const isShort = statements.mock.calls.map(([text]) => text === WRITE_NEW_EVENTS);
    expect(isShort).toEqual([false, false, false, true, true]);
  });

  test("write() writes nothing by the short statement when the position is elsewhere", async () => {
    const { log, sink } = await newSink("elsewhere", 0);
    await sink.write(batchOf(0, newIds(2)), signal);

    const outcome = sink.write(batchOf(1, newIds(3)), signal);

    expect(outcome).rejects.toMatchObject({ code: "position_moved" });
    await outcome.catch(() => undefined);
    const { rows, position } = await readTables(log);
    expect(rows).toHaveLength(2);
    expect(position).toMatchObject({ next_offset: "2", records: "2", events: "2" });
  });
});
