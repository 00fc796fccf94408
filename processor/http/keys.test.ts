/** What each route asks for with keys on, and what keys and sessions may do. */
import { describe, expect, test } from "bun:test";
import { monotonicNow } from "@tally/shared";
import { newKey } from "@tally/shared/keys";
import { fakeAccess, type FakeAccess } from "../access/testing/access.ts";
import { createRoutes } from "./routes.ts";
import { failing, harness, LISTED, type Harness } from "./testing/routes.ts";
import { NO_SERVER, testParts } from "./testing/server.ts";

/** Routes without a key: they hold no data, or check the key themselves. */
const OPEN = [
  "GET /health/live",
  "GET /health/ready",
  "GET /actuator/health",
  "GET /openapi.json",
  "GET /api/session",
  "POST /api/session",
  "DELETE /api/session",
];

const ENV = { TALLY_KEYS: "on", PROCESSOR_CORS_ORIGINS: LISTED };
const SCOPES = [["read"], ["read", "operate"], ["write"]] as const;

interface Keyed extends Harness {
  readonly stored: FakeAccess;
  readonly readKey: string;
  readonly operateKey: string;
  readonly writeKey: string;
}

function keyed(): Keyed {
  const keys = SCOPES.map((scopes) => ({ name: scopes.join("-"), scopes }));
  const stored = fakeAccess(monotonicNow, ...keys);
  const [readKey = "", operateKey = "", writeKey = ""] = stored.texts;
  const parts = testParts(failing(new Error("not asked in this test")), ENV, stored);
  return { ...harness(parts), stored, readKey, operateKey, writeKey };
}

const routes = createRoutes(testParts(failing(null)), NO_SERVER);
const asked = routes.map(({ method, path }) => `${method} ${path.replace(":id", "1")}`);

/** Sends a request as a page of its own origin does. */
async function send(
  { ask }: Harness,
  request: string,
  headers: Record<string, string> = {},
  body?: object,
): Promise<Response> {
  const [method = "", path = ""] = request.split(" ");
  const isRead = method === "GET";
  return ask(path, {
    method,
    headers: { ...(isRead ? {} : { "content-type": "application/json" }), ...headers },
    ...(isRead ? {} : { body: JSON.stringify(body ?? {}) }),
  });
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const cookie = (text: string) => ({ cookie: `tally_session=${text}` });
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

describe("a route", () => {
  test("of /openapi.json answers 401 without a key, but for the open ones", async () => {
    const service = keyed();
    const document = (await (await service.ask("/openapi.json")).json()) as {
      paths: Record<string, Record<string, object>>;
    };
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((name) => `${name.toUpperCase()} ${path.replace("{id}", "1")}`),
    );
    expect(described.toSorted()).toEqual(asked.toSorted());

    for (const request of described) {
      const response = await send(service, request);
      const isOpen = OPEN.includes(request);
      expect([request, response.status === 401]).toEqual([request, !isOpen]);
      if (isOpen) continue;
      expect(response.headers.get("www-authenticate")).toBe('Bearer realm="tally"');
      expect(await codeOf(response)).toBe("key_missing");
    }
  });

  test("answers HEAD with 401, too", async () => {
    expect((await keyed().ask("/metrics", { method: "HEAD" })).status).toBe(401);
  });

  test("says in /openapi.json where a key stands when it needs one", async () => {
    type Api = { paths: Record<string, Record<string, { security?: object; responses: object }>> };
    const on = (await (await keyed().ask("/openapi.json")).json()) as Api;
    const off = (await (await harness().ask("/openapi.json")).json()) as Api;

    const schemes = [{ bearer: [] }, { apiKey: [] }, { basic: [] }, { session: [] }];
    expect(on.paths["/metrics"]?.["get"]?.security).toEqual(schemes);
    expect(Object.keys(on.paths["/metrics"]?.["get"]?.responses ?? {})).toContain("401");
    expect(on.paths["/health/live"]?.["get"]?.security).toBeUndefined();
    expect(off.paths["/metrics"]?.["get"]?.security).toBeUndefined();
  });

  test.each(asked.filter((request) => !OPEN.includes(request)))(
    "%s takes the scope that it asks for, and no other",
    async (request) => {
      const service = keyed();
      const route = routes[asked.indexOf(request)];
      const needed = route?.access ?? "";
      expect(["read", "operate"]).toContain(needed);

      for (const [scopes, key] of SCOPES.map((each, at) => [
        each,
        service.stored.texts[at] ?? "",
      ])) {
        const response = await send(service, request, bearer(String(key)));
        const isAllowed = (scopes as readonly string[]).includes(needed);
        expect([scopes, [401, 403].includes(response.status)]).toEqual([scopes, !isAllowed]);
        if (isAllowed) continue;
        expect(await codeOf(response)).toBe("key_scope");
        expect(response.headers.get("www-authenticate")).toContain(`scope="${needed}"`);
      }
    },
  );
});

describe("a key", () => {
  test("counts as Bearer, X-Api-Key and Basic user name, and nowhere else", async () => {
    const service = keyed();
    const { readKey } = service;
    const basic = { authorization: `Basic ${Buffer.from(`${readKey}:`).toString("base64")}` };

    for (const headers of [bearer(readKey), { "x-api-key": readKey }, basic]) {
      expect((await send(service, "GET /metrics", headers)).status).toBe(200);
    }
    for (const path of [`/metrics?key=${readKey}`, `/metrics?authorization=Bearer%20${readKey}`]) {
      expect((await service.ask(path)).status).toBe(401);
    }
    expect((await send(service, "GET /metrics", cookie(readKey.slice(-43)))).status).toBe(401);
  });

  test("that is not known or was revoked gets 401 key_unknown", async () => {
    const service = keyed();
    for (const key of [newKey(), "nonsense"]) {
      const response = await send(service, "GET /metrics", bearer(key));
      expect([response.status, await codeOf(response)]).toEqual([401, "key_unknown"]);
    }
  });

  test("is 503 keys_unavailable while the keys can't be read, and health is answered", async () => {
    const service = keyed();
    service.stored.fail(true);

    const response = await send(service, "GET /metrics", bearer(service.readKey));
    expect([response.status, await codeOf(response)]).toEqual([503, "keys_unavailable"]);
    expect(response.headers.get("retry-after")).toBe("1");
    expect((await send(service, "GET /health/ready")).status).toBe(200);
  });
});

describe("/api/session", () => {
  const session = async (response: Response) => ({
    status: response.status,
    body: (await response.json()) as object,
    cookie: response.headers.get("set-cookie"),
  });
  const NOBODY = { keysOn: true, name: null, scopes: [], expiresAt: null };

  test("signs in with a key, says who it is, and signs out", async () => {
    const service = keyed();
    const body = { key: service.operateKey, path: "/tally/" };

    const signedIn = await session(await send(service, "POST /api/session", {}, body));
    const expected = { keysOn: true, name: "read-operate", scopes: ["read", "operate"] };
    expect(signedIn).toMatchObject({ status: 200, body: expected });
    const [text = ""] = (signedIn.cookie ?? "").split(";");
    expect(signedIn.cookie).toEndWith("; Path=/tally/; Max-Age=43200; HttpOnly; SameSite=Strict");
    expect(signedIn.cookie).not.toContain(service.operateKey.slice(6));

    const headers = { cookie: `other=1; ${text}` };
    expect((await send(service, "GET /metrics", headers)).status).toBe(200);
    expect(await (await send(service, "GET /api/session", headers)).json()).toEqual(signedIn.body);
    const signedOut = await session(await send(service, "DELETE /api/session", headers));
    expect(signedOut).toMatchObject({ status: 200, body: NOBODY });
    expect(signedOut.cookie).toStartWith("tally_session=; Path=/; Max-Age=0");
  });

  test("answers who is signed in without a key, with one, and with keys off", async () => {
    const service = keyed();
    const who = async (from: Harness, headers = {}) =>
      (await send(from, "GET /api/session", headers)).json();

    expect(await who(service)).toEqual(NOBODY);
    expect(await who(service, bearer(service.readKey))).toEqual({
      ...NOBODY,
      name: "read",
      scopes: ["read"],
    });
    expect(await who(harness())).toEqual({
      ...NOBODY,
      keysOn: false,
      scopes: ["read", "operate"],
    });
  });

  test.each([
    [{ key: newKey() }, 401, "key_unknown"],
    [{ key: "x" }, 401, "key_unknown"],
    [{}, 400, "invalid_body"],
    [{ key: 1 }, 400, "invalid_body"],
    [{ key: newKey(), path: "//evil" }, 400, "invalid_body"],
    [[], 400, "invalid_body"],
  ])("refuses %j", async (body, status, code) => {
    const response = await send(keyed(), "POST /api/session", {}, body);

    expect([response.status, await codeOf(response)]).toEqual([status, code]);
    expect(response.headers.get("set-cookie")).toBeNull();
  });

  test("makes no session of a key that may only write: such a key may be public", async () => {
    const service = keyed();

    const response = await send(service, "POST /api/session", {}, { key: service.writeKey });

    expect([response.status, await codeOf(response)]).toEqual([403, "key_scope"]);
  });

  test("lets an address fail ten times a minute, and then not even sign in", async () => {
    const service = keyed();
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 10; attempt++) {
      statuses.push((await send(service, "POST /api/session", {}, { key: newKey() })).status);
    }
    expect(new Set(statuses)).toEqual(new Set([401]));

    const limited = await send(service, "POST /api/session", {}, { key: service.readKey });
    expect([limited.status, await codeOf(limited)]).toEqual([429, "sign_in_limited"]);
    expect(Number(limited.headers.get("retry-after"))).toBeWithin(55, 61);
    expect((await send(service, "GET /metrics", bearer(service.readKey))).status).toBe(200);
  });

  test("counts tries at the same time, too", async () => {
    const service = keyed();
    const tries = Array.from({ length: 50 }, () =>
      send(service, "POST /api/session", {}, { key: newKey() }),
    );

    const statuses = (await Promise.all(tries)).map(({ status }) => status);

    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40);
  });

  test("is refused to a page of another origin, and without a JSON content type", async () => {
    const service = keyed();
    const body = JSON.stringify({ key: service.readKey });
    const post = (headers: Record<string, string>) =>
      service.ask("/api/session", { method: "POST", body, headers });
    const json = { "content-type": "application/json" };

    expect((await post({ ...json, origin: "http://evil.example" })).status).toBe(403);
    expect((await post({ ...json, origin: "null" })).status).toBe(403);
    expect((await post({ "content-type": "text/plain" })).status).toBe(415);
    expect((await post({ ...json, origin: "http://localhost:8082" })).status).toBe(200);
    expect((await post({ ...json, origin: LISTED })).status).toBe(200);
  });
});

describe("a session", () => {
  test("of a key that was revoked, or that has ended, gets 401", async () => {
    const service = keyed();
    const ended = service.stored.addSession("read", 0);
    const revoked = service.stored.addSession("read-operate", 1);
    service.stored.revoke("read-operate");

    expect((await send(service, "GET /metrics", cookie(ended))).status).toBe(401);
    expect((await send(service, "GET /metrics", cookie(revoked))).status).toBe(401);
  });

  test("of one that signed in somewhere else a moment ago is known", async () => {
    const service = keyed();
    expect((await send(service, "GET /metrics", bearer(service.readKey))).status).toBe(200);

    const text = service.stored.addSession("read", 1);

    expect((await send(service, "GET /metrics", cookie(text))).status).toBe(200);
  });

  test("counts beside the password of a proxy in front", async () => {
    const service = keyed();
    const headers = {
      authorization: `Basic ${Buffer.from("me:secret").toString("base64")}`,
      ...cookie(service.stored.addSession("read", 1)),
    };

    expect((await send(service, "GET /metrics", headers)).status).toBe(200);
  });
});
