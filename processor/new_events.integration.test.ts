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

/** A sink of a log of its own, opened at 0 in its partitions. */
async function newSink(
  name: string,
  { judgedBatches = 0, partitions = 1 }: { judgedBatches?: number; partitions?: number } = {},
): Promise<{ log: number; sink: Sink }> {
  const log = await registerLog(sql, names.topic, name);
  const now = () => RECEIVED_MS + 40;
  const sink = postgresSink({ sql, log, limits: LIMITS, answerMsMax: 10_000, now, judgedBatches });
  for (let partition = 0; partition < partitions; partition++) await sink.begin(partition, 0n);
  return { log: log.log, sink };
}

function batchOf(
  firstOffset: number,
  ids: readonly string[],
  { partition = 0, types = TYPES }: { partition?: number; types?: readonly string[] } = {},
): Batch {
  const records = ids.map((eventId, index) => {
    const receivedAt = new Date(RECEIVED_MS + index).toISOString();
    const eventType = types[index % types.length] ?? "";
    const event = { eventId, sessionId: `s "${index}"`, eventType, ts: receivedAt, receivedAt };
    const value = Buffer.from(encodeEvent({ ...event, payload: `{"n":[${index},null,"}\\""]}` }));
    const record = {
      topic: names.topic,
      partition,
      offset: BigInt(firstOffset + index),
      timestampMs: RECEIVED_MS,
      key: null,
      value,
      headers: [],
    };
    return { record, decoded: decodeRecord(record, "topic-id") };
  });
  return {
    partition,
    firstOffset: BigInt(firstOffset),
    nextOffset: BigInt(firstOffset + ids.length),
    records,
    gaps: [],
    reason: "records",
  };
}

const newIds = (count: number) => Array.from({ length: count }, () => Bun.randomUUIDv7());

/** Next offsets by partition, and how many rows there are. */
async function readEnds(log: number) {
  const positions = await sql`
    select next_offset::text from positions where sink = 'postgres' and log = ${log}
    order by partition`;
  const [{ rows } = { rows: -1 }] = await sql<{ rows: number }[]>`
    select count(*)::integer as rows from web_events where log = ${log}`;
  return { ends: positions.map(({ next_offset }) => String(next_offset)), rows };
}

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
    const short = await newSink("short");
    const long = await newSink("long", { judgedBatches: 2 });
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
    const { sink } = await newSink("again", { judgedBatches: 3 });
    const [known = ""] = newIds(1);
    await sink.write(batchOf(0, [known]), signal);
    const second = await sink.write(batchOf(1, [known, ...newIds(1)]), signal);
    statements.mockClear();

    for (let offset = 3; offset < 8; offset++) await sink.write(batchOf(offset, newIds(1)), signal);

    expect(second).toMatchObject({ events: 1, duplicates: 1, already: false });
    const isShort = statements.mock.calls.map(([text]) => text === WRITE_NEW_EVENTS);
    expect(isShort).toEqual([false, false, false, true, true]);
  });

  test("write() goes the short way at once in a partition that is opened again", async () => {
    using statements = spyOn(sql, "unsafe");
    const { sink } = await newSink("opened", { judgedBatches: 3 });
    const known = newIds(1);
    await sink.write(batchOf(0, [...known, ...known]), signal);
    await sink.open(0);
    statements.mockClear();

    await sink.write(batchOf(2, newIds(1)), signal);

    expect(statements.mock.calls.map(([text]) => text)).toEqual([WRITE_NEW_EVENTS]);
  });

  test("write() counts at most 200 types by name, and the others together", async () => {
    const { log, sink } = await newSink("types");
    const types = Array.from({ length: 205 }, (_, number) => `type-${number}`);

    await sink.write(batchOf(0, newIds(205), { types }), signal);

    const { position } = await readTables(log);
    const counts = position?.["event_types"] as Record<string, number>;
    expect(Object.keys(counts)).toHaveLength(201);
    expect(counts[""]).toBe(5);
  });

  test("write() writes nothing by the short statement when the position is elsewhere", async () => {
    const { log, sink } = await newSink("elsewhere");
    await sink.write(batchOf(0, newIds(2)), signal);

    const failure = await sink
      .write(batchOf(1, newIds(3)), signal)
      .catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: "position_moved" });
    const { rows, position } = await readTables(log);
    expect(rows).toHaveLength(2);
    expect(position).toMatchObject({ next_offset: "2", records: "2", events: "2" });
  });
});

describe("write() of several partitions at once", () => {
  const three = [0, 1, 2];

  test("write() puts them into one statement", async () => {
    using statements = spyOn(sql, "unsafe");
    const { log, sink } = await newSink("together", { partitions: 3 });

    const written = await Promise.all(
      three.map((partition) =>
        sink.write(batchOf(0, newIds(partition + 1), { partition }), signal),
      ),
    );

    expect(statements.mock.calls.map(([text]) => text)).toEqual([WRITE_NEW_EVENTS]);
    expect(written.map(({ events }) => events)).toEqual([1, 2, 3]);
    expect(await readEnds(log)).toEqual({ ends: ["1", "2", "3"], rows: 6 });
    const misplaced = await sql`
      select from web_events where log = ${log}
        and session_id <> 's "' || "offset" || '"' or log = ${log} and "offset" > partition`;
    expect(misplaced).toHaveLength(0);
  });

  test("write() leaves out the one whose position is elsewhere", async () => {
    const { log, sink } = await newSink("one-elsewhere", { partitions: 3 });

    const [first, second, third] = await Promise.allSettled([
      sink.write(batchOf(0, newIds(2), { partition: 0 }), signal),
      sink.write(batchOf(5, newIds(2), { partition: 1 }), signal),
      sink.write(batchOf(0, newIds(2), { partition: 2 }), signal),
    ]);

    expect(second).toMatchObject({ status: "rejected", reason: { code: "position_moved" } });
    expect([first, third]).toMatchObject([{ value: { events: 2 } }, { value: { events: 2 } }]);
    expect(await readEnds(log)).toEqual({ ends: ["2", "0", "2"], rows: 4 });
  });

  test("write() does not wait for a position that somebody holds", async () => {
    const { log, sink } = await newSink("held", { partitions: 2 });
    const released = Promise.withResolvers<void>();
    const isHeld = Promise.withResolvers<void>();
    const holder = sql.begin(async (transaction) => {
      await transaction`select from positions where log = ${log} and partition = 1 for update`;
      isHeld.resolve();
      await released.promise;
    });
    await isHeld.promise;
    using statements = spyOn(sql, "unsafe");

    const held = sink.write(batchOf(0, newIds(1), { partition: 1 }), signal);
    const free = await sink.write(batchOf(0, newIds(1), { partition: 0 }), signal);

    expect(free).toMatchObject({ events: 1 });
    const sent = statements.mock.calls.map(([text]) => text);
    expect(sent).toEqual([WRITE_NEW_EVENTS, WRITE_BATCH]);
    expect(await readEnds(log)).toEqual({ ends: ["1", "0"], rows: 1 });
    released.resolve();
    await holder;
    expect(await held).toMatchObject({ events: 1 });
    expect(await readEnds(log)).toEqual({ ends: ["1", "1"], rows: 2 });
  });

  test("write() judges each by itself when one of them has a known event", async () => {
    const { log, sink } = await newSink("one-known", { partitions: 3 });
    const [known = ""] = newIds(1);
    await sink.write(batchOf(0, [known], { partition: 0, types: ["click"] }), signal);

    const written = await Promise.all([
      sink.write(batchOf(1, newIds(2), { partition: 0 }), signal),
      sink.write(batchOf(0, [...newIds(1), known], { partition: 1, types: ["click"] }), signal),
      sink.write(batchOf(0, newIds(2), { partition: 2 }), signal),
    ]);

    expect(written.map(({ events }) => events)).toEqual([2, 1, 2]);
    expect(written.map(({ deadLetters }) => deadLetters)).toEqual([[], ["id_conflict"], []]);
    expect(await readEnds(log)).toEqual({ ends: ["3", "2", "2"], rows: 6 });
  });

  test("write() blames no other row for one that PostgreSQL refuses", async () => {
    const { log, sink } = await newSink("one-refused", { partitions: 3 });
    await sql`alter table web_events add constraint no_poison check (event_type <> 'refused')`;

    const written = await Promise.all(
      three.map((partition) => {
        const types = partition === 1 ? ["refused"] : ["click"];
        return sink.write(batchOf(0, newIds(1), { partition, types }), signal);
      }),
    );

    await sql`alter table web_events drop constraint no_poison`;
    expect(written.map(({ deadLetters }) => deadLetters)).toEqual([[], ["database_rejected"], []]);
    expect(await readEnds(log)).toEqual({ ends: ["1", "1", "1"], rows: 2 });
  });
});
