/**
 * The examples and tables of the documentation of Plausible's Stats API v2 (docs/stats-api.md of
 * plausible/docs, July 2026), sent as they stand there. What names a visit is refused; the same
 * question about properties of events is answered.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { queriesOver, writeEvents } from "../queries/testing/asking.ts";
import type { QueryAnswer } from "../queries/answer.ts";
import { useTables } from "../rows/testing/tables.ts";
import { startServer, type ProcessorServer } from "./server.ts";
import {
  AGGREGATE,
  BEHAVIORAL,
  CASE_INSENSITIVE,
  COUNTRY_AND_CITY,
  CUSTOM_PROPERTIES,
  CUSTOM_RANGE,
  FILTERING,
  IMPORTS,
  IMPORTS_FILTERED,
  PAGINATION,
  REVENUE,
  REVENUE_FILTERED,
  SEGMENT,
  TIMESERIES,
  TIME_LABELS,
  UTM,
  renamed,
} from "./testing/plausible_examples.ts";
import { testParts } from "./testing/server.ts";

/** The day of the documentation's answers. */
const NOW_MS = Date.parse("2024-09-10T23:30:00Z");
const tables = useTables();
let server: ProcessorServer;

beforeAll(async () => {
  const event = (ts: string, sessionId: string, payload: object, eventType = "pageview") => {
    const at = `2024-${ts}Z`;
    return { eventType, sessionId, ts: at, receivedAt: at, payload };
  };
  const place = { country_name: "Estonia", city_name: "Tallinn" };
  const twitter = { utm_medium: "social", utm_source: "twitter", os: "Mac", ...place };
  await writeEvents(tables.sql, [
    event("08-15T23:59:59.500", "s-3", { path: "/" }),
    event("09-04T08:00:00.000", "s-1", { path: "/docs/a", is_customer: "true", ...twitter }),
    event("09-10T01:15:00.000", "s-2", {
      path: "/Blog",
      is_customer: "false",
      utm_source: "google",
    }),
    event(
      "09-10T02:00:00.000",
      "s-1",
      { path: "/pricing", is_customer: "true", os: "Mac" },
      "Signup",
    ),
  ]);
  const queries = queriesOver({ sql: tables.sql, nowMs: NOW_MS });
  server = startServer({ ...testParts(tables.sql), queries });
});
afterAll(() => server.stop(1000));

/** Sends a request as a client of Plausible does. */
async function send(body: object): Promise<{ status: number; answer: QueryAnswer }> {
  const response = await fetch(`${server.url}/api/v2/query`, {
    method: "POST",
    headers: { authorization: "Bearer key", "content-type": "application/json" },
    body: JSON.stringify({ site_id: "dummy.site", ...body }),
  });
  return { status: response.status, answer: (await response.json()) as QueryAnswer };
}

const WEEK = ["2024-09-04T00:00:00Z", "2024-09-10T23:30:00Z"];
const LABELS = Array.from(
  { length: 24 },
  (_, hour) => `2024-09-10T${String(hour).padStart(2, "0")}:00:00Z`,
);
const row = (dimensions: (string | null)[], ...metrics: number[]) => ({ dimensions, metrics });

describe("Plausible's examples", () => {
  test.each([
    ["simple aggregate", AGGREGATE, [row([], 2, 3)]],
    ["custom date range", CUSTOM_RANGE, [row([], 1)]],
    ["case insensitive filtering", CASE_INSENSITIVE, [row([], 1)]],
    [
      "hourly with labels",
      TIME_LABELS,
      [row(["2024-09-10T01:00:00Z"], 1), row(["2024-09-10T02:00:00Z"], 1)],
    ],
    [
      "custom properties",
      CUSTOM_PROPERTIES,
      [
        row(["2024-09-04", "true"], 1),
        row(["2024-09-10", "true"], 1),
        row(["2024-09-10", "false"], 1),
      ],
    ],
    [
      "country and city, renamed",
      renamed(COUNTRY_AND_CITY),
      [row([null, null], 2, 1, 2), row(["Estonia", "Tallinn"], 1, 1, 1)],
    ],
    [
      "medium and source, renamed",
      renamed(UTM),
      [
        row([null, null], 1, 1, 0),
        row([null, "google"], 1, 1, 1),
        row(["social", "twitter"], 1, 1, 1),
      ],
    ],
    ["filtering, renamed", renamed(FILTERING), [row([], 1)]],
    [
      "time series, renamed",
      renamed(TIMESERIES),
      [row(["2024-09-04"], 1, 1), row(["2024-09-10"], 1, 1)],
    ],
    [
      "pagination, renamed",
      renamed(PAGINATION),
      [row([null, "google"], 1, 1, 1), row(["social", "twitter"], 1, 1, 1)],
    ],
    ["imports, renamed", renamed(IMPORTS), [row([null], 3)]],
    ["imports with a filter, renamed", renamed(IMPORTS_FILTERED), [row([null], 1)]],
  ] as const)("query answers in the documented shape: %s", async (_, request, results) => {
    const { status, answer } = await send(request);

    expect({ status, results: answer.results }).toEqual({ status: 200, results: [...results] });
    expect(Object.keys(answer)).toEqual(["results", "meta", "query"]);
    const { date_range: range, ...asked } = answer.query as { date_range: string[] };
    const { date_range: wish, ...sent } = request;
    expect(asked).toMatchObject({ site_id: "dummy.site", ...sent });
    if (wish === "7d") expect(range).toEqual(WEEK);
    expect(range.map((text) => Number.isFinite(Date.parse(text)))).toEqual([true, true]);
  });

  test("query says what it made of a request, and of its options, as documented", async () => {
    const { answer: plain } = await send(AGGREGATE);
    const { answer: byHour } = await send(TIME_LABELS);
    const { answer: page } = await send(renamed(PAGINATION));
    const { answer: imports } = await send(renamed(IMPORTS));

    expect(plain.query).toEqual({
      site_id: "dummy.site",
      metrics: ["visitors", "events"],
      date_range: WEEK,
      filters: [],
      dimensions: [],
      order_by: [["visitors", "desc"]],
      include: {},
      pagination: { offset: 0, limit: 10_000 },
      timezone: "UTC",
    });
    const ofHours = [
      ["time:hour", "asc"],
      ["visitors", "desc"],
    ];
    expect(byHour).toMatchObject({ meta: { time_labels: LABELS }, query: { order_by: ofHours } });
    expect(page.meta).toMatchObject({ total_rows: 3 });
    expect(imports.meta).toMatchObject({ imports_included: false });
    expect(plain.meta).not.toHaveProperty("imports_included");
  });

  test.each([
    ["country and city", COUNTRY_AND_CITY, "unknown_dimension", "/filters/0/1"],
    ["medium and source", UTM, "unknown_dimension", "/dimensions/0"],
    ["filtering by page and country", FILTERING, "unknown_dimension", "/filters/1/1/0/1/1"],
    ["filtering by segment", SEGMENT, "unknown_dimension", "/filters/0/1"],
    ["time series", TIMESERIES, "unknown_dimension", "/filters/0/1"],
    ["pagination", PAGINATION, "unknown_dimension", "/dimensions/0"],
    ["imports", IMPORTS, "unknown_dimension", "/dimensions/0"],
    ["imports with a filter", IMPORTS_FILTERED, "unknown_dimension", "/filters/0/1"],
    ["revenue", REVENUE, "unknown_metric", "/metrics/0"],
    ["revenue with a filter", REVENUE_FILTERED, "unknown_dimension", "/filters/0/1"],
    ["behavioral filters", BEHAVIORAL, "unknown_dimension", "/filters/0/1"],
    ["behavioral filters, renamed", renamed(BEHAVIORAL), "unknown_operator", "/filters/1/0"],
  ])("query refuses what Tally does not know, by name and place: %s", async (...given) => {
    const [, request, code, pointer] = given;
    const { status, answer } = await send(request);

    expect({ status, answer }).toMatchObject({ status: 400, answer: { code, pointer } });
  });
});

describe("Plausible's tables", () => {
  const words = ["day", "7d", "28d", "30d", "91d", "month", "6mo", "12mo", "year", "all"];
  const times = ["2024-01-01T12:00:00+02:00", "2024-01-01T15:59:59+02:00"];

  test.each([...words, ["2024-01-01", "2024-07-01"], times].map((range) => ({ range })))(
    "range $range is answered",
    async ({ range }) => {
      const { status, answer } = await send({ metrics: ["visitors"], date_range: range });

      expect({ status, rows: answer.results.length }).toEqual({ status: 200, rows: 1 });
    },
  );

  test.each([
    [200, ["visitors", "visits", "pageviews", "events", "percentage"]],
    [400, ["views_per_visit", "bounce_rate", "visit_duration", "scroll_depth", "conversion_rate"]],
    [400, ["group_conversion_rate", "average_revenue", "total_revenue", "time_on_page"]],
  ])("each metric is answered with %d: %j", async (expected, metrics) => {
    const request = { date_range: "7d", dimensions: ["event:page"] };
    const sent = metrics.map((metric) => send({ ...request, metrics: [metric] }));

    const statuses = (await Promise.all(sent)).map(({ status }) => status);

    expect(statuses).toEqual(metrics.map(() => expected));
  });

  test.each([
    [200, ["event:page", "event:props:url", "time", "time:hour", "time:day"]],
    [200, ["time:week", "time:month"]],
    [400, ["event:goal", "event:hostname", "visit:entry_page", "visit:source", "visit:city"]],
  ])("each dimension is answered with %d: %j", async (expected, dimensions) => {
    const request = { metrics: ["visitors"], date_range: "7d" };
    const sent = dimensions.map((dimension) => send({ ...request, dimensions: [dimension] }));

    const statuses = (await Promise.all(sent)).map(({ status }) => status);

    expect(statuses).toEqual(dimensions.map(() => expected));
  });

  test.each([
    [["is_not", "event:page", ["/pricing"]], 2],
    [["contains", "event:page", ["/pri"]], 1],
    [["contains_not", "event:page", ["docs", "pricing"]], 1],
    [["matches", "event:page", ["^/[a-z]+/\\w$"]], 1],
    [["matches_not", "event:page", ["^/[a-z]+/\\w$"]], 2],
    [
      [
        "and",
        [
          ["is", "event:name", ["Signup"]],
          ["is", "event:page", ["/pricing"]],
        ],
      ],
      1,
    ],
    [
      [
        "or",
        [
          ["is", "event:name", ["Signup"]],
          ["is", "event:page", ["/Blog"]],
        ],
      ],
      2,
    ],
    [["not", ["is", "event:name", ["Signup"]]], 2],
  ])("filter %j is answered with %d", async (filter, events) => {
    const { answer } = await send({ metrics: ["events"], date_range: "7d", filters: [filter] });

    expect(answer.results).toEqual([row([], events)]);
  });
});
