/** What bounds a query: rows, time, connections; and what an absent server or client does to it. */
import { beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "@tally/shared";
import { freePort, LOOPBACK } from "@tally/stack/testing";
import { openPool, useTables } from "../rows/testing/tables.ts";
import type { Problem } from "@tally/shared";
import type { QueryAnswer } from "./answer.ts";
import { ask, queriesOver, writeEvents } from "./testing/asking.ts";
import type { SentEvent } from "./testing/plain_count.ts";

const MINUTE_MS = 60_000;
const NOW_MS = Date.parse("2026-03-10T12:00:00Z");
const DAY_MS = 1440 * MINUTE_MS;
const EVENTS = 2000;
const ANSWER_MS_MAX = 6000;
const tables = useTables();
const asking = (changes: object = {}) => ({ sql: tables.sql, nowMs: NOW_MS, ...changes });
const DAY = ["2026-03-09T12:00:00Z", "2026-03-10T12:00:00Z"];

describe("without rows", () => {
  test.each([["24h"], ["all"], [DAY]])("query() gives empty results for %j", async (range) => {
    const body = { date_range: range, metrics: ["events", "sessions", "max:event:props:n"] };
    const all = await ask<QueryAnswer>(body, asking());
    const byType = await ask<QueryAnswer>({ ...body, dimensions: ["event:name"] }, asking());

    expect(all.results).toEqual([{ dimensions: [], metrics: [0, 0, null] }]);
    expect(byType).toMatchObject({ results: [], meta: { total_rows: 0, rows_in_range: 0 } });
  });
});

describe("with rows", () => {
  beforeAll(async () => {
    const events = Array.from({ length: EVENTS }, (_, index): SentEvent => {
      const ts = new Date(NOW_MS - (index % 1440) * MINUTE_MS - 1000).toISOString();
      const payload = { path: `${"a".repeat(200)}!`, n: index };
      return { eventType: "page_view", sessionId: `s-${index % 7}`, ts, receivedAt: ts, payload };
    });
    await writeEvents(tables.sql, events, "bounds");
  });

  test("query() refuses to read too many rows, and the range that it suggests passes", async () => {
    const body = { date_range: DAY, metrics: ["sessions"] };
    const wide = await ask<Problem>(body, asking({ rowsMax: 1000 }));
    const suggested = /passes: (\[.*\])$/.exec(wide.detail ?? "")?.[1] ?? "[]";
    const date_range: unknown = JSON.parse(suggested);
    const narrow = await ask<QueryAnswer>({ ...body, date_range }, asking({ rowsMax: 1000 }));

    expect(wide).toMatchObject({ code: "query_too_wide", pointer: "/date_range" });
    expect(wide.detail).toContain("about 2000 rows");
    expect(narrow.results).toEqual([{ dimensions: [], metrics: [7] }]);
    expect(narrow.meta.rows_read).toBeGreaterThan(500);
    expect(narrow.meta.rows_read).toBeLessThanOrEqual(1000);
  });

  test("query() answers from the counts at any size", async () => {
    const body = { date_range: DAY, metrics: ["events"], dimensions: ["event:name"] };

    const answer = await ask<QueryAnswer>(body, asking({ rowsMax: 1000 }));

    expect(answer.results).toEqual([{ dimensions: ["page_view"], metrics: [EVENTS] }]);
    expect(answer.meta).toMatchObject({ source: "counts", exact: { events: true }, rows_read: 0 });
  });

  test("query() refuses a range whose ends have too many rows, and counts right up to that", async () => {
    const date_range = ["2026-03-09T12:00:30Z", "2026-03-10T11:50:59.500Z"];
    const body = { date_range, metrics: ["events"] };

    const refused = await ask<Problem>(body, asking({ rowsMax: 2 }));
    const answer = await ask<QueryAnswer>(body, asking({ rowsMax: 3 }));

    expect(refused).toMatchObject({ code: "query_too_wide", pointer: "/date_range" });
    expect(answer.results).toEqual([{ dimensions: [], metrics: [EVENTS - 18] }]);
    expect(answer.meta).toMatchObject({
      source: "counts",
      rows_in_range: EVENTS - 18,
      rows_read: 3,
    });
  });

  test("query() refuses an answer whose numbers have too many digits", async () => {
    const events = Array.from({ length: 60 }, (_, index): SentEvent => {
      const ts = new Date(NOW_MS - 10 * DAY_MS + index * MINUTE_MS).toISOString();
      return { eventType: "digits", sessionId: "s", ts, receivedAt: ts, payload: {} };
    });
    await writeEvents(tables.sql, events, "digits");
    await tables.sql`
      update web_events set payload = ('{"n":0.' || repeat('1', 16000) || '}')::jsonb
      where event_type = 'digits'`;
    const date_range = ["2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z"];
    const body = { date_range, dimensions: ["time:minute"] };
    const metrics = (count: number) => Array<string>(count).fill("max:event:props:n");

    const large = await ask<Problem>({ ...body, metrics: metrics(20) }, asking());
    const small = await ask<QueryAnswer>({ ...body, metrics: metrics(2) }, asking());

    expect(large).toMatchObject({ code: "query_too_wide", pointer: "/pagination/limit" });
    expect(small.results).toHaveLength(60);
  });

  test("query() takes digits beyond those of a double for the same number", async () => {
    const events = [1, 2, 30].map((hours): SentEvent => {
      const ts = new Date(NOW_MS - 20 * DAY_MS - hours * 60 * MINUTE_MS).toISOString();
      return { eventType: "long", sessionId: "s", ts, receivedAt: ts, payload: { price: 0.1 } };
    });
    await writeEvents(tables.sql, events, "long");
    await tables.sql`
      update web_events set payload = '{"price":0.10000000000000001}'
      where event_type = 'long' and event_id not like '%-0'`;
    const date_range = ["2026-02-17T12:00:00Z", "2026-02-18T12:00:00Z"];
    const include = { comparisons: { mode: "previous_period" } };
    const filters = [["is", "event:props:price", [0.1]]];
    const body = { date_range, metrics: ["events"], dimensions: ["event:props:price"], include };

    const answer = await ask<QueryAnswer>({ ...body, filters }, asking());

    expect(answer.results).toMatchObject([
      { dimensions: [0.1], metrics: [2], comparison: { metrics: [1] } },
    ]);
  });

  test("query() ends within its time when a regular expression would backtrack", async () => {
    const pattern = "^(a|a|(a+)+)+$";
    const filters = [["matches", "event:page", [pattern]]];
    const startMs = performance.now();

    const answer = await ask<QueryAnswer>(
      { date_range: DAY, metrics: ["events"], filters },
      asking(),
    );

    expect(answer.results).toEqual([{ dimensions: [], metrics: [0] }]);
    expect(performance.now() - startMs).toBeLessThan(ANSWER_MS_MAX);
  });

  test("query() leaves nothing in the database when its client leaves", async () => {
    await whileLocked(async () => {
      const leaving = new AbortController();
      const body = { date_range: DAY, metrics: ["sessions"] };
      const asked = ask<Problem>(body, asking({ signal: leaving.signal }));
      expect(await eventually(async () => (await waiting()) === 1, 3000)).toBe(true);

      leaving.abort();

      expect(await asked).toMatchObject({ code: "query_too_wide" });
      expect(await waiting()).toBe(0);
    });
  });

  test("query() gets 503 when its turn does not come, and when a table can't be read", async () => {
    await whileLocked(async () => {
      const queries = queriesOver(asking());
      const body = { date_range: DAY, metrics: ["sessions"] };
      const signal = new AbortController().signal;
      const startMs = performance.now();
      const asked = Array.from({ length: 4 }, () =>
        queries
          .query({ body, isCsv: false, signal })
          .catch((error: { code: string }) => error.code),
      );

      const codes = await Promise.all(asked);

      expect(codes.toSorted()).toEqual([
        "database_unavailable",
        "database_unavailable",
        "overloaded",
        "overloaded",
      ]);
      expect(performance.now() - startMs).toBeLessThan(ANSWER_MS_MAX);
      expect(await waiting()).toBe(0);
    });
  });

  /** Holds a lock that every read of rows waits for. */
  async function whileLocked(run: () => Promise<void>): Promise<void> {
    await tables.sql.begin(async (transaction) => {
      await transaction`lock table web_events in access exclusive mode`;
      await run();
    });
  }

  /** Statements of the server that wait for the lock. */
  async function waiting(): Promise<number> {
    const [row] = await tables.sql<{ waiting: number }[]>`
      select count(*)::integer as waiting from pg_locks
      where not granted and relation = 'web_events'::regclass`;
    return row?.waiting ?? -1;
  }
});

describe("after a backfill", () => {
  const BACKFILLED = 20_000;
  const rowsMax = 15_000;
  const AROUND = ["2026-03-10T05:50:00Z", "2026-03-10T06:20:00Z"];

  beforeAll(async () => {
    // Old events that came within one minute.
    await tables.sql`
      insert into web_events
        (event_id, session_id, event_type, ts, received_at, payload, log, partition, "offset")
      select 'old-' || n, 's', 'old', '2025-12-01', timestamptz '2026-03-10T06:00:00Z'
        + make_interval(secs => 60.0 * n / ${BACKFILLED}), '{}', 1, 0, 1000000 + n
      from generate_series(1, ${BACKFILLED}::integer) as n`;
    await tables.sql`analyze web_events`;
  });

  test("query() refuses a range in which too many rows came, and suggests one that passes", async () => {
    const body = { date_range: DAY, metrics: ["sessions"] };

    const wide = await ask<Problem>(body, asking({ rowsMax }));
    const suggested = /passes: (\[.*\])$/.exec(wide.detail ?? "")?.[1] ?? "[]";
    const date_range: unknown = JSON.parse(suggested);
    const narrow = await ask<QueryAnswer>({ ...body, date_range }, asking({ rowsMax }));

    expect(wide).toMatchObject({ code: "query_too_wide", pointer: "/date_range" });
    expect(wide.detail).toMatch(/about (19|2\d)\d{3} rows/);
    expect(narrow.results).toEqual([{ dimensions: [], metrics: [7] }]);
  });

  test("query() and funnel() refuse a range that has no part which passes", async () => {
    const step = ["is", "event:name", ["page_view"]];
    const steps = { steps: [step, step], window: "30m" };
    const date_range = [AROUND[0], "2026-03-10T06:05:00Z"];
    const query = { date_range, metrics: ["sessions"] };

    const problems = [
      await ask<Problem>(query, asking({ rowsMax })),
      await ask<Problem>({ date_range, ...steps }, asking({ rowsMax }), "funnel"),
    ];

    for (const { code, detail } of problems) {
      expect(code).toBe("query_too_wide");
      expect(detail).toContain("when fewer rows came");
    }
  });

  test("query() refuses an end of its range in which too many rows came", async () => {
    const date_range = [AROUND[0], "2026-03-10T06:05:30Z"];
    const body = { date_range, metrics: ["events"] };

    expect(await ask<Problem>(body, asking({ rowsMax }))).toMatchObject({
      code: "query_too_wide",
      detail: expect.stringContaining("Its ends"),
    });
  });

  test("query() says how many rows it has read, also those that it left out", async () => {
    const { results, meta } = await ask<QueryAnswer>(
      { date_range: AROUND, metrics: ["sessions", "events"] },
      asking(),
    );

    expect(results).toEqual([{ dimensions: [], metrics: [7, 60] }]);
    expect(meta.rows_in_range).toBe(60);
    expect(meta.rows_read).toBeGreaterThan(BACKFILLED * 0.9);
  });
});

test("query() gets database_unavailable when PostgreSQL is away", async () => {
  const sql = openPool({ DATABASE_URL: `postgres://a:b@${LOOPBACK}:${await freePort()}/none` });
  const startMs = performance.now();

  const problem = await ask<Problem>({ date_range: "24h", metrics: ["events"] }, asking({ sql }));

  expect(problem.code).toBe("database_unavailable");
  expect(performance.now() - startMs).toBeLessThan(ANSWER_MS_MAX);
  await sql.end();
});
