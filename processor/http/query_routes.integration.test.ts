/** `POST /api/v2/query` and `/api/v2/funnel` over a real socket and a real PostgreSQL. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "@tally/shared";
import { useTables } from "../rows/testing/tables.ts";
import { writeEvents } from "../queries/testing/asking.ts";
import { startServer, type ProcessorServer } from "./server.ts";
import { testParts } from "./testing/server.ts";

const TS = "2026-03-29T01:30:00.000Z";
const RANGE = ["2026-03-29", "2026-03-29"];
const tables = useTables();
let server: ProcessorServer;

beforeAll(async () => {
  const event = { eventType: "buy", sessionId: "s-1", ts: TS, receivedAt: TS };
  await writeEvents(tables.sql, [
    { ...event, eventType: "look", payload: { n: 1 } },
    { ...event, ts: "2026-03-29T01:31:00.000Z", payload: { n: 2 } },
  ]);
  server = startServer(testParts(tables.sql));
});
afterAll(() => server.stop(1000));

function ask(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
    headers: { "content-type": "application/json", ...init.headers },
  });
}

describe("POST /api/v2/query", () => {
  const body = { metrics: ["events"], date_range: RANGE, dimensions: ["event:name"] };

  test("POST /api/v2/query answers with JSON, and with CSV when asked", async () => {
    const json = await ask("/api/v2/query", body);
    const csv = await ask("/api/v2/query", body, { headers: { accept: "text/csv" } });

    expect(json.headers.get("cache-control")).toBe("no-store");
    expect(await json.json()).toMatchObject({
      results: [
        { dimensions: ["buy"], metrics: [1] },
        { dimensions: ["look"], metrics: [1] },
      ],
    });
    expect(csv.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(await csv.text()).toBe("event:name,events\r\nbuy,1\r\nlook,1\r\n");
  });

  test.each([
    [400, "invalid_body", "{", {}],
    [400, "unknown_metric", { ...body, metrics: ["clicks"] }, {}],
    [413, "body_too_large", " ".repeat(300_000), {}],
    [415, "unsupported_type", body, { "content-type": "text/plain" }],
    [403, "origin_not_allowed", body, { origin: "http://evil.example" }],
  ])("POST /api/v2/query answers %d %s, and never with what was sent", async (...given) => {
    const [status, code, sent, headers] = given;
    const response = await ask("/api/v2/query", sent, { headers: headers as HeadersInit });

    const text = await response.text();
    expect(response.status).toBe(status);
    expect(JSON.parse(text)).toMatchObject({ code });
    expect(text).not.toContain("clicks");
  });

  test("POST /api/v2/query leaves nothing in the database when its client leaves", async () => {
    const waiting = async () => {
      const [row] = await tables.sql<{ waiting: number }[]>`
        select count(*)::integer as waiting from pg_locks
        where not granted and relation = 'web_events'::regclass`;
      return row?.waiting;
    };
    await tables.sql.begin(async (transaction) => {
      await transaction`lock table web_events in access exclusive mode`;
      const leaving = new AbortController();
      const sent = { ...body, metrics: ["sessions"] };
      const asked = ask("/api/v2/query", sent, { signal: leaving.signal }).catch(() => "left");
      expect(await eventually(async () => (await waiting()) === 1, 3000)).toBe(true);

      leaving.abort();

      expect(await asked).toBe("left");
      expect(await eventually(async () => (await waiting()) === 0, 3000)).toBe(true);
    });
  });
});

test("POST /api/v2/funnel answers how many came how far", async () => {
  const steps = ["look", "buy"].map((type) => ["is", "event:name", [type]]);

  const response = await ask("/api/v2/funnel", { date_range: RANGE, steps, window: "1h" });

  expect(await response.json()).toMatchObject({
    results: [
      { step: 1, count: 1, percentage: 100, step_percentage: 100, median_seconds: null },
      { step: 2, count: 1, percentage: 100, step_percentage: 100, median_seconds: 60 },
    ],
    meta: { source: "rows", exact: true, rows_in_range: 2 },
  });
});
