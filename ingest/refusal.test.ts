import { silentLog, type ErrorCode, type Log } from "@tally/shared";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import {
  EVENT,
  expectProblem,
  metric,
  post,
  startFaked,
  until,
  type FakedIngest,
} from "./testing/faked_ingest.ts";

const SECRET = "never-echoed";

let ingest: FakedIngest;

beforeAll(async () => {
  ingest = await startFaked();
});
afterAll(() => ingest.stop());

describe("POST /events refuses", () => {
  const event = (payload: string) => `{"sessionId":"s","eventType":"t","payload":${payload}}`;
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const ndjson = { "content-type": "application/x-ndjson" };
  type Row = [
    title: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string>,
    code: ErrorCode,
    pointer: string | null,
  ];
  const table: Row[] = [
    ["no JSON", `{"${SECRET}`, {}, "invalid_body", null],
    ["JSON lines as JSON", `${EVENT}\n{"${SECRET}":1}`, {}, "json_lines", null],
    [
      "JSON lines as a text",
      `${EVENT}\n${EVENT}`,
      { "content-type": "text/plain" },
      "json_lines",
      null,
    ],
    ["nothing", "", {}, "invalid_body", null],
    ["invalid UTF-8", Buffer.from([0x22, 0xff, 0x22]), {}, "invalid_body", null],
    ["no gzip", SECRET, { "content-encoding": "gzip" }, "invalid_body", null],
    [
      "a cut zstd",
      zstdCompressSync(EVENT).subarray(0, -3),
      { "content-encoding": "zstd" },
      "invalid_body",
      null,
    ],
    [
      "a form",
      "a=b",
      { "content-type": "application/x-www-form-urlencoded" },
      "unsupported_type",
      null,
    ],
    [
      "JSON in latin1",
      EVENT,
      { "content-type": "application/json; charset=latin1" },
      "unsupported_type",
      null,
    ],
    ["brotli", EVENT, { "content-encoding": "br" }, "unsupported_encoding", null],
    ["gzip in gzip", EVENT, { "content-encoding": "gzip, gzip" }, "unsupported_encoding", null],
    [
      "an endless idempotency key",
      EVENT,
      { "idempotency-key": "k".repeat(256) },
      "invalid_parameter",
      null,
    ],
    ["a body too large", `"${"x".repeat(5 * 1024 * 1024)}"`, {}, "body_too_large", null],
    [
      "a gzip bomb",
      gzipSync(Buffer.alloc(50_000_000)),
      { "content-encoding": "gzip" },
      "body_too_large",
      null,
    ],
    [
      "a zstd bomb",
      zstdCompressSync(Buffer.alloc(50_000_000)),
      { "content-encoding": "zstd" },
      "body_too_large",
      null,
    ],
    ["6,000 events", `[${Array(6000).fill(EVENT)}]`, {}, "batch_too_large", null],
    ["6,000 lines", `${EVENT}\n`.repeat(6000), ndjson, "batch_too_large", null],
    ["an empty batch", "[]", {}, "batch_empty", null],
    ["an empty NDJSON", "\n", ndjson, "batch_empty", null],
    ["a batch of bad events", `[${event(`"${SECRET}"`)},5]`, {}, "batch_rejected", null],
    ["a text", `"${SECRET}"`, {}, "invalid_event", ""],
    ["100,000 levels", event(deep), {}, "event_too_deep", "/payload"],
    ["1,001 values", event(`[${Array(1000).fill(0)}]`), {}, "event_too_complex", "/payload"],
    ["64 KiB", event(`{"a":"${"x".repeat(65_536)}"}`), {}, "event_too_large", ""],
    ["NUL", event('"\\"\\\\u0000\\""'), {}, "text_invalid", "/payload"],
    ["a lone surrogate", event('{"a":"\\ud800"}'), {}, "text_invalid", "/payload"],
    ["1e400", event("1e400"), {}, "number_invalid", "/payload"],
    ["9007199254740993", event("9007199254740993"), {}, "number_invalid", "/payload"],
    ["__proto__", event('{"__proto__":{}}'), {}, "key_forbidden", "/payload"],
    [
      "2026-02-30",
      `{"ts":"2026-02-30T00:00:00Z",${event("1").slice(1)}`,
      {},
      "timestamp_invalid",
      "/ts",
    ],
    [
      "seconds since 1970",
      `{"ts":1781524800,${event("1").slice(1)}`,
      {},
      "timestamp_invalid",
      "/ts",
    ],
    ["a payload that holds no JSON", event(`"${SECRET}"`), {}, "payload_not_json", "/payload"],
    ["an unknown field", `{"${SECRET}":1,${event("1").slice(1)}`, {}, "field_unknown", ""],
    ["a missing field", "{}", {}, "field_missing", "/sessionId"],
    ["a wrong field", event("1").replace('"s"', '""'), {}, "field_invalid", "/sessionId"],
  ];
  test.each(table)("%s", async (_title, body, headers, code, pointer) => {
    const before = ingest.producer.log.length;

    const answer = await post(ingest.url, body, headers);

    expectProblem(answer, code, pointer);
    expect(JSON.stringify(answer.body)).not.toContain(SECRET);
    expect(ingest.producer.log.length).toBe(before);
  });

  test("a batch of bad events with a verdict for each", async () => {
    const { body } = await post(ingest.url, `[${event('"x"')},5]`);

    expect(body.rejected).toEqual([
      { index: 0, code: "payload_not_json", pointer: "/payload" },
      { index: 1, code: "invalid_event", pointer: "" },
    ]);
  });

  test("a body too large that states no length", async () => {
    const chunk = new Blob(["x".repeat(1024 * 1024)]);
    const body = new Blob(Array(8).fill(chunk)).stream();

    expectProblem(await post(ingest.url, body), "body_too_large");
  });

  test("and names the accepted types and encodings", async () => {
    const type = await post(ingest.url, EVENT, { "content-type": "text/html" });
    const encoding = await post(ingest.url, EVENT, { "content-encoding": "br" });

    expect(type.headers.get("accept")?.split(", ")).toEqual([
      "application/json",
      "application/x-ndjson",
      "text/plain",
      "application/cloudevents+json",
      "application/cloudevents-batch+json",
    ]);
    expect(encoding.headers.get("accept-encoding")).toBe("gzip, zstd");
  });
});

describe("POST /events answers 503", () => {
  test("when the broker fails a record, and refuses at once until it is reachable again", async () => {
    const { url, producer, stop } = await startFaked({}, { probeIntervalMs: 60_000 });
    producer.answering = "broker_unavailable";

    expectProblem(await post(url, EVENT), "broker_unavailable");
    producer.answering = "acknowledge";
    expectProblem(await post(url, EVENT), "broker_unavailable");

    expect(await metric(url, "ingest_events_unknown_total")).toBe(1);
    expect(await metric(url, 'ingest_unavailable_total{code="broker_unavailable"}')).toBe(2);
    await stop();
  });

  test("when some records fail, and counts every kind", async () => {
    const { url, producer, stop } = await startFaked();
    producer.answering = "hold";

    const answer = post(url, `[${EVENT},${EVENT},${EVENT}]`);
    await until(() => producer.queuedRecords === 3);
    producer.answerHeld("acknowledge", 1);
    producer.answerHeld("broker_rejected", 1);
    producer.answerHeld("overloaded", 1);

    expectProblem(await answer, "broker_misconfigured");
    expect(await metric(url, 'ingest_unavailable_total{code="broker_misconfigured"}')).toBe(1);
    expect(await metric(url, 'ingest_unavailable_total{code="overloaded"}')).toBe(1);
    expect(await metric(url, "ingest_events_unknown_total")).toBe(3);
    expect(await metric(url, "ingest_events_accepted_total")).toBe(0);
    await stop();
  });

  test("when the deadline passes without a delivery report", async () => {
    const { url, producer, stop } = await startFaked({ INGEST_REQUEST_DEADLINE_MS: "500" });
    producer.answering = "hold";

    expectProblem(await post(url, EVENT), "broker_unavailable");

    // The report frees the place in the queue, not the answer.
    expect(await metric(url, "ingest_in_flight_records")).toBe(1);
    expect(await metric(url, "ingest_in_flight_bytes")).toBeGreaterThan(EVENT.length);
    producer.answerHeld();
    expect(await metric(url, "ingest_in_flight_records")).toBe(0);
    expect(await metric(url, "ingest_in_flight_bytes")).toBe(0);
    await stop();
  });

  test.each(["broker_misconfigured", "broker_rejected"] as const)(
    "when Kafka refuses a record with %s, logs one line, and asks again for the next request",
    async (code) => {
      const lines: unknown[] = [];
      const note = (...line: unknown[]) => void lines.push(line);
      const log = { ...silentLog(), error: note } as unknown as Log;
      const { url, producer, stop } = await startFaked({}, { log });
      producer.answering = code;

      for (let request = 0; request < 3; request++)
        expectProblem(await post(url, EVENT), "broker_misconfigured");
      producer.answering = "acknowledge";
      const { status } = await post(url, EVENT);

      expect(status).toBe(202);
      expect(lines).toMatchObject([
        [{ code: "broker_misconfigured" }, expect.stringContaining("Kafka refused events")],
      ]);
      expect(await metric(url, 'ingest_unavailable_total{code="broker_misconfigured"}')).toBe(3);
      await stop();
    },
  );

  test("when too many records wait, before and after the body is read", async () => {
    const limits = { INGEST_QUEUE_RECORDS_MAX: "1000", INGEST_BATCH_EVENTS_MAX: "1000" };
    const { url, producer, stop } = await startFaked(limits);
    producer.answering = "hold";
    const waiting = post(url, `[${Array(999).fill(EVENT)}]`);
    await until(() => producer.queuedRecords === 999);

    expectProblem(await post(url, `[${EVENT},${EVENT}]`), "overloaded");
    // Of another partition: the window of the first one is full.
    const last = post(url, EVENT.replace('"s"', '"other"'));
    await until(() => producer.queuedRecords === 1000);
    expectProblem(await post(url, EVENT), "overloaded");

    producer.answerHeld();
    expect([(await waiting).status, (await last).status]).toEqual([202, 202]);
    await stop();
  });

  test("when too many requests wait", async () => {
    const { url, producer, stop } = await startFaked({ INGEST_REQUESTS_MAX: "1" });
    producer.answering = "hold";
    const waiting = post(url, EVENT);
    await until(() => producer.queuedRecords === 1);

    expectProblem(await post(url, EVENT), "overloaded");

    producer.answerHeld();
    expect((await waiting).status).toBe(202);
    producer.answering = "acknowledge";
    expect((await post(url, EVENT)).status).toBe(202);
    await stop();
  });
});

describe("POST /events answers 500", () => {
  test("and serves the next request after an internal error", async () => {
    const { url, producer, stop } = await startFaked();
    const produceBatch = producer.produceBatch.bind(producer);
    producer.produceBatch = () => {
      throw new TypeError(SECRET);
    };

    const answer = await post(url, EVENT);
    producer.produceBatch = produceBatch;

    expectProblem(answer, "internal");
    expect(JSON.stringify(answer.body)).not.toContain(SECRET);
    expect((await post(url, EVENT)).status).toBe(202);
    await stop();
  });
});
