import { ERRORS, type ErrorCode } from "@tally/shared";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import {
  expectProblem,
  readAnswer,
  startFaked,
  type FakedIngest,
} from "../testing/faked_ingest.ts";
import { SEGMENT_FORMS } from "./segment_form.ts";

let ingest: FakedIngest;

beforeAll(async () => {
  ingest = await startFaked();
});
afterAll(() => ingest.stop());
afterEach(() => {
  ingest.producer.log.length = 0;
});

const MESSAGE = { messageId: "m-1", userId: "u", event: "Opened", type: "track" };

type Body = string | Uint8Array<ArrayBuffer>;

async function send(path: string, body: object | Body, headers: Record<string, string> = {}) {
  const isBody = typeof body === "string" || body instanceof Uint8Array;
  const response = await fetch(`${ingest.url}${path}`, {
    method: "POST",
    body: isBody ? body : JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  });
  return await readAnswer(response);
}

/** What was published, parsed. */
function published(): { [name: string]: unknown }[] {
  return ingest.producer.log.map(({ value }) => JSON.parse(String(value)) as { eventId: string });
}

describe("the paths of Segment's API", () => {
  test.each(SEGMENT_FORMS.filter(([, { type }]) => type !== null))(
    "%s publishes one message of its type",
    async (path, { type }) => {
      const { status, body, headers } = await send(path, { ...MESSAGE, type: "other" });

      expect([status, body]).toEqual([200, { success: true }]);
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      const eventType = type === "track" ? "Opened" : type;
      expect(published()).toMatchObject([{ eventId: "m-1", sessionId: "u", eventType }]);
    },
  );

  test.each(["/v1/batch", "/v1/import", "/v1/b"])("%s publishes a batch", async (path) => {
    const batch = [MESSAGE, { messageId: "m-2", userId: "u", type: "page" }];

    const { status, body } = await send(path, { batch, sentAt: "2026-06-15T12:00:00Z" });

    expect([status, body]).toEqual([200, { success: true }]);
    expect(published()).toMatchObject([{ eventType: "Opened" }, { eventType: "page" }]);
  });

  test.each([
    "text/plain",
    "text/plain;charset=UTF-8",
    "application/json; charset=utf-8",
    "application/x-www-form-urlencoded",
    "",
  ])("read a body of type %p", async (type) => {
    const bytes = new TextEncoder().encode(JSON.stringify(MESSAGE));

    expect((await send("/v1/t", bytes, { "content-type": type })).status).toBe(200);
    expect(published()).toHaveLength(1);
  });

  test("read a compressed body", async () => {
    const body = new Uint8Array(gzipSync(JSON.stringify({ batch: [MESSAGE] })));

    expect((await send("/v1/batch", body, { "content-encoding": "gzip" })).status).toBe(200);
  });

  test("answer 405 for another method", async () => {
    const response = await fetch(`${ingest.url}/v1/track`);

    expect(response.headers.get("allow")).toBe("POST, OPTIONS");
    expectProblem(await readAnswer(response), "method_not_allowed");
  });

  test("answer the preflight that a key in Authorization needs", async () => {
    const response = await fetch(`${ingest.url}/v1/t`, {
      method: "OPTIONS",
      headers: {
        origin: "http://localhost:8082",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,x-retry-count",
      },
    });

    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("http://localhost:8082");
    expect(response.headers.get("access-control-allow-headers")).toContain("authorization");
    expect(response.headers.get("access-control-allow-headers")).toContain("x-retry-count");
  });
});

describe("what can't be read or stored", () => {
  const refused: [title: string, path: string, body: object | Body, code: ErrorCode][] = [
    ["no JSON", "/v1/track", "{", "invalid_body"],
    ["an empty body", "/v1/track", "", "invalid_body"],
    ["a text", "/v1/track", '"a"', "invalid_body"],
    ["null", "/v1/track", "null", "invalid_body"],
    ["a list", "/v1/track", "[]", "invalid_body"],
    ["bytes that are no text", "/v1/track", new Uint8Array([0xff, 0xfe]), "invalid_body"],
    ["no batch", "/v1/batch", MESSAGE, "invalid_body"],
    ["a batch that is no list", "/v1/batch", { batch: {} }, "invalid_body"],
    ["an empty batch", "/v1/batch", { batch: [] }, "batch_empty"],
    [
      "a context that is large with all its copies",
      "/v1/batch",
      { batch: Array(100).fill(MESSAGE), context: { a: "x".repeat(90_000) } },
      "body_too_large",
    ],
    ["a large batch", "/v1/batch", { batch: Array(5001).fill(0) }, "batch_too_large"],
  ];
  test.each(refused)("%s is refused: %s", async (_title, path, body, code) => {
    expectProblem(await send(path, body), code);
    expect(published()).toEqual([]);
  });

  const DEEP = `${"[".repeat(500_000)}${"]".repeat(500_000)}`;
  test.each([
    ["/v1/track", `{"userId":"u","event":"e","properties":{"a":${DEEP}}}`, 200],
    ["/v1/batch", `{"batch":[${DEEP}]}`, 200],
    ["/v1/batch", `{"batch":[{}],"context":${DEEP}}`, 413],
    ["/v1/track", DEEP, 400],
  ])("%s answers a body nested 500,000 levels deep", async (path, body, status) => {
    expect((await send(path, body)).status).toBe(status);
  });

  test("another type and another encoding are refused", async () => {
    expect((await send("/v1/t", MESSAGE, { "content-type": "application/xml" })).status).toBe(415);
    expect((await send("/v1/t", MESSAGE, { "content-encoding": "br" })).status).toBe(415);
  });

  test("a message that Kafka does not store gets 503 with Retry-After", async () => {
    const { url, producer, stop } = await startFaked();
    producer.reachable = false;
    const request = () =>
      fetch(`${url}/v1/track`, { method: "POST", body: JSON.stringify(MESSAGE) });
    let response = await request();
    while (response.status === 200) response = await request();

    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
    await stop();
  });

  test("a number that no double can hold is blamed on its message alone", async () => {
    const bad =
      '{"messageId":"m-2","userId":"u","type":"page","properties":{"n":9007199254740993}}';
    const body = `{"batch":[${JSON.stringify(MESSAGE)},${bad}],"context":{"n":0.12345678901234567}}`;

    await send("/v1/batch", body);

    expect(published().map(({ eventId }) => eventId)).toContain("m-1");
    expect(String(ingest.producer.log[0]?.value)).not.toContain("9007199254740992");
  });
});

describe("GET /v1/projects/{key}/settings", () => {
  const get = (key: string, init?: RequestInit) =>
    fetch(`${ingest.url}/v1/projects/${key}/settings`, init);

  test("tells the SDK to send here, and to report and load nothing", async () => {
    const response = await get("some-key_1");

    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(await response.json()).toMatchObject({
      integrations: {
        "Segment.io": { apiKey: "some-key_1", apiHost: `${new URL(ingest.url).host}/v1` },
      },
      metrics: { sampleRate: 0 },
      remotePlugins: [],
    });
  });

  test.each(["a%22b", "%00", "k".repeat(129), "a.b", "%3Cb%3E"])(
    "answers 404 for the key %s",
    async (key) => {
      const response = await get(key);

      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ title: ERRORS.not_found.title });
    },
  );
});
