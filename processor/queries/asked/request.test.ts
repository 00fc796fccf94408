import { describe, expect, test } from "bun:test";
import { compileFunnel } from "../sql/compile_funnel.ts";
import { compileQuery } from "../sql/compile.ts";
import { readFunnelBody } from "./funnel_request.ts";
import { isRefused } from "./refused.ts";
import { readQueryBody } from "./request.ts";

const QUERY = { metrics: ["events"], date_range: "24h" };
const FUNNEL = {
  date_range: "24h",
  window: "1h",
  steps: [
    ["is", "event:name", ["a"]],
    ["is", "event:name", ["b"]],
  ],
};
const is = (value: unknown, name = "event:name") => ["is", name, [value]];
const nested = (depth: number): unknown =>
  Array.from({ length: depth }).reduce((filter) => ["not", filter], is("a"));

/** Code, pointer and what is allowed, for a body that differs from the query in some fields. */
const refusals: readonly [
  changes: object,
  code: string,
  pointer: string | undefined,
  allowed: string,
][] = [
  [{ metrics: ["clicks"] }, "unknown_metric", "/metrics/0", "sessions, visits, visitors"],
  [{ metrics: ["sum:price"] }, "unknown_metric", "/metrics/0", "sum:event:props:price"],
  [{ metrics: ["bounce_rate"] }, "unknown_metric", "/metrics/0", "events"],
  [{ metrics: [] }, "invalid_query", "/metrics", "1 to 20 metrics"],
  [{ metrics: "events" }, "invalid_query", "/metrics", "1 to 20 metrics"],
  [{ metrics: undefined }, "invalid_query", "/metrics", "1 to 20 metrics"],
  [{ dimensions: ["visit:country"] }, "unknown_dimension", "/dimensions/0", "event:name"],
  [{ dimensions: ["time:year"] }, "unknown_dimension", "/dimensions/0", "time:month"],
  [{ dimensions: ["event:props:"] }, "unknown_dimension", "/dimensions/0", "1 to 32 names"],
  [
    { dimensions: [`event:props:${"a.".repeat(1000)}a`] },
    "unknown_dimension",
    "/dimensions/0",
    "1 to 32 names",
  ],
  [{ dimensions: ["event:props:a\0"] }, "unknown_dimension", "/dimensions/0", "event:props"],
  [{ dimensions: ["time", "time:day"] }, "invalid_query", "/dimensions", "one dimension of time"],
  [{ dimensions: ["a", "b", "c", "d"] }, "invalid_query", "/dimensions", "up to 3"],
  [{ filters: [["like", "event:name", ["a"]]] }, "unknown_operator", "/filters/0/0", "is_not"],
  [{ filters: [is("a", "time")] }, "unknown_dimension", "/filters/0/1", "date_range"],
  [{ filters: [is(1)] }, "invalid_query", "/filters/0/2/0", "texts"],
  [{ filters: [is({}, "event:page")] }, "invalid_query", "/filters/0/2/0", "numbers"],
  [{ filters: [["is", "event:name", []]] }, "invalid_query", "/filters/0", "[values]"],
  [{ filters: [["and", []]] }, "invalid_query", "/filters/0", "[filters]"],
  [{ filters: [nested(10)] }, "invalid_query", undefined, "10 deep"],
  [{ filters: [[...is("a"), { case: true }]] }, "invalid_query", "/filters/0/3", "case_sensitive"],
  [
    { filters: Array.from({ length: 10_000 }, () => is("a")) },
    "invalid_query",
    "/filters/100",
    "at most 100 comparisons",
  ],
  [
    { filters: [["is", "event:name", Array.from({ length: 1001 }, () => "a")]] },
    "invalid_query",
    "/filters/0",
    "1000 values",
  ],
  [
    { filters: [["matches", "event:name", ["(a)\\1"]]] },
    "invalid_pattern",
    "/filters/0/2/0",
    "256 characters",
  ],
  [{ date_range: "2 days" }, "invalid_date_range", "/date_range", "24h"],
  [{ date_range: ["2026-01-01"] }, "invalid_query", "/date_range", "two dates"],
  [{ timezone: "Mars/Base" }, "unknown_time_zone", "/timezone", "IANA"],
  [{ timezone: "+01:00" }, "unknown_time_zone", "/timezone", "IANA"],
  [{ timezone: "T12:00+01:00" }, "unknown_time_zone", "/timezone", "IANA"],
  [{ timezone: "T12:00[Europe/Paris]" }, "unknown_time_zone", "/timezone", "IANA"],
  [{ pagination: { limit: 1e9 } }, "invalid_query", "/pagination/limit", "from 1 to 10000"],
  [{ pagination: { limit: 0.5 } }, "invalid_query", "/pagination/limit", "whole number"],
  [{ order_by: [["sessions", "asc"]] }, "invalid_query", "/order_by/0/0", "of this query"],
  [{ order_by: [["events", "up"]] }, "invalid_query", "/order_by/0/1", "asc or desc"],
  [{ include: { time_labels: true } }, "invalid_query", "/include/time_labels", "time"],
  [{ include: { comparisons: { mode: "day" } } }, "invalid_query", undefined, "previous_period"],
  [{ where: 1 }, "invalid_query", "", "date_range"],
];

describe("readQueryBody()", () => {
  const named = refusals.map((each) => [`${each[1]} at ${each[2] ?? "its place"}`, each] as const);
  test.each(named)("readQueryBody() refuses with %s, and says what is allowed", (_, refusal) => {
    const [changes, code, pointer, allowed] = refusal;
    const read = readQueryBody({ ...QUERY, ...changes });

    expect(read).toMatchObject({ kind: "refused", problem: { code } });
    const { problem } = read as { problem: { pointer?: string; detail?: string } };
    if (pointer !== undefined) expect(problem.pointer).toBe(pointer);
    expect(problem.detail).toContain(allowed);
  });

  test.each([[null], [[]], ["text"], [1]])("readQueryBody() refuses the body %j", (body) => {
    expect(readQueryBody(body)).toMatchObject({ problem: { code: "invalid_query" } });
  });

  test("readQueryBody() takes what Plausible's clients send", () => {
    const read = readQueryBody({
      site_id: "dummy.site",
      metrics: ["visitors", "visits", "pageviews", "events", "percentage"],
      date_range: ["2024-01-01T12:00:00+02:00", "2024-01-01T15:59:59+02:00"],
      dimensions: ["time:hour", "event:page"],
      filters: [
        ["contains", "event:page", ["/login"], { case_sensitive: false }],
        ["or", [is("a"), ["not", is("b")]]],
      ],
      order_by: [["visitors", "desc"]],
      include: { imports: true, time_labels: true, total_rows: true },
      pagination: { limit: 100, offset: 0 },
    });

    expect(isRefused(read)).toBe(false);
  });

  test("readQueryBody() gives 1,000 values of a property unless told how many", () => {
    const limitOf = (dimensions: string[]) => readQueryBody({ ...QUERY, dimensions });

    expect(limitOf(["event:page"])).toMatchObject({ limit: 1000 });
    expect(limitOf(["time", "event:name"])).toMatchObject({ limit: 10_000 });
  });
});

describe("readFunnelBody()", () => {
  test.each([
    [{ steps: [is("a")] }, "invalid_query", "/steps"],
    [{ steps: Array.from({ length: 9 }, () => is("a")) }, "invalid_query", "/steps"],
    [{ steps: [is("a"), ["maybe", "event:name", ["a"]]] }, "unknown_operator", "/steps/1/0"],
    [{ window: "1 week" }, "invalid_query", "/window"],
    [{ window: "32d" }, "invalid_query", "/window"],
    [{ by: "event:name" }, "unknown_dimension", "/by"],
    [{ date_range: ["2026-02-02"] }, "invalid_query", "/date_range"],
  ])("readFunnelBody() refuses what is not allowed", (changes, code, pointer) => {
    expect(readFunnelBody({ ...FUNNEL, ...changes })).toMatchObject({ problem: { code, pointer } });
  });
});

describe("statements", () => {
  const TEXT = `'); drop table web_events; --"\\`;
  const filters = [
    is(TEXT),
    is(TEXT, `event:props:${TEXT}`),
    ["contains", "event:source", [TEXT]],
    ["matches", "event:page", ["^drop\\.$"], { case_sensitive: false }],
  ];
  const range = { fromMs: 0, toMs: 60_000 };

  test("compileQuery() puts no text of a user into the statement", () => {
    const query = readQueryBody({
      ...QUERY,
      metrics: ["events", "sessions", `max:event:props:${TEXT}`],
      dimensions: [`event:props:${TEXT}`],
      filters,
    });
    if (isRefused(query)) throw new Error(query.problem.code);
    const source = { kind: "rows", range } as const;
    const groups = [[TEXT]];

    for (const options of [{ groups: null }, { groups }]) {
      const { text, parameters } = compileQuery(query, { source, buckets: null, ...options });

      expect(text).not.toContain("drop");
      expect(parameters.join()).toContain("drop table");
    }
  });

  test("compileFunnel() puts no text of a user into the statement", () => {
    const [first, ...steps] = filters;
    const by = `event:props:${TEXT}`;
    const funnel = readFunnelBody({ ...FUNNEL, filters: [first], steps, by });
    if (isRefused(funnel)) throw new Error(funnel.problem.code);

    const { text, parameters } = compileFunnel(funnel, range);

    expect(text).not.toContain("drop");
    expect(parameters.join()).toContain("drop table");
  });
});
