/** The counts that both statements keep, on a real PostgreSQL: they are equal to the rows (I12). */
import { beforeAll, describe, expect, spyOn, test } from "bun:test";
import type { AcceptedEvent } from "@tally/shared";
import { moveOldCounts, type MoveAges } from "../counts/move.ts";
import { registerTypes } from "../counts/type_registry.ts";
import { allDifferences, readBuckets } from "../counts/testing/counted.ts";
import { batchOf, event, newIds } from "./testing/batches.ts";
import { NEVER, newSink, useTables } from "./testing/tables.ts";
import { WRITE_BATCH, WRITE_NEW_EVENTS } from "./write_statements.ts";

const tables = useTables();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
// Events of the last minutes: what the statements count by minute depends on the server's clock.
const NOW_MS = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
const ALL: MoveAges = { minutes: "-9000 years", quarters: "-9000 years" };

function eventsAt(
  agesMs: readonly number[],
  changes: (index: number) => Partial<AcceptedEvent> = () => ({}),
): AcceptedEvent[] {
  return agesMs.map((ageMs, index) =>
    event(Bun.randomUUIDv7(), {
      ts: new Date(NOW_MS - ageMs).toISOString(),
      receivedAt: new Date(NOW_MS).toISOString(),
      ...changes(index),
    }),
  );
}

const shown = (ageMs: number) =>
  new Date(NOW_MS - ageMs).toISOString().slice(0, 16).replace("T", " ");

describe("write() and the counts", () => {
  test("write() counts by minute and type, the same by both statements", async () => {
    using statements = spyOn(tables.sql, "unsafe");
    const short = await newSink(tables.sql, "both-short");
    const long = await newSink(tables.sql, "both-long", { judgedBatches: 2 });
    const [known = ""] = newIds(1);
    // The same event twice is judged; after it two batches of the second sink go to WRITE_BATCH.
    for (const { sink } of [short, long]) {
      const twice = [known, known].map((id) => event(`${id}-${sink === short.sink}`));
      await sink.write(batchOf(0, 0n, twice), NEVER);
    }
    await tables.sql`delete from minute_counts`;
    await tables.sql`delete from web_events`;
    statements.mockClear();
    const types = (index: number) => ({
      eventType: ["click", "page_view", "__proto__"][index % 3] ?? "",
    });

    for (const { sink } of [short, long]) {
      await sink.write(batchOf(0, 2n, eventsAt([0, 0, MINUTE_MS, 2 * MINUTE_MS, 0], types)), NEVER);
    }

    expect(statements.mock.calls.map(([text]) => text)).toEqual([WRITE_NEW_EVENTS, WRITE_BATCH]);
    const expected = [
      [`0 ${shown(2 * MINUTE_MS)} 1 1`, { click: 1 }],
      [`0 ${shown(MINUTE_MS)} 1 0`, JSON.parse('{"__proto__":1}')],
      [`0 ${shown(0)} 3 0`, { click: 1, page_view: 2 }],
    ];
    for (const { topicLog } of [short, long]) {
      expect(await readBuckets(tables.sql, "minute_counts", topicLog.logNumber)).toEqual(
        expected as never,
      );
    }
    expect(await allDifferences(tables.sql)).toEqual([]);
  });

  test("write() counts an event once when it comes again in its batch, later, or after a rewind", async () => {
    const { sink, topicLog } = await newSink(tables.sql, "again");
    const [first, second] = eventsAt([0, 0]);
    if (first === undefined || second === undefined) return;
    await sink.write(batchOf(0, 0n, [first, first]), NEVER);
    await sink.write(batchOf(0, 2n, [first, second]), NEVER);
    await tables.sql`update positions set next_offset = 0 where log = ${topicLog.logNumber}`;

    await sink.open(0);
    await sink.write(batchOf(0, 0n, [first, first]), NEVER);
    await sink.write(batchOf(0, 2n, [first, second]), NEVER);

    expect(await readBuckets(tables.sql, "minute_counts", topicLog.logNumber)).toEqual([
      [`0 ${shown(0)} 2 0`, { page_view: 2 }],
    ]);
    expect(await allDifferences(tables.sql)).toEqual([]);
  });

  test("write() counts what is older than 48 hours by quarter of an hour, and the future by minute", async () => {
    const { sink, topicLog } = await newSink(tables.sql, "ages");
    const times = [
      "0001-01-01T00:14:59.999Z",
      "1969-12-31T23:59:00.000Z",
      "2012-06-30T12:30:00.000Z",
      "9999-12-31T23:59:59.999Z",
    ];

    await sink.write(
      batchOf(0, 0n, [
        ...times.map((ts) => ({ ...eventsAt([0])[0], ts }) as AcceptedEvent),
        ...eventsAt([47 * HOUR_MS]),
      ]),
      NEVER,
    );

    expect(await readBuckets(tables.sql, "quarter_counts", topicLog.logNumber)).toEqual([
      ["0 0001-01-01 00:00 1 1", { page_view: 1 }],
      ["0 1969-12-31 23:45 1 1", { page_view: 1 }],
      ["0 2012-06-30 12:30 1 1", { page_view: 1 }],
    ]);
    expect(await readBuckets(tables.sql, "minute_counts", topicLog.logNumber)).toEqual([
      [`0 ${shown(47 * HOUR_MS)} 1 1`, { page_view: 1 }],
      ["0 9999-12-31 23:59 1 0", { page_view: 1 }],
    ]);
    expect(await allDifferences(tables.sql)).toEqual([]);
  });

  test("write() gives numbers to 1,000 types of a partition and counts the others together", async () => {
    const { sink, topicLog } = await newSink(tables.sql, "types", { partitions: 2 });
    const typed = (from: number, count: number) =>
      eventsAt(Array<number>(count).fill(0), (index) => ({ eventType: `type ${from + index}` }));
    await sink.write(batchOf(0, 0n, typed(0, 700)), NEVER);
    await sink.write(batchOf(0, 700n, typed(700, 700)), NEVER);
    await sink.write(batchOf(1, 0n, typed(1399, 1)), NEVER);

    const registered = await tables.sql`
      select partition, count(*)::integer, max(number)::integer from counted_types
      where log = ${topicLog.logNumber} group by partition order by partition`;
    expect(registered.map((row) => Object.values(row))).toEqual([
      [0, 1000, 1000],
      [1, 1, 1],
    ]);
    const [others] = await tables.sql`
      select sum(events)::integer as events from counted_events('-infinity', 'infinity')
      where event_type is null`;
    expect(others).toEqual({ events: 400 });
    expect(await allDifferences(tables.sql)).toEqual([]);
  });

  test("write() sends a batch again when a type is registered while it runs", async () => {
    const { sink, topicLog } = await newSink(tables.sql, "race", { partitions: 2 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const registered = tables.sql.begin(async (run) => {
      for (const partition of [0, 1]) {
        await registerTypes(run, { log: topicLog.logNumber, partition, types: ["click"] });
      }
      await promise;
    });
    const writes = [0, 1].map((partition) =>
      sink.write(
        batchOf(
          partition,
          0n,
          eventsAt([0, 0], () => ({ eventType: "click" })),
        ),
        NEVER,
      ),
    );
    await untilWaiting();
    resolve();
    await registered;

    const written = await Promise.all(writes);

    expect(written).toMatchObject([
      { events: 2, deadLetters: [] },
      { events: 2, deadLetters: [] },
    ]);
    expect(await allDifferences(tables.sql)).toEqual([]);
  });

  test.each([
    ["new events", 0],
    ["any events", 2],
  ])(
    "write() of %s waits for a minute before it takes a quarter, as the mover does",
    async (name, judgedBatches) => {
      const { sink, topicLog } = await newSink(tables.sql, `locks of ${name}`, { judgedBatches });
      const [now] = eventsAt([0]);
      if (now === undefined) return;
      await sink.write(
        batchOf(0, 0n, judgedBatches > 0 ? [now, now] : [now, ...eventsAt([0])]),
        NEVER,
      );
      let writing: Promise<unknown> = Promise.resolve();

      const taken = await tables.sql.begin(async (mover) => {
        await mover`select from minute_counts where log = ${topicLog.logNumber} for update`;
        writing = sink.write(batchOf(0, 2n, eventsAt([0, 60 * HOUR_MS])), NEVER);
        await untilWaiting();
        await mover`set local lock_timeout = '100ms'`;
        return await mover`
        insert into quarter_counts (quarter, log, partition, total, late, counts)
        values (bucket_of('15 minutes', ${new Date(NOW_MS - 60 * HOUR_MS).toISOString()}::text::timestamptz),
          ${topicLog.logNumber}, 0, 0, 0, '{}')
        on conflict (quarter, log, partition) do update set total = quarter_counts.total`;
      });
      await writing;

      expect(taken.count).toBe(1);
      expect(await allDifferences(tables.sql)).toEqual([]);
    },
  );
});

describe("moveOldCounts()", () => {
  beforeAll(async () => {
    await tables.sql`truncate minute_counts, quarter_counts, hour_counts, hour_totals, web_events, counted_types`;
  });

  test("moveOldCounts() leaves every sum as it is, and late events are added to what was moved", async () => {
    const { sink } = await newSink(tables.sql, "moved", { partitions: 2 });
    const ages = Array.from({ length: 40 }, (_, index) => index * 7 * MINUTE_MS);
    const types = (index: number) => ({ eventType: ["a", "b", "c"][index % 3] ?? "" });
    for (const [round, partition] of [0, 1, 0, 1].entries()) {
      const firstOffset = BigInt(Math.floor(round / 2) * ages.length);
      await sink.write(batchOf(partition, firstOffset, eventsAt(ages, types)), NEVER);
      const before = await hours();

      while (await moveOldCounts(tables.sql, { minutes: ALL.minutes, quarters: "1 hour" }));

      expect(await hours()).toEqual(before);
      expect(await allDifferences(tables.sql)).toEqual([]);
    }
    const [left] = await tables.sql`
      select (select count(*)::integer from minute_counts) as minutes,
        (select min(quarter) >= now() - interval '1 hour' from quarter_counts) as "areRecent"`;
    expect(left).toEqual({ minutes: 0, areRecent: true });
  });

  test("moveOldCounts() loses nothing while several owners write and others move", async () => {
    const { sink } = await newSink(tables.sql, "busy", { partitions: 3 });
    let isDone = false;
    const moving = [0, 1].map(async () => {
      while (!isDone) await moveOldCounts(tables.sql, ALL);
    });
    const ages = [0, 0, MINUTE_MS, 50 * HOUR_MS, 0, 90 * HOUR_MS];
    const writing = [0, 1, 2].map(async (partition) => {
      for (let round = 0; round < 30; round++) {
        const batch = batchOf(partition, BigInt(round * ages.length), eventsAt(ages));
        await sink.write(batch, NEVER);
      }
    });
    await Promise.all(writing);
    isDone = true;
    await Promise.all(moving);

    expect(await allDifferences(tables.sql)).toEqual([]);
  });
});

describe("findDifferences()", () => {
  test.each([
    ["a count", `update minute_counts set counts[1] = counts[1] + 1`, ["type"]],
    ["a total", `update minute_counts set total = total + 1`, ["total", "type"]],
    ["late events", `update minute_counts set late = late + 1`, ["late"]],
    ["a minute", `update minute_counts set minute = minute + interval '1 hour'`, ["total", "type"]],
    ["a type", `update counted_types set event_type = 'other' where number = 1`, ["type"]],
    ["a row less", `delete from minute_counts`, ["total", "type"]],
  ])("findDifferences() finds %s that was changed", async (_, change, expected) => {
    await tables.sql`truncate minute_counts, quarter_counts, hour_counts, hour_totals, web_events, counted_types`;
    const { sink } = await newSink(tables.sql, Bun.randomUUIDv7());
    await sink.write(batchOf(0, 0n, eventsAt([0, 0, 0])), NEVER);
    expect(await allDifferences(tables.sql)).toEqual([]);

    await tables.sql.unsafe(change);

    const found = await allDifferences(tables.sql);
    const kinds = new Set(found.map((each) => each.split(" ")[1]));
    expect([...kinds].sort()).toEqual(expected);
  });
});

async function hours() {
  const rows = await tables.sql`
    select bucket_of('1 hour', start) as hour, event_type, sum(events)::integer as events
    from counted_events('-infinity', 'infinity') group by 1, 2 order by 1, 2`;
  const totals = await tables.sql`
    select bucket_of('1 hour', start) as hour, sum(events)::integer as events,
      sum(late)::integer as late
    from counted_totals('-infinity', 'infinity') group by 1 order by 1`;
  return { rows: [...rows], totals: [...totals] };
}

/** Waits until a statement of this schema waits for a lock of another one. */
async function untilWaiting(): Promise<void> {
  for (;;) {
    const [found] = await tables.sql`
      select from pg_stat_activity where wait_event_type = 'Lock' and query like '%with batches as%'
        and datname = current_database() limit 1`;
    if (found !== undefined) return;
  }
}
