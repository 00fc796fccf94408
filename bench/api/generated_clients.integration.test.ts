/** Clients whose types openapi-typescript has made: every call of both services, typed. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "@tally/shared";
import { testStack } from "@tally/stack/testing";
import createClient, { type Client } from "openapi-fetch";

import type { System } from "../system/system.ts";
import { startedSystem } from "../system/testing/started_system.ts";
import { apiDocuments } from "./documents.ts";
import { produceBadRecord } from "./fill.ts";
import type { paths as IngestPaths } from "./ingest_api.d.ts";
import type { paths as ProcessorPaths } from "./processor_api.d.ts";

const TEST_MS_MAX = 120_000;
const ROWS_MS_MAX = 20_000;
const EVENT_ID = "typed-client-1";

let system: System;
let ingest: Client<IngestPaths>;
let processor: Client<ProcessorPaths>;
/** Operations that a test has called, as "GET /path". */
const called = new Set<string>();

/** Notes each request under the path of its operation. */
function noted(api: Client<object>, name: keyof ReturnType<typeof apiDocuments>): void {
  api.use({
    onRequest({ schemaPath, request }) {
      called.add(`${name} ${request.method} ${schemaPath}`);
      return undefined;
    },
  });
}

beforeAll(async () => {
  system = await startedSystem(await testStack(), Bun.env);
  ingest = createClient<IngestPaths>({ baseUrl: system.ingests[0].url });
  processor = createClient<ProcessorPaths>({ baseUrl: system.processors[0].url });
  noted(ingest as Client<object>, "ingest");
  noted(processor as Client<object>, "processor");
}, TEST_MS_MAX);
afterAll(() => system.close(), TEST_MS_MAX);

describe("ingest", () => {
  test("takes one event, a batch and lines of a generated client", async () => {
    const event = { sessionId: "s", eventType: "t", payload: { n: 1 } };
    const params = { header: { "Idempotency-Key": "typed-1" } };

    const one = await ingest.POST("/events", { body: { ...event, eventId: EVENT_ID }, params });
    const many = await ingest.POST("/events", { body: [event, event] });
    const none = await ingest.POST("/events", { body: { ...event, sessionId: "" } });

    expect([one.response.status, one.data]).toMatchObject([202, { eventId: EVENT_ID }]);
    expect(many.data).toMatchObject({ accepted: 2, rejected: [] });
    expect(none.error).toMatchObject({ status: 422, code: "field_invalid", pointer: "/sessionId" });
  });

  test("answers its views", async () => {
    const [live, ready] = [await ingest.GET("/health/live"), await ingest.GET("/health/ready")];
    const health = await ingest.GET("/actuator/health");
    const metrics = await ingest.GET("/metrics", { parseAs: "text" });
    const document = await ingest.GET("/openapi.json");
    // What they answer depends on whether the client is built in this checkout.
    await ingest.GET("/client.js", { parseAs: "text" });
    await ingest.GET("/client.mjs", { parseAs: "text" });

    expect([live.data?.status, ready.data?.status, health.data?.status]).toEqual([
      "UP",
      "UP",
      "UP",
    ]);
    expect(metrics.data).toContain("ingest_events_accepted_total");
    expect(document.data).toMatchObject({ openapi: "3.1.0" });
  });
});

describe("processor", () => {
  test("shows rows, traces and archive objects", async () => {
    const trace = () => processor.GET("/events/{id}/trace", { params: { path: { id: EVENT_ID } } });
    await eventually(async () => (await trace()).data?.archive?.state === "stored", ROWS_MS_MAX);

    const traced = await trace();
    const query = { sessionId: "s", from: "2020-01-01T00:00:00Z", limit: 1 };
    const first = await processor.GET("/events", { params: { query } });
    const after = first.data?.next ?? "";
    const second = await processor.GET("/events", { params: { query: { ...query, after } } });
    const objects = await processor.GET("/archive/objects", {
      params: { query: { state: "stored" } },
    });

    expect(traced.data).toMatchObject({ row: { payload: { n: 1 } }, archive: { state: "stored" } });
    expect([first.data?.events.length, second.data?.events.length]).toEqual([1, 1]);
    expect(second.data?.events[0]?.eventId).not.toBe(first.data?.events[0]?.eventId ?? "");
    expect(objects.data?.objects[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test("answers a query over the rows", async () => {
    const ask = (dimensions: string[]) =>
      processor.POST("/api/v2/query", {
        body: { metrics: ["events", "sessions"], date_range: "all", dimensions },
      });
    const isStored = async () => (await ask([])).data?.results[0]?.metrics[0] === 3;
    await eventually(isStored, ROWS_MS_MAX);

    const byType = await ask(["event:name"]);
    const refused = await ask(["visit:country"]);

    const step = ["is", "event:name", ["t"]];
    const funnel = await processor.POST("/api/v2/funnel", {
      body: { date_range: "all", steps: [step, step, step, step], window: "1h" },
    });

    expect(funnel.data?.results.map(({ count }) => count)).toEqual([1, 1, 1, 0]);
    expect(byType.data?.results).toEqual([{ dimensions: ["t"], metrics: [3, 1] }]);
    expect(refused.error).toMatchObject({ status: 400, code: "unknown_dimension" });
  });

  test("shows dead letters and sends them again, with the body that the document wants", async () => {
    await produceBadRecord(system);
    const list = () => processor.GET("/dead-letters", { params: { query: { limit: 10 } } });
    await eventually(async () => (await list()).data?.deadLetters.length === 1, ROWS_MS_MAX);
    const id = (await list()).data?.deadLetters[0]?.id ?? "";

    const params = { path: { id } };
    const detail = await processor.GET("/dead-letters/{id}", { params });
    const codes = await processor.GET("/dead-letters/codes");
    const one = await processor.POST("/dead-letters/{id}/resend", { params, body: {} });
    const many = await processor.POST("/dead-letters/resend", {
      params: { query: { code: "field_missing" } },
      body: {},
    });

    const edited = await processor.POST("/dead-letters/{id}/edited", {
      params: { path: { id: "999999999" } },
      body: { eventId: EVENT_ID, partition: 0, offset: "0" },
    });

    expect(edited.error).toMatchObject({ status: 404, code: "not_found" });
    expect(detail.data?.value?.text).toBe("not JSON");
    expect(codes.data?.codes).toMatchObject([{ code: "record_corrupt", unresolved: 1 }]);
    expect([one.response.status, one.data?.deadLetterId]).toEqual([202, id]);
    expect(many.data).toEqual({ resent: 0, ids: [], refused: [], next: null });
  });

  test("says that keys are off, and signs nobody in or out", async () => {
    const open = { keysOn: false, name: null, scopes: ["read", "operate"], expiresAt: null };

    const who = await processor.GET("/api/session");
    const signedIn = await processor.POST("/api/session", { body: { key: "any" } });
    const signedOut = await processor.DELETE("/api/session", { body: {} });

    const answers: readonly unknown[] = [who.data, signedIn.data, signedOut.data];
    expect(answers).toEqual([open, open, open]);
    expect(signedIn.response.headers.get("set-cookie")).toBeNull();
  });

  test("answers its views and the stream", async () => {
    const [live, ready] = [
      await processor.GET("/health/live"),
      await processor.GET("/health/ready"),
    ];
    const health = await processor.GET("/actuator/health");
    const metrics = await processor.GET("/metrics", { parseAs: "text" });
    const document = await processor.GET("/openapi.json");
    const history = await processor.GET("/metrics/history");
    expect(history.response.status).toBe(200);
    const stream = await processor.GET("/metrics/stream", { parseAs: "stream" });

    expect([live.data?.status, ready.data?.status, health.data?.status]).toEqual([
      "UP",
      "UP",
      "UP",
    ]);
    expect(metrics.data).toContain("processor_rows_total");
    expect(document.data).toMatchObject({ openapi: "3.1.0" });
    const reader = stream.data?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain("retry:");
    await reader?.cancel();
  });
});

// After the tests that count the rows.
test("ingest takes what SDKs of Segment send", async () => {
  const message = { messageId: "typed-client-2", userId: "u", type: "track", event: "t" };
  const paths = [
    ...(["/v1/track", "/v1/page", "/v1/screen", "/v1/identify", "/v1/group"] as const),
    ...(["/v1/alias", "/v1/t", "/v1/p", "/v1/s", "/v1/i", "/v1/g", "/v1/a"] as const),
  ];
  const replies = [
    ...paths.map((path) => ingest.POST(path, { body: { ...message, messageId: path } })),
    ...(["/v1/batch", "/v1/import", "/v1/b"] as const).map((path) =>
      ingest.POST(path, { body: { batch: [message] } }),
    ),
  ];
  const key = { params: { path: { key: "any" } } };
  const settings = await ingest.GET("/v1/projects/{key}/settings", key);

  expect((await Promise.all(replies)).map(({ data }) => data)).toEqual(
    replies.map(() => ({ success: true })),
  );
  expect(settings.data).toHaveProperty("integrations");
});

test("every operation of both documents was called", () => {
  const all = Object.entries(apiDocuments()).flatMap(([name, document]) => {
    const { paths } = document as { paths: Record<string, object> };
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${name} ${method.toUpperCase()} ${path}`),
    );
  });

  expect([...called].toSorted()).toEqual(all.toSorted());
});
