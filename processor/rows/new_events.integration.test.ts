/** `WRITE_NEW_EVENTS` on a real PostgreSQL: it stores the same as `WRITE_BATCH`. */
import { describe, expect, spyOn, test } from "bun:test";
import type { TopicLog } from "../pipeline/positions.ts";
import { batchOfIds, newIds } from "./testing/batches.ts";
import { NEVER, newSink, useTables } from "./testing/tables.ts";
import { WRITE_BATCH, WRITE_NEW_EVENTS } from "./write_statements.ts";

const tables = useTables();

async function readTables({ logNumber }: TopicLog) {
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
  test("write() stores the same by the statement for new events and by the one for any batch", async () => {
    using statements = spyOn(tables.sql, "unsafe");
    const short = await newSink(tables.sql, "short");
    const long = await newSink(tables.sql, "long", { judgedBatches: 2 });
    const known = newIds(1);
    // The same event twice is judged; after it two batches of the second sink go to WRITE_BATCH.
    for (const { sink } of [short, long])
      await sink.write(batchOfIds(0, [...known, ...known]), NEVER);
    statements.mockClear();

    for (const [first, count] of [
      [2, 8],
      [10, 3],
    ] as const) {
      for (const { sink } of [short, long]) {
        await sink.write(batchOfIds(first, newIds(count)), NEVER);
      }
    }

    const sent = statements.mock.calls.map(([text]) => text);
    expect(sent).toEqual([WRITE_NEW_EVENTS, WRITE_BATCH, WRITE_NEW_EVENTS, WRITE_BATCH]);
    const [left, right] = [await readTables(short.topicLog), await readTables(long.topicLog)];
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

  test("write() tries the statement for new events again after the batches that are judged", async () => {
    using statements = spyOn(tables.sql, "unsafe");
    const { sink } = await newSink(tables.sql, "again", { judgedBatches: 3 });
    const [known = ""] = newIds(1);
    await sink.write(batchOfIds(0, [known]), NEVER);
    const second = await sink.write(batchOfIds(1, [known, ...newIds(1)]), NEVER);
    statements.mockClear();

    for (let offset = 3; offset < 8; offset++)
      await sink.write(batchOfIds(offset, newIds(1)), NEVER);

    expect(second).toMatchObject({ events: 1, duplicates: 1, already: false });
    const isForNewEvents = statements.mock.calls.map(([text]) => text === WRITE_NEW_EVENTS);
    expect(isForNewEvents).toEqual([false, false, false, true, true]);
  });

  test("write() tries the statement for new events at once in a partition that is opened again", async () => {
    using statements = spyOn(tables.sql, "unsafe");
    const { sink } = await newSink(tables.sql, "opened", { judgedBatches: 3 });
    const known = newIds(1);
    await sink.write(batchOfIds(0, [...known, ...known]), NEVER);
    await sink.open(0);
    statements.mockClear();

    await sink.write(batchOfIds(2, newIds(1)), NEVER);

    expect(statements.mock.calls.map(([text]) => text)).toEqual([WRITE_NEW_EVENTS]);
  });

  test("write() counts at most 200 types by name, and the others together", async () => {
    const { topicLog, sink } = await newSink(tables.sql, "types");
    const types = Array.from({ length: 205 }, (_, number) => `type-${number}`);

    await sink.write(batchOfIds(0, newIds(205), { types }), NEVER);

    const { position } = await readTables(topicLog);
    const counts = position?.["event_types"] as Record<string, number>;
    expect(Object.keys(counts)).toHaveLength(201);
    expect(counts[""]).toBe(5);
  });

  test("write() stores nothing when the position is not where the batch begins", async () => {
    const { topicLog, sink } = await newSink(tables.sql, "elsewhere");
    await sink.write(batchOfIds(0, newIds(2)), NEVER);

    const failure = await sink
      .write(batchOfIds(1, newIds(3)), NEVER)
      .catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: "position_moved" });
    const { rows, position } = await readTables(topicLog);
    expect(rows).toHaveLength(2);
    expect(position).toMatchObject({ next_offset: "2", records: "2", events: "2" });
  });
});
