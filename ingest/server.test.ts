import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { EVENT, post, startFaked, type FakedIngest } from "./testing/faked_ingest.ts";

let ingest: FakedIngest;

beforeAll(async () => {
  ingest = await startFaked();
});
afterAll(() => ingest.stop());

describe("POST /events answers 202", () => {
  test("to one event, with its place", async () => {
    const { status, body, headers } = await post(ingest.url, EVENT);

    expect(status).toBe(202);
    expect(body).toEqual({
      eventId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      partition: 0,
      offset: String(ingest.producer.log.length - 1),
    });
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("to the demo's form, and publishes the canonical encoding under the session's key", async () => {
    const sent =
      '{"sessionId":"test-1","eventType":"page_view","payload":"{\\"path\\": \\"/home\\"}"}';

    const { body } = await post(ingest.url, sent);

    const record = ingest.producer.log.at(-1);
    const value = record?.value?.toString() ?? "";
    const { receivedAt } = JSON.parse(value) as { receivedAt: string };
    expect(value).toBe(
      `{"eventId":"${body.eventId}","sessionId":"test-1","eventType":"page_view","ts":"${receivedAt}","receivedAt":"${receivedAt}","payload":{"path":"/home"}}`,
    );
    expect(record).toMatchObject({ key: "test-1", timestampMs: Date.parse(receivedAt) });
  });

  test("to a batch with good and bad events, with a verdict for each", async () => {
    const bad = '{"sessionId":"s","eventType":"t","payload":"no JSON","eventId":"b1"}';

    const { status, body } = await post(ingest.url, `[${EVENT},${bad},{},${EVENT}]`);

    expect(status).toBe(202);
    expect(body).toMatchObject({
      accepted: 2,
      rejected: [
        { index: 1, eventId: "b1", code: "payload_not_json", pointer: "/payload" },
        { index: 2, code: "field_missing", pointer: "/sessionId" },
      ],
      results: [
        { index: 0, partition: 0 },
        { index: 3, partition: 0 },
      ],
    });
  });

  test.each(["return=minimal", "respond-async, return=minimal; wait=5", 'Return="minimal"'])(
    "without results when the client prefers %s",
    async (prefer) => {
      const { body } = await post(ingest.url, `[${EVENT}]`, { prefer });

      expect(body).toEqual({ accepted: 1, rejected: [] });
    },
  );

  test("to NDJSON with a bad line among good ones", async () => {
    const headers = { "content-type": "application/x-ndjson; charset=utf-8" };

    const { status, body } = await post(ingest.url, `${EVENT}\n{"a\n${EVENT}\n`, headers);

    expect(status).toBe(202);
    expect(body).toMatchObject({
      accepted: 2,
      rejected: [{ index: 1, code: "invalid_line", pointer: "" }],
    });
  });

  test("to a body in gzip and in zstd", async () => {
    const gzip = await post(ingest.url, gzipSync(EVENT), { "content-encoding": "gzip" });
    const zstd = await post(ingest.url, zstdCompressSync(EVENT), { "content-encoding": "zstd" });

    expect([gzip.status, zstd.status]).toEqual([202, 202]);
  });

  test("to a body without a stated length", async () => {
    const body = new Blob([`[${EVENT},`, `${EVENT}]`]).stream();

    expect(await post(ingest.url, body)).toMatchObject({ status: 202, body: { accepted: 2 } });
  });

  test("twice to two events of one id in a batch", async () => {
    const twin = '{"sessionId":"s","eventType":"t","payload":1,"eventId":"twin"}';

    const { body } = await post(ingest.url, `[${twin},${twin}]`);

    expect(body).toMatchObject({
      accepted: 2,
      results: [{ eventId: "twin" }, { eventId: "twin" }],
    });
  });

  test("with the same ids again when the idempotency key is the same", async () => {
    const ids = async (key: string): Promise<unknown[]> => {
      const { body } = await post(ingest.url, `[${EVENT},${EVENT}]`, { "idempotency-key": key });
      return (body.results as { eventId: unknown }[]).map(({ eventId }) => eventId);
    };

    const first = await ids("key-1");

    expect(new Set(first).size).toBe(2);
    expect(await ids("key-1")).toEqual(first);
    expect(await ids("key-2")).not.toEqual(first);
  });
});

describe("CORS", () => {
  const preflight = (origin: string) =>
    fetch(`${ingest.url}/events`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    });

  test.each(["http://localhost:8082", "http://127.0.0.1:8082"])("allows %s", async (origin) => {
    const asked = await preflight(origin);
    const answer = await post(ingest.url, EVENT, { origin });

    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-origin")).toBe(origin);
    expect(asked.headers.get("access-control-allow-methods")).toContain("POST");
    expect(asked.headers.get("access-control-allow-headers")).toContain("content-type");
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
    expect(answer.headers.get("vary")).toBe("origin");
  });

  test.each([
    "http://evil.example",
    "null",
    "http://localhost:8082.evil.example",
    "http://localhost:5173",
  ])("does not allow %s", async (origin) => {
    const asked = await preflight(origin);
    const answer = await post(ingest.url, EVENT, { origin });

    expect(asked.headers.get("access-control-allow-origin")).toBeNull();
    expect(asked.headers.get("access-control-allow-methods")).toBeNull();
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("marks problems too, so that a page can read them", async () => {
    const answer = await post(ingest.url, "[]", { origin: "http://localhost:8082" });

    expect(answer.headers.get("access-control-allow-origin")).toBe("http://localhost:8082");
  });
});
