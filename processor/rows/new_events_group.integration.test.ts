/** Batches of several partitions in one statement, against a real PostgreSQL. */
import { describe, expect, spyOn, test } from "bun:test";
import { batchOfIds, newIds } from "./testing/batches.ts";
import { LIMITS, NEVER, newSink, readEnds, useTables } from "./testing/tables.ts";
import type { Sink } from "../pipeline/sink.ts";
import { WRITE_BATCH, WRITE_NEW_EVENTS } from "./write_statements.ts";

const tables = useTables();

/** Resolved by the test or, when the test fails, at its end: no lock outlives the test. */
function untilTestEnds(): PromiseWithResolvers<void> & Disposable {
  const released = Promise.withResolvers<void>();
  return Object.assign(released, { [Symbol.dispose]: () => released.resolve() });
}

/** Writes a batch to each partition: its types have numbers then, so the next ones go at once. */
async function writeFirst(sink: Sink, partitions: readonly number[]): Promise<void> {
  for (const partition of partitions)
    await sink.write(batchOfIds(0, newIds(FIRST), { partition }), NEVER);
}

/** As many as `batchOfIds` has types. */
const FIRST = 6;

describe("write() of several partitions at once", () => {
  const three = [0, 1, 2];

  test("write() puts their batches into one statement", async () => {
    const { topicLog, sink } = await newSink(tables.sql, "together", { partitions: 3 });
    await writeFirst(sink, three);
    using statements = spyOn(tables.sql, "unsafe");

    const written = await Promise.all(
      three.map((partition) =>
        sink.write(batchOfIds(FIRST, newIds(partition + 1), { partition }), NEVER),
      ),
    );

    expect(statements.mock.calls.map(([text]) => text)).toEqual([WRITE_NEW_EVENTS]);
    expect(written.map(({ events }) => events)).toEqual([1, 2, 3]);
    expect(await readEnds(tables.sql, topicLog)).toEqual({ ends: ["7", "8", "9"], rows: 24 });
    const misplaced = await tables.sql`
      select from web_events where log = ${topicLog.logNumber} and "offset" >= ${FIRST}
        and (session_id <> 's "' || "offset" - ${FIRST} || '"' or "offset" - ${FIRST} > partition)`;
    expect(misplaced).toHaveLength(0);
  });

  test("write() leaves out the batch whose position is not where it begins", async () => {
    const { topicLog, sink } = await newSink(tables.sql, "one-elsewhere", { partitions: 3 });

    const [first, second, third] = await Promise.allSettled([
      sink.write(batchOfIds(0, newIds(2), { partition: 0 }), NEVER),
      sink.write(batchOfIds(5, newIds(2), { partition: 1 }), NEVER),
      sink.write(batchOfIds(0, newIds(2), { partition: 2 }), NEVER),
    ]);

    expect(second).toMatchObject({ status: "rejected", reason: { code: "position_moved" } });
    expect([first, third]).toMatchObject([{ value: { events: 2 } }, { value: { events: 2 } }]);
    expect(await readEnds(tables.sql, topicLog)).toEqual({ ends: ["2", "0", "2"], rows: 4 });
  });

  test("write() does not wait for a position that another transaction holds", async () => {
    const { topicLog, sink } = await newSink(tables.sql, "held", { partitions: 2 });
    await writeFirst(sink, [0, 1]);
    using released = untilTestEnds();
    const isHeld = Promise.withResolvers<void>();
    const holder = tables.sql.begin(async (transaction) => {
      await transaction`select from positions where log = ${topicLog.logNumber} and partition = 1 for update`;
      isHeld.resolve();
      await released.promise;
    });
    await isHeld.promise;
    using statements = spyOn(tables.sql, "unsafe");

    const held = sink.write(batchOfIds(FIRST, newIds(1), { partition: 1 }), NEVER);
    const free = await sink.write(batchOfIds(FIRST, newIds(1), { partition: 0 }), NEVER);

    expect(free).toMatchObject({ events: 1 });
    const sent = statements.mock.calls.map(([text]) => text);
    expect(sent).toEqual([WRITE_NEW_EVENTS, WRITE_BATCH]);
    expect(await readEnds(tables.sql, topicLog)).toEqual({ ends: ["7", "6"], rows: 13 });
    released.resolve();
    await holder;
    expect(await held).toMatchObject({ events: 1 });
    expect(await readEnds(tables.sql, topicLog)).toEqual({ ends: ["7", "7"], rows: 14 });
  });

  test("write() judges each batch separately when one of them has a known event", async () => {
    const { topicLog, sink } = await newSink(tables.sql, "one-known", {
      judgedBatches: 3,
      partitions: 3,
    });
    const [known = ""] = newIds(1);
    await sink.write(batchOfIds(0, [known], { partition: 0 }), NEVER);
    using statements = spyOn(tables.sql, "unsafe");

    const written = await Promise.all([
      sink.write(batchOfIds(1, newIds(2), { partition: 0 }), NEVER),
      sink.write(batchOfIds(0, [known, known, ...newIds(1)], { partition: 1 }), NEVER),
      sink.write(batchOfIds(0, newIds(2), { partition: 2 }), NEVER),
    ]);

    expect(written.map(({ events }) => events)).toEqual([2, 1, 2]);
    expect(written.map(({ duplicates }) => duplicates)).toEqual([0, 1, 0]);
    expect(written.map(({ deadLetters }) => deadLetters)).toEqual([[], ["id_conflict"], []]);
    expect(await readEnds(tables.sql, topicLog)).toEqual({ ends: ["3", "3", "2"], rows: 6 });
    expect(statements.mock.calls[0]?.[0]).toBe(WRITE_NEW_EVENTS);
    statements.mockClear();
    // From now on only the partition with the known event is judged at once.
    for (const partition of three) {
      const first = partition === 2 ? 2 : 3;
      await sink.write(batchOfIds(first, newIds(1), { partition }), NEVER);
    }
    const sent = statements.mock.calls.map(([text]) => text);
    expect(sent).toEqual([WRITE_NEW_EVENTS, WRITE_BATCH, WRITE_NEW_EVENTS]);
  });

  test("write() stores the other batches when PostgreSQL refuses a row of one", async () => {
    const { topicLog, sink } = await newSink(tables.sql, "one-refused", { partitions: 3 });
    await tables.sql`alter table web_events add constraint no_poison check (event_type <> 'refused')`;
    using statements = spyOn(tables.sql, "unsafe");

    const written = await Promise.all(
      three.map((partition) => {
        const types = partition === 1 ? ["refused"] : ["click"];
        return sink.write(batchOfIds(0, newIds(1), { partition, types }), NEVER);
      }),
    ).finally(() => tables.sql`alter table web_events drop constraint no_poison`);

    expect(statements.mock.calls[0]?.[0]).toBe(WRITE_NEW_EVENTS);
    expect(written.map(({ deadLetters }) => deadLetters)).toEqual([[], ["database_rejected"], []]);
    expect(await readEnds(tables.sql, topicLog)).toEqual({ ends: ["1", "1", "1"], rows: 2 });
  });

  test("write() rejects for all of them when no batch is the reason", async () => {
    const { topicLog, sink } = await newSink(tables.sql, "away", { partitions: 3 });
    await writeFirst(sink, three);
    await tables.sql`alter table web_events rename to hidden`;
    using statements = spyOn(tables.sql, "unsafe");

    const outcomes = await Promise.allSettled(
      three.map((partition) => sink.write(batchOfIds(FIRST, newIds(1), { partition }), NEVER)),
    ).finally(() => tables.sql`alter table hidden rename to web_events`);

    const failed = { status: "rejected", reason: { code: "database_unavailable" } };
    expect(outcomes).toMatchObject([failed, failed, failed]);
    expect(statements).toHaveBeenCalledTimes(1);
    expect(await readEnds(tables.sql, topicLog)).toEqual({ ends: ["6", "6", "6"], rows: 18 });
  });

  test("write() keeps batches that share a statement within the bytes of one batch", async () => {
    const { topicLog, sink } = await newSink(tables.sql, "bytes", { partitions: 3 });
    await writeFirst(sink, three);
    using statements = spyOn(tables.sql, "unsafe");
    const filler = "x".repeat(LIMITS.bytesMax * 0.4);

    await Promise.all(
      three.map((partition) =>
        sink.write(batchOfIds(FIRST, newIds(1), { partition, filler }), NEVER),
      ),
    );

    expect(statements.mock.calls.map(([text]) => text)).toEqual([
      WRITE_NEW_EVENTS,
      WRITE_NEW_EVENTS,
    ]);
    expect(await readEnds(tables.sql, topicLog)).toEqual({ ends: ["7", "7", "7"], rows: 21 });
  });
});
