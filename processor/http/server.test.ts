/** The routes without a socket and without a database. */
import { PipelineError, type MetricsFrame } from "@tally/shared";
import { describe, expect, test } from "bun:test";
import { EMPTY_HISTORY } from "@tally/shared/frame_history";
import type { ServerParts } from "./server.ts";
import { CHANGES, failing, harness, LISTED, PATHS } from "./testing/routes.ts";
import { ALL_UP, testParts } from "./testing/server.ts";
import { createHub } from "../live/stream.ts";
import { hubOptions } from "../live/testing/fake_rounds.ts";

function dependencies(
  states: Partial<Record<"kafka" | "postgres" | "s3", MetricsFrame["dependencies"]["s3"]["state"]>>,
): () => MetricsFrame["dependencies"] {
  const since = ALL_UP.kafka.since;
  const all = Object.fromEntries(
    Object.entries(states).map(([name, state]) => [name, { state, since }]),
  );
  return () => ({ ...ALL_UP, ...all });
}

describe("createApp()", () => {
  test("fail() answers an error that no route caught with a problem document", async () => {
    const { app } = harness();

    const response = app.fail(new Error("internal detail"));

    expect(response.status).toBe(500);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.text()).not.toContain("internal detail");
  });

  test("createApp() answers not_found as a problem when no route takes the path", async () => {
    const { ask } = harness();

    for (const path of ["/nothing", "/events/a", "/events/a/b/trace", "/metrics/stream/x", "//"]) {
      const response = await ask(path, { method: path === "//" ? "POST" : "GET" });
      expect([path, response.status]).toEqual([path, 404]);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(await response.json()).toMatchObject({ code: "not_found", requestId: "request-1" });
    }
  });

  test("createApp() answers method_not_allowed with Allow when the path takes only reads", async () => {
    const { ask } = harness();

    for (const path of PATHS) {
      for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
        const response = await ask(path, { method });
        expect([path, method, response.status]).toEqual([path, method, 405]);
        expect(response.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
        expect(await response.json()).toMatchObject({ code: "method_not_allowed" });
      }
    }
  });

  test("createApp() answers method_not_allowed with Allow when the path takes only POST", async () => {
    const { ask } = harness();

    for (const path of CHANGES.filter((each) => each !== "/api/session")) {
      for (const method of ["PUT", "DELETE", "PATCH"]) {
        const response = await ask(path, { method });
        expect([path, method, response.status]).toEqual([path, method, 405]);
        expect(response.headers.get("allow")).toBe("POST, OPTIONS");
      }
    }
  });

  test("createApp() allows POST to pages of listed origins, and only to these", async () => {
    const { ask } = harness();
    const preflight = (origin: string) =>
      ask("/dead-letters/1/resend", { method: "OPTIONS", headers: { origin } });

    const listed = (await preflight(LISTED)).headers;
    const other = (await preflight("http://evil.example")).headers;

    const names = ["origin", "methods", "headers"].map((name) => `access-control-allow-${name}`);
    expect(names.map((name) => listed.get(name))).toEqual([
      LISTED,
      "POST, OPTIONS",
      "content-type",
    ]);
    expect(names.map((name) => other.get(name))).toEqual([null, null, null]);
  });

  test("createApp() opens no stream when the method is HEAD", async () => {
    const hub = createHub(hubOptions({ subscribersMax: 1 }));
    const { ask } = harness({ hub });

    const response = await ask("/metrics/stream", { method: "HEAD" });

    expect(response.status).toBe(200);
    expect(hub.subscribers).toBe(0);
  });

  test("createApp() keeps a stream open, and answers overloaded when there are too many", async () => {
    const hub = createHub(hubOptions({ subscribersMax: 1 }));
    const { ask, keptOpen } = harness({ hub });

    const first = await ask("/metrics/stream");
    const second = await ask("/metrics/stream");

    expect([first.status, keptOpen.length]).toEqual([200, 1]);
    expect([second.status, second.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await second.json()).toMatchObject({ code: "overloaded" });
    expect(await (await ask("/metrics")).text()).toContain(
      'processor_unavailable_total{code="overloaded"} 1',
    );
  });

  test("createApp() gives the history of the figures to a page that opens", async () => {
    const history = { ...EMPTY_HISTORY, seconds: [1_769_842_800] };
    const { ask } = harness({ history: () => history });

    const response = await ask("/metrics/history");

    expect(await response.json()).toEqual(history);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("createApp() marks answers for listed origins, and only for these", async () => {
    const { ask } = harness();
    const from = (origin: string) => ({ headers: { origin } });

    const listed = await ask("/health/live", from(LISTED));
    const other = await ask("/health/live", from("http://evil.example"));
    const problem = await ask("/nothing", from(LISTED));
    const preflight = await ask("/events", { method: "OPTIONS", ...from(LISTED) });

    const allowed = (response: Response) => response.headers.get("access-control-allow-origin");
    expect([listed, other, problem, preflight].map(allowed)).toEqual([
      LISTED,
      null,
      LISTED,
      LISTED,
    ]);
    expect(other.headers.get("vary")).toBe("origin");
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-methods")).toBe("GET, HEAD, OPTIONS");
  });

  test("createApp() describes exactly its routes in openapi.json", async () => {
    const { ask } = harness();

    const document = (await (await ask("/openapi.json")).json()) as { paths: object };

    const described = Object.keys(document.paths).map((path) =>
      path.startsWith("/events") ? path.replace("{id}", "a") : path.replace("{id}", "1"),
    );
    expect(described.sort()).toEqual([...PATHS, ...CHANGES].sort());
    for (const path of CHANGES) {
      const response = await ask(path, { method: "POST" });
      expect([path, response.status]).toEqual([path, 415]);
    }
  });

  test("createApp() exposes its metrics at /metrics", async () => {
    const parts = testParts(failing(null));
    parts.metrics.processor_subscribers.set(3);

    const response = await harness(parts).ask("/metrics");

    expect(response.headers.get("content-type")).toContain("text/plain");
    expect(await response.text()).toContain("processor_subscribers 3");
  });

  test("createApp() answers database_unavailable when the database is away", async () => {
    const error = new PipelineError("database_unavailable", "Cannot run statement: secret detail");
    const { ask } = harness({ sql: failing(error) });

    const response = await ask("/events/a/trace");
    const text = await response.text();

    expect(response.status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ code: "database_unavailable" });
    expect(text).not.toContain("secret");
  });

  test("createApp() answers internal with fixed text when an unexpected error is thrown", async () => {
    const broken = testParts(failing(null));
    const metrics = { ...broken.metrics, expose: () => Promise.reject(new Error("secret detail")) };
    const { ask } = harness({ metrics });

    const response = await ask("/metrics");
    const text = await response.text();

    expect(response.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ code: "internal", title: "Internal error" });
    expect(text).not.toContain("secret");
  });
});

describe("health", () => {
  async function statuses(changes: Partial<ServerParts>, isStopping = false): Promise<number[]> {
    const { ask } = harness(changes, isStopping);
    const paths = ["/health/live", "/health/ready", "/actuator/health"];
    return Promise.all(paths.map(async (path) => (await ask(path)).status));
  }

  test("GET /health/ready is 503 when Kafka or PostgreSQL is down, not known yet, or the service stops", async () => {
    expect(await statuses({})).toEqual([200, 200, 200]);
    expect(await statuses({ isJoined: () => false })).toEqual([200, 503, 503]);
    expect(await statuses({ dependencies: dependencies({ kafka: "down" }) })).toEqual([
      200, 503, 503,
    ]);
    expect(await statuses({ dependencies: dependencies({ postgres: "unknown" }) })).toEqual([
      200, 503, 503,
    ]);
    expect(await statuses({}, true)).toEqual([200, 503, 503]);
  });

  test("GET /health/ready stays 200 when only the archive's store is down or off", async () => {
    expect(await statuses({ dependencies: dependencies({ s3: "down" }) })).toEqual([200, 200, 503]);
    expect(await statuses({ dependencies: dependencies({ s3: "off" }) })).toEqual([200, 200, 200]);
  });

  test("GET /actuator/health names every dependency in the demo's form", async () => {
    const { ask } = harness({ dependencies: dependencies({ s3: "down" }) });

    const body: unknown = await (await ask("/actuator/health")).json();

    const details = { since: ALL_UP.kafka.since };
    expect(body).toEqual({
      status: "DOWN",
      components: {
        kafka: { status: "UP", details },
        postgres: { status: "UP", details },
        s3: { status: "DOWN", details },
        readinessState: { status: "UP" },
        livenessState: { status: "UP" },
      },
    });
  });
});
