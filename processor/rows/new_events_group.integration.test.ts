/** Batches of several partitions in one statement, against a real PostgreSQL. */
import { describe, expect, spyOn, test } from "bun:test";
import { batchOf, LIMITS, newIds, newSink, useTables, readEnds } from "./testing/new_events.ts";
import { WRITE_BATCH, WRITE_NEW_EVENTS } from "./write_statements.ts";

const signal = new AbortController().signal;
const tables = useTables();

/** Resolved by the test or, when that fails, at its end: nobody holds a lock behind it. */
function untilTestEnds(): PromiseWithResolvers<void> & Disposable {
  const released = Promise.withResolvers<void>();
  return Object.assign(released, { [Symbol.dispose]: () => released.resolve() });
}

describe("write() of several partitions at once", () => {
  const three = [0, 1, 2];

  test("write() puts them into one statement", async () => {
    using statements = spyOn(tables.sql, "unsafe");
    const { logNumber, sink } = await newSink(tables.sql, "together", { partitions: 3 });

    const written = await Promise.all(
      three.map((partition) =>
        sink.write(batchOf(0, newIds(partition + 1), { partition }), signal),
      ),
    );

    expect(statements.mock.calls.map(([text]) => text)).toEqual([WRITE_NEW_EVENTS]);
    expect(written.map(({ events }) => events)).toEqual([1, 2, 3]);
    expect(await readEnds(tables.sql, logNumber)).toEqual({ ends: ["1", "2", "3"], rows: 6 });
    const misplaced = await tables.sql`
      select from web_events where log = ${logNumber}
        and session_id <> 's "' || "offset" || '"' or log = ${logNumber} and "offset" > partition`;
    expect(misplaced).toHaveLength(0);
  });

  test("write() leaves out the one whose position is elsewhere", async () => {
    const { logNumber, sink } = await newSink(tables.sql, "one-elsewhere", { partitions: 3 });

    const [first, second, third] = await Promise.allSettled([
      sink.write(batchOf(0, newIds(2), { partition: 0 }), signal),
      sink.write(batchOf(5, newIds(2), { partition: 1 }), signal),
      sink.write(batchOf(0, newIds(2), { partition: 2 }), signal),
    ]);

    expect(second).toMatchObject({ status: "rejected", reason: { code: "position_moved" } });
    expect([first, third]).toMatchObject([{ value: { events: 2 } }, { value: { events: 2 } }]);
    expect(await readEnds(tables.sql, logNumber)).toEqual({ ends: ["2", "0", "2"], rows: 4 });
  });

  test("write() does not wait for a position that somebody holds", async () => {
    const { logNumber, sink } = await newSink(tables.sql, "held", { partitions: 2 });
    using released = untilTestEnds();
    const isHeld = Promise.withResolvers<void>();
    const holder = tables.sql.begin(async (transaction) => {
      await transaction`select from positions where log = ${logNumber} and partition = 1 for update`;
      isHeld.resolve();
      await released.promise;
    });
    await isHeld.promise;
    using statements = spyOn(tables.sql, "unsafe");

    const held = sink.write(batchOf(0, newIds(1), { partition: 1 }), signal);
    const free = await sink.write(batchOf(0, newIds(1), { partition: 0 }), signal);

    expect(free).toMatchObject({ events: 1 });
    const sent = statements.mock.calls.map(([text]) => text);
    expect(sent).toEqual([WRITE_NEW_EVENTS, WRITE_BATCH]);
    expect(await readEnds(tables.sql, logNumber)).toEqual({ ends: ["1", "0"], rows: 1 });
    released.resolve();
    await holder;
    expect(await held).toMatchObject({ events: 1 });
    expect(await readEnds(tables.sql, logNumber)).toEqual({ ends: ["1", "1"], rows: 2 });
  });

  test("write() judges each by itself when one of them has a known event", async () => {
    const { logNumber, sink } = await newSink(tables.sql, "one-known", {
      judgedBatches: 3,
      partitions: 3,
    });
    const [known = ""] = newIds(1);
    await sink.write(batchOf(0, [known], { partition: 0 }), signal);
    using statements = spyOn(tables.sql, "unsafe");

    const written = await Promise.all([
      sink.write(batchOf(1, newIds(2), { partition: 0 }), signal),
      sink.write(batchOf(0, [known, known, ...newIds(1)], { partition: 1 }), signal),
      sink.write(batchOf(0, newIds(2), { partition: 2 }), signal),
    ]);

    expect(written.map(({ events }) => events)).toEqual([2, 1, 2]);
    expect(written.map(({ duplicates }) => duplicates)).toEqual([0, 1, 0]);
    expect(written.map(({ deadLetters }) => deadLetters)).toEqual([[], ["id_conflict"], []]);
    expect(await readEnds(tables.sql, logNumber)).toEqual({ ends: ["3", "3", "2"], rows: 6 });
    expect(statements.mock.calls[0]?.[0]).toBe(WRITE_NEW_EVENTS);
    statements.mockClear();
    // Only the one with the known event is judged at once from now on.
    for (const partition of three) {
      const first = partition === 2 ? 2 : 3;
      await sink.write(batchOf(first, newIds(1), { partition }), signal);
    }
    const sent = statements.mock.calls.map(([text]) => text);
    expect(sent).toEqual([WRITE_NEW_EVENTS, WRITE_BATCH, WRITE_NEW_EVENTS]);
  });

  test("write() blames no other row for one that PostgreSQL refuses", async () => {
    const { logNumber, sink } = await newSink(tables.sql, "one-refused", { partitions: 3 });
    await tables.sql`alter table web_events add constraint no_poison check (event_type <> 'refused')`;
    using statements = spyOn(tables.sql, "unsafe");

    const written = await Promise.all(
      three.map((partition) => {
        const types = partition === 1 ? ["refused"] : ["click"];
        return sink.write(batchOf(0, newIds(1), { partition, types }), signal);
      }),
    ).finally(() => tables.sql`alter table web_events drop constraint no_poison`);

    expect(statements.mock.calls[0]?.[0]).toBe(WRITE_NEW_EVENTS);
    expect(written.map(({ deadLetters }) => deadLetters)).toEqual([[], ["database_rejected"], []]);
    expect(await readEnds(tables.sql, logNumber)).toEqual({ ends: ["1", "1", "1"], rows: 2 });
  });

  test("write() rejects for all of them when the reason is no batch's", async () => {
    const { logNumber, sink } = await newSink(tables.sql, "away", { partitions: 3 });
    await tables.sql`alter table web_events rename to hidden`;
    using statements = spyOn(tables.sql, "unsafe");

    const outcomes = await Promise.allSettled(
      three.map((partition) => sink.write(batchOf(0, newIds(1), { partition }), signal)),
    ).finally(() => tables.sql`alter table hidden rename to web_events`);

    const failed = { status: "rejected", reason: { code: "database_unavailable" } };
    expect(outcomes).toMatchObject([failed, failed, failed]);
    expect(statements).toHaveBeenCalledTimes(1);
    expect(await readEnds(tables.sql, logNumber)).toEqual({ ends: ["0", "0", "0"], rows: 0 });
  });

  test("write() keeps what shares a statement within the bytes of one batch", async () => {
    using statements = spyOn(tables.sql, "unsafe");
    const { logNumber, sink } = await newSink(tables.sql, "bytes", { partitions: 3 });
    const filler = "x".repeat(LIMITS.bytesMax * 0.4);

    await Promise.all(
      three.map((partition) => sink.write(batchOf(0, newIds(1), { partition, filler }), signal)),
    );

    expect(statements.mock.calls.map(([text]) => text)).toEqual([
      WRITE_NEW_EVENTS,
      WRITE_NEW_EVENTS,
    ]);
    expect(await readEnds(tables.sql, logNumber)).toEqual({ ends: ["1", "1", "1"], rows: 3 });
  });
});
