/** Questions by type where the counts don't know it: too many types, and rows not counted yet. */
import { beforeAll, describe, expect, test } from "bun:test";
import type { Problem } from "@tally/shared";
import { useTables } from "../rows/testing/tables.ts";
import type { QueryAnswer } from "./answer.ts";
import { ask, PARTITIONS, writeEvents } from "./testing/asking.ts";

const TYPES = 1010;
const NUMBERED_MAX = 1000;
/** With those of an early hour, which are all of one type with a number. */
const EVENTS = TYPES * PARTITIONS + PARTITIONS;
const NOW_MS = Date.parse("2026-03-10T12:00:00Z");
const tables = useTables();
const asking = (rowsMax = 100_000) => ({ sql: tables.sql, nowMs: NOW_MS, rowsMax });
const BY_TYPE = { date_range: "24h", metrics: ["events"], dimensions: ["event:name"] };

beforeAll(async () => {
  const ts = "2026-03-10T11:00:00.000Z";
  // Each partition gets every type once.
  const events = Array.from({ length: TYPES * PARTITIONS }, (_, index) => ({
    eventType: `type-${Math.floor(index / PARTITIONS)}`,
    sessionId: "s",
    ts,
    receivedAt: ts,
    payload: { text: `${index}`.padStart(20_000, "x") },
  }));
  const early = "2026-03-10T09:30:00.000Z";
  const numbered = Array.from({ length: PARTITIONS }, (_, index) => ({
    eventType: "type-0",
    sessionId: "s",
    ts: early,
    receivedAt: early,
    payload: { text: `early-${index}` },
  }));
  await writeEvents(tables.sql, [...events, ...numbered]);
});

describe("with more types than the counts tell apart", () => {
  test("query() by type reads rows, and the counts when the rows are too many", async () => {
    const fromRows = await ask<QueryAnswer>(BY_TYPE, asking());
    const fromCounts = await ask<QueryAnswer>(BY_TYPE, asking(1000));
    const total = await ask<QueryAnswer>({ ...BY_TYPE, dimensions: [] }, asking(1000));

    expect(fromRows.results).toHaveLength(TYPES);
    expect(fromRows.meta).toMatchObject({ source: "rows", exact: { events: true } });
    expect(fromCounts.results[0]).toEqual({
      dimensions: [null],
      metrics: [(TYPES - NUMBERED_MAX) * PARTITIONS],
    });
    expect(fromCounts.meta).toMatchObject({ source: "counts", exact: { events: false } });
    expect(total).toMatchObject({ results: [{ metrics: [EVENTS] }], meta: { source: "counts" } });
    expect(total.meta.exact).toEqual({ events: true });
  });

  test("query() by type takes the counts of a range whose types all have a number", async () => {
    const date_range = ["2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z"];

    const answer = await ask<QueryAnswer>({ ...BY_TYPE, date_range }, asking(1));

    expect(answer.results).toEqual([{ dimensions: ["type-0"], metrics: [PARTITIONS] }]);
    expect(answer.meta).toMatchObject({ source: "counts", exact: { events: true }, rows_read: 0 });
  });

  test("query() says for each metric whether it is exact when types have no number", async () => {
    const exactOf = async (changes: object) => {
      const body = { ...BY_TYPE, metrics: ["events", "pageviews"], ...changes };
      return (await ask<QueryAnswer>(body, asking(1000))).meta.exact;
    };
    const filters = [["is", "event:name", ["type-0"]]];

    expect(await exactOf({ dimensions: [] })).toEqual({ events: true, pageviews: false });
    expect(await exactOf({})).toEqual({ events: false, pageviews: false });
    expect(await exactOf({ dimensions: [], filters })).toEqual({ events: false, pageviews: false });
  });

  test("query() refuses values that would fill the memory", async () => {
    const body = { ...BY_TYPE, dimensions: ["event:props:text"] };

    const wide = await ask<Problem>({ ...body, pagination: { limit: 2000 } }, asking());
    const narrow = await ask<QueryAnswer>({ ...body, pagination: { limit: 100 } }, asking());

    expect(wide).toMatchObject({ code: "query_too_wide", pointer: "/pagination/limit" });
    expect(narrow.results).toHaveLength(100);
    expect(narrow.meta.total_rows).toBe(EVENTS);
  });
});

describe("until all rows are counted", () => {
  beforeAll(async () => {
    await tables.sql`update counts_fill set completed_at = null`;
  });

  test("query() reads rows, also for its range, and refuses too many", async () => {
    const body = { ...BY_TYPE, date_range: "all", dimensions: [] };

    const answer = await ask<QueryAnswer>(body, asking());
    const wide = await ask<Problem>(body, asking(1000));

    expect(answer.results).toEqual([{ dimensions: [], metrics: [EVENTS] }]);
    expect(answer.meta).toMatchObject({ source: "rows", rows_in_range: EVENTS, rows_read: EVENTS });
    expect(wide).toMatchObject({ code: "query_too_wide", detail: expect.stringContaining("1000") });
  });
});
