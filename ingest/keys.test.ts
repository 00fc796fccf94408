/** Requests with keys on, against what production starts with a producer that the test controls. */
import { afterEach, describe, expect, test } from "bun:test";
import type { ErrorCode } from "@tally/shared";
import { createKeySet } from "@tally/shared/keys/testing";
import { createEventIds } from "./form/id.ts";
import { createSenders } from "./keys/senders.ts";
import {
  EVENT,
  expectProblem,
  post,
  startFaked,
  type FakedIngest,
} from "./testing/faked_ingest.ts";

const PAGE = "https://shop.example";
const { set, texts } = createKeySet(
  { name: "server" },
  { name: "page", origins: [PAGE], eventTypes: ["t"] },
  { name: "eyes", scopes: ["read"] },
);
const [server = "", page = "", eyes = ""] = texts;

const services: FakedIngest[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

async function startKeyed(env: Record<string, string> = {}): Promise<FakedIngest> {
  const senders = createSenders(() => set);
  const service = await startFaked({ TALLY_KEYS: "on", ...env }, { senders });
  services.push(service);
  return service;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const valuesOf = ({ producer }: FakedIngest) => producer.log.map(({ value }) => String(value));
const envelope = (key: string) => `{"writeKey":"${key}","events":[${EVENT},${EVENT}]}`;

describe("POST /events with keys on", () => {
  test.each([
    ["Authorization: Bearer", bearer(server)],
    ["X-Api-Key", { "x-api-key": server }],
    ["a Basic user name", { authorization: `Basic ${btoa(`${server}:`)}` }],
  ])("stamps the key's name when the key stands in %s", async (_, headers) => {
    const service = await startKeyed();

    const answer = await post(service.url, EVENT, headers);

    expect(answer.status).toBe(202);
    expect(valuesOf(service)).toEqual([
      expect.stringMatching(/"payload":1,"context":\{"source":"server"\}\}$/),
    ]);
  });

  test("stamps the key's name when the key stands in the body", async () => {
    const service = await startKeyed();
    const headers = { "content-type": "text/plain", origin: PAGE };

    const answer = await post(service.url, envelope(page), headers);

    expect(answer.body).toMatchObject({ accepted: 2, rejected: [] });
    expect(answer.headers.get("access-control-allow-origin")).toBe(PAGE);
    expect(valuesOf(service)).toHaveLength(2);
    for (const value of valuesOf(service)) expect(value).toContain('{"source":"page"}');
  });

  const refused: [title: string, headers: Record<string, string>, body: string, ErrorCode][] = [
    ["no key", {}, EVENT, "key_missing"],
    ["no key before the body", { "content-type": "application/x-ndjson" }, EVENT, "key_missing"],
    ["no key before its type", { "content-type": "text/css" }, EVENT, "unsupported_type"],
    ["an unknown key", bearer("me"), EVENT, "key_unknown"],
    ["an unknown key in the body", {}, envelope("me"), "key_unknown"],
    ["a key that only reads", bearer(eyes), EVENT, "key_scope"],
    ["a key that only reads in the body", {}, envelope(eyes), "key_scope"],
    ["another origin", { ...bearer(page), origin: "null" }, EVENT, "origin_not_allowed"],
    ["another origin, by the body", { origin: "null" }, envelope(page), "origin_not_allowed"],
  ];
  test.each(refused)("refuses %s", async (_, headers, body, code) => {
    const service = await startKeyed();

    const answer = await post(service.url, body, headers);

    expectProblem(answer, code);
    expect(service.producer.log).toEqual([]);
    const challenge = answer.status === 401 ? 'Bearer realm="tally"' : null;
    expect(answer.headers.get("www-authenticate")).toBe(challenge);
  });

  test("refuses a request without a key before its body is there when none can stand in it", async () => {
    const { url } = await startKeyed();
    const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({ pull: () => undefined });

    const answer = await post(url, endless, { "content-type": "application/x-ndjson" });

    expectProblem(answer, "key_missing");
  });

  test("rejects the events whose type the key may not send, and keeps the others", async () => {
    const service = await startKeyed();
    const other = '{"eventId":"e1","sessionId":"s","eventType":"other","payload":1}';

    const answer = await post(service.url, `[${other},${EVENT}]`, bearer(page));

    expect(answer.body).toMatchObject({
      accepted: 1,
      rejected: [
        { index: 0, code: "event_type_not_allowed", pointer: "/eventType", eventId: "e1" },
      ],
    });
    expect(valuesOf(service)).toHaveLength(1);
  });

  test("answers 503 while it knows no keys", async () => {
    const service = await startFaked({ TALLY_KEYS: "on" }, { senders: createSenders(() => null) });
    services.push(service);

    expectProblem(await post(service.url, EVENT, bearer(server)), "keys_unavailable");
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
  });

  test("the source does not count against the event's size", async () => {
    const service = await startKeyed({ INGEST_EVENT_BYTES_MAX: "300" });
    const sized = (length: number) =>
      `{"sessionId":"s","eventType":"t","payload":["${"x".repeat(length)}"]}`;
    const accepted = async (headers: Record<string, string>) => {
      const answers = Array.from({ length: 300 }, (_, length) => sized(length));
      const { body } = await post(service.url, `[${answers.join(",")}]`, headers);
      return body["accepted"];
    };
    const open = await startFaked({ INGEST_EVENT_BYTES_MAX: "300" });
    services.push(open);
    const { body } = await post(
      open.url,
      `[${Array.from({ length: 300 }, (_, length) => sized(length)).join(",")}]`,
    );

    expect(await accepted(bearer(server))).toBe(body["accepted"]);
  });

  test("the ids of an Idempotency-Key are those of the key's name", async () => {
    const service = await startKeyed();
    const once = { "idempotency-key": "k" };
    const idOf = createEventIds("k", "server");

    const answer = await post(service.url, EVENT, { ...bearer(server), ...once });

    expect(answer.body["eventId"]).toBe(idOf(0));
  });
});

describe("CORS with keys on", () => {
  const preflight = async ({ url }: FakedIngest, path: string, origin: string) => {
    const headers = { origin, "access-control-request-method": "POST" };
    const { status, headers: given } = await fetch(`${url}${path}`, { method: "OPTIONS", headers });
    return [status, given.get("access-control-allow-origin")];
  };

  test("a preflight allows the origins of keys that write, and those of the list", async () => {
    const service = await startKeyed({ INGEST_CORS_ORIGINS: "https://listed.example" });

    for (const path of ["/events", "/v1/batch", "/v1/t", "/v1/projects/k/settings"]) {
      expect([path, await preflight(service, path, PAGE)]).toEqual([path, [204, PAGE]]);
    }
    expect(await preflight(service, "/events", "https://listed.example")).toEqual([
      204,
      "https://listed.example",
    ]);
    expect(await preflight(service, "/events", "https://x.example")).toEqual([204, null]);
    expect(await preflight(service, "/metrics", PAGE)).toEqual([204, null]);
  });

  test("an answer allows the origins of keys", async () => {
    const { url } = await startKeyed();
    const send = (origin: string) => post(url, EVENT, { ...bearer(page), origin });

    expect((await send(PAGE)).headers.get("access-control-allow-origin")).toBe(PAGE);
    const other = await send("https://x.example");
    expect(other.headers.get("access-control-allow-origin")).toBeNull();
  });
});

test("GET /metrics needs a key that reads with keys on, and health needs none", async () => {
  const { url } = await startKeyed();
  const status = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(`${url}${path}`, { headers })).status;

  expect(await status("/metrics")).toBe(401);
  expect(await status("/metrics", bearer(server))).toBe(403);
  expect(await status("/metrics", bearer(eyes))).toBe(200);
  for (const path of ["/health/live", "/health/ready", "/actuator/health"]) {
    expect([path, await status(path)]).toEqual([path, 200]);
  }
});

test("POST /events takes a body with a key when keys are off, and looks at no key", async () => {
  const service = await startFaked();
  services.push(service);

  const answer = await post(service.url, envelope("anything"), bearer(eyes));

  expect(answer.body).toMatchObject({ accepted: 2 });
  for (const value of valuesOf(service)) expect(value).not.toContain("context");
});
