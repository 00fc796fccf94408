/** The whole document of an answer, over rows that were written for it. */
import { beforeAll, describe, expect, test } from "bun:test";
import { useTables } from "../rows/testing/tables.ts";
import type { QueryAnswer } from "./answer.ts";
import { ask, queriesOver, writeEvents } from "./testing/asking.ts";
import type { SentEvent } from "./testing/plain_count.ts";

// The clock of Berlin is set forward in the night of this Sunday.
const NOW_MS = Date.parse("2026-03-29T12:00:20Z");
const tables = useTables();
const asking = () => ({ sql: tables.sql, nowMs: NOW_MS });

function event(ts: string, changes: Partial<SentEvent> = {}): SentEvent {
  const own = { eventType: "page_view", sessionId: "s-1", payload: { path: "/" } };
  return { ...own, ts, receivedAt: ts, ...changes };
}

beforeAll(async () => {
  await writeEvents(tables.sql, [
    event("2026-03-29T00:30:00.000Z"),
    event("2026-03-29T01:30:00.000Z", { sessionId: "s-2", eventType: "=sign up" }),
    event("2026-03-29T11:59:59.000Z", { sessionId: "s-2", payload: { path: "/a" } }),
    event("2026-03-29T11:00:00.000Z", { receivedAt: "2026-03-29T11:02:00.000Z", source: "web" }),
    event("2026-03-28T11:00:00.000Z", { sessionId: "s-3" }),
    event("2025-03-29T11:00:00.000Z"),
    // By a clock that is wrong, or from a sender that was away: it is counted by quarter.
    event("2026-03-27T20:20:00.000Z", { receivedAt: "2026-03-30T20:20:00.000Z" }),
  ]);
});

describe("query()", () => {
  test("query() gives empty buckets as labels, over a change of the clock", async () => {
    const answer = await ask<QueryAnswer>(
      {
        site_id: "any",
        date_range: "day",
        timezone: "Europe/Berlin",
        metrics: ["events", "visitors"],
        dimensions: ["time:hour"],
        include: { time_labels: true },
        pagination: { limit: 2 },
      },
      asking(),
    );

    expect(answer).toEqual({
      results: [
        { dimensions: ["2026-03-29T01:00:00+01:00"], metrics: [1, 1] },
        { dimensions: ["2026-03-29T03:00:00+02:00"], metrics: [1, 1] },
      ],
      meta: {
        complete_up_to: "2026-01-31T07:00:00.000Z",
        source: "rows",
        exact: { events: true, visitors: true },
        rows_in_range: 4,
        rows_read: 4,
        late_events: 1,
        time_labels: expect.any(Array),
        total_rows: 3,
        took_ms: expect.any(Number),
      },
      query: {
        site_id: "any",
        metrics: ["events", "visitors"],
        date_range: ["2026-03-29T00:00:00+01:00", "2026-03-29T14:01:00+02:00"],
        timezone: "Europe/Berlin",
        dimensions: ["time:hour"],
        filters: [],
        order_by: [
          ["time:hour", "asc"],
          ["events", "desc"],
        ],
        include: { time_labels: true },
        pagination: { limit: 2, offset: 0 },
      },
    });
    // 00:00, 01:00, 03:00 ... 14:00
    expect(answer.meta.time_labels).toHaveLength(14);
  });

  test("query() compares with the period before and the year before", async () => {
    const body = { date_range: "day", metrics: ["events"], dimensions: ["time:day"] };
    const compare = async (mode: string) => {
      const include = { comparisons: { mode } };
      const answer = await ask<QueryAnswer>({ ...body, include }, asking());
      return { row: answer.results[0]?.comparison, meta: answer.meta.comparison };
    };

    expect(await compare("previous_period")).toMatchObject({
      row: { dimensions: ["2026-03-28"], metrics: [1], change: [300] },
      meta: { source: "counts", date_range: ["2026-03-28T00:00:00Z", "2026-03-28T12:01:00Z"] },
    });
    expect((await compare("year_over_year")).row).toEqual({
      dimensions: ["2025-03-29"],
      metrics: [1],
      change: [300],
    });
  });

  test("query() compares buckets that are empty now, and has no figures for one that was not", async () => {
    const include = { comparisons: { mode: "previous_period" }, time_labels: true };
    const pagination = { limit: 2, offset: 23 };
    const body = { date_range: "24h", metrics: ["events"], dimensions: ["time:hour"], include };

    const all = await ask<QueryAnswer>(body, asking());
    const page = await ask<QueryAnswer>({ ...body, pagination }, asking());

    expect(all.results).toHaveLength(25);
    const labels = all.results.map(({ dimensions }) => String(dimensions[0]));
    expect(labels).toEqual([...(all.meta.time_labels ?? [])]);
    // The event of the 27th at 20:20 is compared with nothing on the 28th.
    expect(all.results[8]).toEqual({
      dimensions: ["2026-03-28T20:00:00Z"],
      metrics: [0],
      comparison: { dimensions: ["2026-03-27T20:00:00Z"], metrics: [1], change: [-100] },
    });
    expect(all.results[24]).toEqual({
      dimensions: ["2026-03-29T12:00:00Z"],
      metrics: [0],
      comparison: { dimensions: [null], metrics: [null], change: [null] },
    });
    expect(all.meta.total_rows).toBe(25);
    expect(page.results).toEqual(all.results.slice(23));
    expect(page.meta.total_rows).toBe(25);
  });

  test("query() groups by source and by property, with null where there is none", async () => {
    const results = async (dimension: string, filters: unknown[] = []) => {
      const body = { date_range: "day", metrics: ["events"], dimensions: [dimension], filters };
      return (await ask<QueryAnswer>(body, asking())).results.map((row) => [
        ...row.dimensions,
        ...row.metrics,
      ]);
    };

    expect(await results("event:source")).toEqual([
      [null, 3],
      ["web", 1],
    ]);
    expect(await results("event:page", [["is_not", "event:source", ["web"]]])).toEqual([
      ["/", 2],
      ["/a", 1],
    ]);
    expect(await results("event:props:none")).toEqual([[null, 4]]);
  });

  test("query() counts right where the counts of the last two days have a quarter, too", async () => {
    const count = async (from: string, to: string) => {
      const date_range = [from, to].map((minute) => `2026-03-27T20:${minute}:00Z`);
      const answer = await ask<QueryAnswer>({ date_range, metrics: ["events"] }, asking());
      return answer.results[0]?.metrics[0];
    };

    expect(await Promise.all([count("11", "19"), count("18", "21"), count("20", "59")])).toEqual([
      0, 1, 1,
    ]);
  });

  test("query() gives CSV with texts that no spreadsheet runs", async () => {
    const body = {
      date_range: "day",
      metrics: ["events", "percentage"],
      dimensions: ["event:name"],
      order_by: [["event:name", "asc"]],
    };
    const { signal } = new AbortController();
    const answered = await queriesOver(asking()).query({ body, isCsv: true, signal });

    expect(answered).toEqual({
      kind: "answer",
      content: "event:name,events,percentage\r\n'=sign up,1,25\r\npage_view,3,75\r\n",
    });
  });
});
