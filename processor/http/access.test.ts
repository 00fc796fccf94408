/** Which hosts are answered, and which pages may change something. */
import { describe, expect, test } from "bun:test";
import type { Queries } from "../queries/queries.ts";
import { CHANGES, failing, harness, LISTED, PATHS } from "./testing/routes.ts";
import { testParts } from "./testing/server.ts";

describe("a host", () => {
  test("of one letter is answered like any other when it is listed", async () => {
    const { app } = harness(testParts(failing(null), { TALLY_HOSTS: "a", TALLY_OPEN: "yes" }));

    const response = await app.fetch(new Request("http://a/health/live"));

    expect(response.status).toBe(200);
  });

  test.each(["evil.example", "localhost.evil.example:8082", "10.1.2.3"])(
    "%s gets 421 everywhere while the service listens on loopback",
    async (host) => {
      const { app } = harness();
      for (const path of ["/", ...PATHS, ...CHANGES, "/nowhere"]) {
        const method = CHANGES.includes(path) ? "POST" : "GET";
        const headers = { host, "content-type": "application/json" };
        const response = await app.fetch(new Request(`http://${host}${path}`, { method, headers }));
        expect([path, response.status]).toEqual([path, 421]);
        expect(await response.json()).toMatchObject({ code: "host_not_allowed" });
      }
    },
  );

  test("that is malformed gets 400 invalid_host", async () => {
    const { app } = harness();
    const request = new Request("http://localhost/", { headers: { host: "[::1" } });
    // What Bun makes of this header.
    Object.defineProperty(request, "url", { value: "http://[::1/health/live" });

    const response = await app.fetch(request);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "invalid_host" });
  });
});

describe("a request through a proxy", () => {
  const headers = { "x-forwarded-for": "203.0.113.7" };

  test("gets 403 everywhere but for health while the service is open on loopback", async () => {
    const { ask } = harness();

    for (const path of ["/", ...PATHS]) {
      const { status } = await ask(path, { headers });
      expect([path, status === 403]).toEqual([path, !path.includes("health")]);
    }
  });

  test("is answered with TALLY_OPEN=yes", async () => {
    const { ask } = harness(testParts(failing(null), { TALLY_OPEN: "yes" }));

    expect((await ask("/openapi.json", { headers })).status).toBe(200);
  });
});

describe("a change", () => {
  test.each(["http://evil.example", "null", "http://localhost:1", "http://127.0.0.1:8082"])(
    "createApp() lets a page of %s change nothing",
    async (origin) => {
      const { ask } = harness();

      for (const path of CHANGES) {
        const headers = { origin, "content-type": "application/json" };
        const response = await ask(path, { method: "POST", headers });
        expect([path, response.status]).toEqual([path, 403]);
        expect(await response.json()).toMatchObject({ code: "origin_not_allowed" });
      }
    },
  );

  test.each([LISTED, "http://localhost:8082"])(
    "createApp() lets a page of %s change something",
    async (origin) => {
      const { ask } = harness();
      const headers = { origin, "content-type": "application/json" };

      const response = await ask("/dead-letters/1/resend", { method: "POST", headers });

      // The resender of this test knows no dead letter.
      expect(response.status).toBe(404);
    },
  );

  test("createApp() asks no question that a page of another origin or a form sends", async () => {
    let asked = 0;
    const ask = async () => {
      asked += 1;
      return { kind: "answered", content: {} } as const;
    };
    const { ask: send } = harness({ queries: { query: ask, funnel: ask } as unknown as Queries });
    const own = { "content-type": "application/json", origin: "http://localhost:8082" };

    // A form and a fetch with the mode no-cors send these types without asking first.
    const types = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];
    const sent = [
      ...types.map((type) => ({ ...own, "content-type": type })),
      { ...own, origin: "http://evil.example" },
      { ...own, origin: "null" },
    ];
    for (const path of ["/api/v2/query", "/api/v2/funnel"]) {
      for (const headers of sent) {
        const { status } = await send(path, { method: "POST", headers, body: "{}" });
        expect([403, 415]).toContain(status);
      }
      const asking = { origin: "http://evil.example", "access-control-request-method": "POST" };
      const preflight = await send(path, { method: "OPTIONS", headers: asking });
      expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
    }

    expect(asked).toBe(0);
    expect((await send("/api/v2/query", { method: "POST", headers: own, body: "{}" })).status).toBe(
      200,
    );
    expect(asked).toBe(1);
  });

  const RESEND = "/dead-letters/resend?code=id_conflict";

  test.each([
    "application/json, application/json",
    "Application/JSON; charset=UTF8",
    'application/json;profile="a,b"',
  ])("createApp() takes a change of the type %p", async (type) => {
    const { ask } = harness();
    const init = { method: "POST", body: "{}", headers: { "content-type": type } };

    expect((await ask(RESEND, init)).status).toBe(202);
  });

  test.each([
    ["content-type", "application/json; charset=utf-16", "unsupported_type"],
    ["content-type", "application/json, text/plain", "unsupported_type"],
    ["content-type", "text/plain, application/json", "unsupported_type"],
    ["content-encoding", "gzip", "unsupported_encoding"],
    ["content-encoding", "zstd", "unsupported_encoding"],
    ["content-encoding", "br", "unsupported_encoding"],
  ])("createApp() refuses a change with %s %p", async (name, value, code) => {
    const { ask } = harness();
    const headers = { "content-type": "application/json", [name]: value };

    const response = await ask(RESEND, { method: "POST", body: "{}", headers });

    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ code });
    const accepted = { accept: "application/json", "accept-encoding": "identity" };
    const told = code === "unsupported_type" ? "accept" : "accept-encoding";
    expect(response.headers.get(told)).toBe(accepted[told]);
  });

  test.each(["{}", " {\n} ", ""])("createApp() takes the body %p of a change", async (body) => {
    const { ask } = harness();
    const init = { method: "POST", body, headers: { "content-type": "application/json" } };

    expect((await ask(RESEND, init)).status).toBe(202);
  });

  test.each(["[]", "null", "{", '{"a":1}', "x"])(
    "createApp() refuses the body %p of a change",
    async (body) => {
      const { ask } = harness();
      const init = { method: "POST", body, headers: { "content-type": "application/json" } };

      const response = await ask(RESEND, init);

      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: "invalid_body" });
    },
  );
});
