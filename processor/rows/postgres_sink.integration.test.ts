/** What a write leaves in the tables of a real PostgreSQL, outcome by outcome. */
import { describe, expect, test } from "bun:test";
import { JUDGED_BATCHES } from "./new_events.ts";
import { batchOf, event, RECEIVED_MS } from "./testing/batches.ts";
import { LATENCY_MS, NEVER, sinkOver, useSink } from "./testing/tables.ts";
import { losingAnswerOf } from "../pipeline/testing/lost_answer.ts";

const own = useSink({ judgedBatches: JUDGED_BATCHES });

describe("write()", () => {
  test("write() stores rows and moves the position and its totals in one step", async () => {
    const partition = await own.newPartition();
    const id = Bun.randomUUIDv7();

    const written = await own.sink.write(
      batchOf(partition, 0n, [event(id, { sessionId: 'q"u\\o,te{}' }), event(`${id}-2`)]),
      NEVER,
    );

    expect(written).toMatchObject({ events: 2, duplicates: 0, deadLetters: [], already: false });
    const [row] =
      await own.sql`select session_id, payload, partition, "offset"::text from web_events where event_id = ${id}`;
    expect(row).toEqual({ session_id: 'q"u\\o,te{}', payload: { n: 1 }, partition, offset: "0" });
    const [position] =
      await own.sql`select next_offset::text, records::int, events::int, event_types, last_hash from positions where partition = ${partition}`;
    expect(position).toMatchObject({
      next_offset: "2",
      records: 2,
      events: 2,
      event_types: { page_view: 2 },
    });
  });

  test("write() changes nothing the second time and returns already", async () => {
    const partition = await own.newPartition();
    const batch = batchOf(partition, 0n, [event(Bun.randomUUIDv7())]);
    await own.sink.write(batch, NEVER);

    const again = await own.sink.write(batch, NEVER);

    expect(again).toMatchObject({ events: 0, already: true });
    const [position] =
      await own.sql`select records::int, events::int from positions where partition = ${partition}`;
    expect(position).toEqual({ records: 1, events: 1 });
  });

  test.each([
    ["new events alone", [], { events: 2, duplicates: 0, deadLetters: [] }],
    [
      "an event twice and a bad record",
      ["twice", "bad"],
      { events: 2, duplicates: 1, deadLetters: ["record_corrupt"] },
    ],
  ] as const)(
    "write() counts what is stored when the answer to its commit was lost: %s",
    async (_, extra, counts) => {
      const partition = await own.newPartition();
      const id = Bun.randomUUIDv7();
      const more = extra.map((kind) => (kind === "twice" ? event(id) : Buffer.from("not JSON")));
      const batch = batchOf(partition, 0n, [event(id), event(`${id}-2`), ...more]);
      const cut = sinkOver(losingAnswerOf(own.sql, "insert into web_events"), own.topicLog);

      const first = await cut.write(batch, NEVER).catch((error: unknown) => error);
      const second = await cut.write(batch, NEVER);
      const other = await own.sink.write(batch, NEVER);

      expect(first).toMatchObject({ code: "database_unavailable" });
      expect(second).toMatchObject({ ...counts, already: false });
      expect(other).toMatchObject({ events: 0, already: true });
    },
  );

  test.each([0, 1, 2])(
    "write() continues after %i halves that are stored when the answer to the next was lost",
    async (before) => {
      const partition = await own.newPartition();
      await own.sql`alter table web_events drop constraint if exists no_poison`;
      await own.sql`alter table web_events add constraint no_poison check (event_type <> 'refused')`;
      const values = Array.from({ length: 4 }, (_, n) =>
        event(Bun.randomUUIDv7(), { eventType: n === 2 ? "refused" : "click" }),
      );
      const batch = batchOf(partition, 0n, values);
      const cut = sinkOver(losingAnswerOf(own.sql, "insert into web_events", before), own.topicLog);

      const first = await cut.write(batch, NEVER).catch((error: unknown) => error);
      const second = await cut.write(batch, NEVER);

      expect(first).toMatchObject({ code: "database_unavailable" });
      expect(second).toMatchObject({ events: 3, deadLetters: ["database_rejected"] });
      expect(second.already).toBe(false);
      await own.sql`alter table web_events drop constraint no_poison`;
    },
  );

  test("write() rejects with position_moved when another owner wrote", async () => {
    const partition = await own.newPartition();
    await own.sink.write(
      batchOf(partition, 0n, [event(Bun.randomUUIDv7()), event(Bun.randomUUIDv7())]),
      NEVER,
    );
    const stale = batchOf(partition, 0n, [event(Bun.randomUUIDv7())]);

    const outcome = own.sink.write(stale, NEVER);

    expect(outcome).rejects.toMatchObject({ code: "position_moved" });
    await outcome.catch(() => undefined);
    const [count] =
      await own.sql`select count(*)::int from web_events where partition = ${partition}`;
    expect(count).toEqual({ count: 2 });
  });

  test.each(["null", "NULL", "Null"])(
    "write() stores an event whose id is the word %s",
    async (id) => {
      const partition = await own.newPartition();

      const written = await own.sink.write(batchOf(partition, 0n, [event(id)]), NEVER);

      expect(written).toMatchObject({ events: 1, deadLetters: [] });
    },
  );

  test("write() lists duplicates within a batch, across batches and partitions", async () => {
    const [one, two] = [await own.newPartition(), await own.newPartition()];
    const id = Bun.randomUUIDv7();
    await own.sink.write(batchOf(one, 0n, [event(id), event(id)]), NEVER);
    const later = new Date(RECEIVED_MS + 5000).toISOString();

    const written = await own.sink.write(
      batchOf(two, 0n, [event(id, { ts: later, receivedAt: later })]),
      NEVER,
    );

    expect(written).toMatchObject({ events: 0, duplicates: 1, deadLetters: [] });
    const rows =
      await own.sql`select partition, "offset"::text, event_id from duplicate_events where event_id = ${id} order by 1`;
    expect([...rows]).toEqual([
      { partition: one, offset: "1", event_id: id },
      { partition: two, offset: "0", event_id: id },
    ]);
  });

  test("write() sets aside an event whose id is taken by other content, and keeps the rest", async () => {
    const partition = await own.newPartition();
    const id = Bun.randomUUIDv7();

    const written = await own.sink.write(
      batchOf(partition, 0n, [event(id), event(id, { payload: '{"n":2}' }), event(`${id}-b`)]),
      NEVER,
    );

    expect(written).toMatchObject({ events: 2, duplicates: 0, deadLetters: ["id_conflict"] });
    const [letter] =
      await own.sql`select "offset"::text, code, event_id from dead_letters where partition = ${partition}`;
    expect(letter).toEqual({ offset: "1", code: "id_conflict", event_id: id });
  });

  test("write() treats another client-given ts as other content", async () => {
    const partition = await own.newPartition();
    const id = Bun.randomUUIDv7();
    const given = (ms: number) => event(id, { ts: new Date(RECEIVED_MS - ms).toISOString() });

    const written = await own.sink.write(
      batchOf(partition, 0n, [given(1000), given(1000), given(2000)]),
      NEVER,
    );

    expect(written).toMatchObject({ events: 1, duplicates: 1, deadLetters: ["id_conflict"] });
  });

  test("write() sets aside what can't be decoded with its exact bytes", async () => {
    const partition = await own.newPartition();
    const poison = Buffer.from([0xff, 0x00, 0x7b]);

    const written = await own.sink.write(
      batchOf(partition, 0n, [poison, event(Bun.randomUUIDv7())]),
      NEVER,
    );

    expect(written).toMatchObject({ events: 1, deadLetters: ["record_corrupt"] });
    const [letter] = await own.sql<
      { value: Buffer; key: Buffer }[]
    >`select key, value from dead_letters where partition = ${partition}`;
    expect(Buffer.from(letter?.value ?? []).equals(poison)).toBeTrue();
    const [position] =
      await own.sql`select dead_letters::int, dead_letter_codes from positions where partition = ${partition}`;
    expect(position).toEqual({ dead_letters: 1, dead_letter_codes: { record_corrupt: 1 } });
  });

  test("write() splits a batch until the row that PostgreSQL refuses is alone", async () => {
    const partition = await own.newPartition();
    await own.sql`alter table web_events add constraint no_poison check (event_type <> 'refused')`;
    const values = Array.from({ length: 7 }, (_, n) =>
      event(`split-${n}`, { eventType: n === 4 ? "refused" : "click" }),
    );

    const written = await own.sink.write(batchOf(partition, 0n, values), NEVER);

    expect(written).toMatchObject({ events: 6, deadLetters: ["database_rejected"] });
    const [letter] =
      await own.sql`select "offset"::text, code from dead_letters where partition = ${partition}`;
    expect(letter).toEqual({ offset: "4", code: "database_rejected" });
    const [position] =
      await own.sql`select next_offset::text from positions where partition = ${partition}`;
    expect(position).toEqual({ next_offset: "7" });
  });

  test("write() settles ids that two partitions write at the same time", async () => {
    const partitions = await Promise.all(Array.from({ length: 4 }, own.newPartition));
    const values = Array.from({ length: 200 }, (_, n) => event(`race-${n}`));

    const written = await Promise.all(
      partitions.map((partition) => own.sink.write(batchOf(partition, 0n, values), NEVER)),
    );

    expect(written.reduce((sum, each) => sum + each.events, 0)).toBe(200);
    expect(written.reduce((sum, each) => sum + each.duplicates, 0)).toBe(600);
  });

  test("idle() stores the latencies of the last batch without moving the position", async () => {
    const partition = await own.newPartition();
    await own.sink.write(batchOf(partition, 0n, [event(Bun.randomUUIDv7())]), NEVER);

    await own.sink.idle(partition, 1n);

    const [position] =
      await own.sql`select next_offset::text, latency_ms_sum::int, (select sum(n) from unnest(latency) n)::int as counted from positions where partition = ${partition}`;
    expect(position).toEqual({ next_offset: "1", latency_ms_sum: LATENCY_MS, counted: 1 });
  });
});

test("write() rejects as retryable when a statement never has an outcome", async () => {
  // What a cut connection leaves behind: a statement that neither succeeds nor fails.
  const unsafe = () => new Promise(() => undefined);
  const silent = new Proxy(own.sql, {
    get: (database, name) => (name === "unsafe" ? unsafe : Reflect.get(database, name)),
  });
  const stuck = sinkOver(silent, own.topicLog, { answerMsMax: 50 });

  const outcome = stuck.write(batchOf(0, 0n, [event(Bun.randomUUIDv7())]), NEVER);

  await expect(outcome).rejects.toMatchObject({ code: "database_unavailable" });
});
