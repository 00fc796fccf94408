/** The source of an event: a column of its row, and no part of its content. */
import { expect, test } from "bun:test";
import { JUDGED_BATCHES } from "./new_events.ts";
import { batchOf, event } from "./testing/batches.ts";
import { NEVER, sinkOver, useSink } from "./testing/tables.ts";

const own = useSink({ judgedBatches: JUDGED_BATCHES });

test("write() stores the source of an event, and compares events without it", async () => {
  const partition = await own.newPartition();
  const id = Bun.randomUUIDv7();
  const from = (source: string) => event(id, { source });

  const written = await own.sink.write(
    batchOf(partition, 0n, [event(`${id}-none`), from("web"), from("null"), event(id)]),
    NEVER,
  );

  expect(written).toMatchObject({ events: 2, duplicates: 2, deadLetters: [] });
  const rows = await own.sql`
    select event_id, source from web_events where partition = ${partition} order by "offset"`;
  expect([...rows]).toEqual([
    { event_id: `${id}-none`, source: null },
    { event_id: id, source: "web" },
  ]);
});

test("write() stores the sources of new events, whichever of them have one", async () => {
  const partition = await own.newPartition();
  const events = ["b", "a", "d", "c"].map((name) =>
    event(`sources-${name}`, name < "c" ? { source: `from-${name}` } : {}),
  );

  await sinkOver(own.sql, own.topicLog, { judgedBatches: 0 }).write(
    batchOf(partition, 0n, events),
    NEVER,
  );

  const rows = await own.sql`
    select event_id, source from web_events where partition = ${partition} order by "offset"`;
  expect(rows.map(({ event_id, source }) => [event_id, source])).toEqual([
    ["sources-b", "from-b"],
    ["sources-a", "from-a"],
    ["sources-d", null],
    ["sources-c", null],
  ]);
});
