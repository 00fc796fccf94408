/**
 * With keys on: which key opens which operation. Every operation of both OpenAPI documents is asked
 * for without a key and with a key of each scope, so that a new route is open by decision only.
 */
import type { Scope } from "@tally/shared/keys";
import { testStack } from "@tally/stack/testing";
import { afterAll, beforeAll, expect, test } from "bun:test";

import type { System } from "../system/system.ts";
import { startedSystem } from "../system/testing/started_system.ts";
import { createSystemKey } from "./system_key.ts";

const TEST_MS_MAX = 120_000;
const SCOPES = ["write", "read", "operate"] as const satisfies readonly Scope[];

/** What is answered without a key; every other operation asks for one. */
const OPEN = ["GET /actuator/health", "GET /health/live", "GET /health/ready", "GET /openapi.json"];
// A page loads the client and Segment's settings before it sends; neither says anything of events.
const OPEN_ON_INGEST = [
  ...OPEN,
  "GET /client.js",
  "GET /client.mjs",
  "GET /v1/projects/{key}/settings",
];
// The page of the sign-in asks who is signed in, signs in and signs out.
const OPEN_ON_PROCESSOR = [...OPEN, "DELETE /api/session", "GET /api/session", "POST /api/session"];

let system: System;
const keys = new Map<Scope, string>();

beforeAll(async () => {
  system = await startedSystem(await testStack(), Bun.env, { TALLY_KEYS: "on" });
  for (const scope of SCOPES) keys.set(scope, await createSystemKey(system, [scope]));
}, TEST_MS_MAX);
afterAll(() => system.close(), TEST_MS_MAX);

/** An operation, as "GET /path". */
interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
}

/** The operations of a document. */
async function operationsOf(url: string): Promise<readonly Operation[]> {
  const headers = bearer("read");
  const document = await (await fetch(`${url}/openapi.json`, { headers })).json();
  const { paths } = document as { readonly paths: Record<string, object> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => {
      const name = method.toUpperCase();
      return { name: `${name} ${path}`, method: name, path: path.replaceAll(/\{\w+\}/g, "1") };
    }),
  );
}

function bearer(scope: Scope): Record<string, string> {
  return { authorization: `Bearer ${keys.get(scope)}` };
}

/** A body of which no route says anything before it knows the sender: a key may stand in it. */
const BODY = '{"batch":[]}';

/** The status and the code of an answer; the stream's body is not read. */
async function ask(
  url: string,
  { method, path }: Operation,
  headers: Record<string, string> = {},
): Promise<{ status: number; code: string | null }> {
  const hasBody = method !== "GET";
  const response = await fetch(url + path, {
    method,
    headers: { ...headers, ...(hasBody && { "content-type": "application/json" }) },
    ...(hasBody && { body: BODY }),
  });
  const isProblem = response.headers.get("content-type") === "application/problem+json";
  if (!isProblem) await response.body?.cancel();
  const problem = isProblem ? ((await response.json()) as { readonly code: string }) : null;
  return { status: response.status, code: problem?.code ?? null };
}

test.each(["ingest", "processor"] as const)(
  "%s asks for a key on every operation but a few",
  async (service) => {
    const { url } = system[`${service}s`][0];
    const open: string[] = [];
    for (const operation of await operationsOf(url)) {
      const { status, code } = await ask(url, operation);
      if (status === 401 && code === "key_missing") continue;
      open.push(operation.name);
      expect([operation.name, status]).not.toEqual([operation.name, 500]);
    }

    const expected = service === "ingest" ? OPEN_ON_INGEST : OPEN_ON_PROCESSOR;
    expect(open.toSorted()).toEqual(expected.toSorted());
  },
  TEST_MS_MAX,
);

/** The scope that an operation asks for. */
function scopeOf(service: "ingest" | "processor", { method, path }: Operation): Scope {
  if (method === "POST" && service === "ingest") return "write";
  return method === "POST" && path.startsWith("/dead-letters") ? "operate" : "read";
}

test.each(["ingest", "processor"] as const)(
  "%s takes a key of one scope for the operations of that scope only",
  async (service) => {
    const { url } = system[`${service}s`][0];
    const open = service === "ingest" ? OPEN_ON_INGEST : OPEN_ON_PROCESSOR;
    const closed = (await operationsOf(url)).filter(({ name }) => !open.includes(name));
    for (const operation of closed) {
      const taken: Scope[] = [];
      for (const scope of SCOPES) {
        const { status, code } = await ask(url, operation, bearer(scope));
        expect([operation.name, status < 500]).toEqual([operation.name, true]);
        if (code !== "key_scope") taken.push(scope);
      }

      expect([operation.name, taken]).toEqual([operation.name, [scopeOf(service, operation)]]);
    }
  },
  TEST_MS_MAX,
);

test("a path that is not known answers nothing without a key", async () => {
  for (const { url } of [system.ingests[0], system.processors[0]]) {
    for (const path of ["/nowhere", "/events/../metrics", "//metrics", "/metrics/", "/Metrics"]) {
      const { status } = await ask(url, { name: path, method: "GET", path });
      expect([path, [401, 404, 405].includes(status)]).toEqual([path, true]);
    }
  }
});
