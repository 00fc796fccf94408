/** The short statement against a real PostgreSQL: it leaves what the long one leaves. */
import { describe, expect, spyOn, test } from "bun:test";
import { batchOf, newIds, newSink, useTables } from "./testing/new_events.ts";
import { WRITE_BATCH, WRITE_NEW_EVENTS } from "./write_statements.ts";

const signal = new AbortController().signal;
const tables = useTables();

async function readTables(logNumber: number) {
  const rows = await tables.sql`
    select "offset"::text, session_id, event_type, ts, received_at, payload from web_events
    where log = ${logNumber} order by "offset"`;
  const [position] = await tables.sql`
    select next_offset::text, planned_to::text, records::text, events::text, duplicates::text,
      event_types, last_received_at, latency, latency_ms_sum::text
    from positions where sink = 'postgres' and log = ${logNumber}`;
  return { rows: [...rows], position };
}

describe("write() of new events", () => {
  test("write() leaves the same by the short statement and by the long one", async () => {
    using statements = spyOn(tables.sql, "unsafe");
    const short = await newSink(tables.sql, "short");
    const long = await newSink(tables.sql, "long", { judgedBatches: 2 });
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
    const [left, right] = [await readTables(short.logNumber), await readTables(long.logNumber)];
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
    using statements = spyOn(tables.sql, "unsafe");
    const { sink } = await newSink(tables.sql, "again", { judgedBatches: 3 });
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
    using statements = spyOn(tables.sql, "unsafe");
    const { sink } = await newSink(tables.sql, "opened", { judgedBatches: 3 });
    const known = newIds(1);
    await sink.write(batchOf(0, [...known, ...known]), signal);
    await sink.open(0);
    statements.mockClear();

    await sink.write(batchOf(2, newIds(1)), signal);

    expect(statements.mock.calls.map(([text]) => text)).toEqual([WRITE_NEW_EVENTS]);
  });

  test("write() counts at most 200 types by name, and the others together", async () => {
    const { logNumber, sink } = await newSink(tables.sql, "types");
    const types = Array.from({ length: 205 }, (_, number) => `type-${number}`);

    await sink.write(batchOf(0, newIds(205), { types }), signal);

    const { position } = await readTables(logNumber);
    const counts = position?.["event_types"] as Record<string, number>;
    expect(Object.keys(counts)).toHaveLength(201);
    expect(counts[""]).toBe(5);
  });

  test("write() writes nothing by the short statement when the position is elsewhere", async () => {
    const { logNumber, sink } = await newSink(tables.sql, "elsewhere");
    await sink.write(batchOf(0, newIds(2)), signal);

    const failure = await sink
      .write(batchOf(1, newIds(3)), signal)
      .catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: "position_moved" });
    const { rows, position } = await readTables(logNumber);
    expect(rows).toHaveLength(2);
    expect(position).toMatchObject({ next_offset: "2", records: "2", events: "2" });
  });
});
