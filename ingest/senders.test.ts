/** What senders send that is not as tidy as the documents: files, beacons, pages with tracing. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import {
  EVENT,
  expectProblem,
  metric,
  post,
  startFaked,
  type FakedIngest,
} from "./testing/faked_ingest.ts";

const HOUR_MS = 3_600_000;
const LISTED = "http://localhost:8082";
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

let ingest: FakedIngest;

beforeAll(async () => {
  ingest = await startFaked();
});
afterAll(() => ingest.stop());

/** An event with a `ts`, given as JSON text. */
function eventAt(ts: string): string {
  return `{"ts":${ts},${EVENT.slice(1)}`;
}

/** The record that was published last. */
function lastRecord(): { readonly [name: string]: unknown } {
  const text = ingest.producer.log.at(-1)?.value?.toString() ?? "";
  return JSON.parse(text) as { [name: string]: unknown };
}

describe("POST /events answers 202", () => {
  const lines = `${EVENT}\n${EVENT}\n`;
  const json = "application/json";
  const ndjson = "application/x-ndjson";
  type Row = [
    title: string,
    type: string,
    body: Buffer<ArrayBuffer>,
    encoding: string,
    events: number,
  ];
  const table: Row[] = [
    ["JSON with a mark", json, Buffer.concat([MARK, Buffer.from(`[${EVENT}]`)]), "identity", 1],
    ["lines with a mark", ndjson, Buffer.concat([MARK, Buffer.from(lines)]), "identity", 2],
    [
      "JSON with a mark in gzip",
      json,
      gzipSync(Buffer.concat([MARK, Buffer.from(`[${EVENT}]`)])),
      "gzip",
      1,
    ],
    [
      "lines with a mark in gzip",
      ndjson,
      gzipSync(Buffer.concat([MARK, Buffer.from(lines)])),
      "gzip",
      2,
    ],
    [
      "lines with a mark in zstd",
      ndjson,
      zstdCompressSync(Buffer.concat([MARK, Buffer.from(lines)])),
      "zstd",
      2,
    ],
    ["JSON as a text", "text/plain;charset=UTF-8", Buffer.from(`[${EVENT}]`), "identity", 1],
    ["lines as JSONL", "Application/JSONL; charset=UTF8", Buffer.from(lines), "identity", 2],
  ];
  test.each(table)("to %s", async (_title, type, body, encoding, events) => {
    const headers = { "content-type": type, "content-encoding": encoding };

    const answer = await post(ingest.url, body, headers);

    expect([answer.status, answer.body]).toMatchObject([202, { accepted: events, rejected: [] }]);
  });

  test("to null in the optional fields, as if they were absent", async () => {
    const { status, body } = await post(ingest.url, `{"eventId":null,${eventAt("null").slice(1)}`);

    expect([status, body]).toEqual([
      202,
      {
        eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        partition: 0,
        offset: expect.any(String),
      },
    ]);
    expect(lastRecord().ts).toBe(lastRecord().receivedAt);
  });

  test("to milliseconds since 1970 and to a zone without a colon", async () => {
    const ms = Date.now() - HOUR_MS;
    const shifted = new Date(ms + 8 * HOUR_MS).toISOString().replace("Z", "+0800");
    for (const ts of [String(ms), `"${shifted}"`]) {
      expect((await post(ingest.url, eventAt(ts))).status).toBe(202);
      expect(lastRecord().ts).toBe(new Date(ms).toISOString());
    }
  });
});

describe("a ts outside the window", () => {
  const ahead = eventAt(`"${new Date(Date.now() + HOUR_MS).toISOString()}"`);
  const old = eventAt('"1999-01-01T00:00:00Z"');

  test("is replaced by the receive time, and the answer says so", async () => {
    const { status, body } = await post(ingest.url, ahead);

    expect([status, body]).toMatchObject([202, { tsReplaced: true }]);
    expect(lastRecord().ts).toBe(lastRecord().receivedAt);
    expect(lastRecord()).not.toHaveProperty("tsReplaced");
  });

  test("is marked in the result of its event, and in no other", async () => {
    const { body } = await post(ingest.url, `[${EVENT},${ahead},{},${old}]`);

    const results = body.results as { index: number; tsReplaced?: boolean }[];
    expect(results.map(({ index, tsReplaced }) => [index, tsReplaced])).toEqual([
      [0, undefined],
      [1, true],
      [3, true],
    ]);
    expect(body).not.toHaveProperty("tsReplaced");
  });

  test("is counted in the answer when that is minimal", async () => {
    const minimal = { prefer: "return=minimal" };

    const { body } = await post(ingest.url, `[${EVENT},${ahead},${old}]`, minimal);

    expect(body).toEqual({ accepted: 3, rejected: [], tsReplaced: 2 });
  });

  test("is counted once it is accepted", async () => {
    const { url, producer, stop } = await startFaked();
    await post(url, `[${EVENT},${ahead},${old}]`);
    producer.answering = "broker_rejected";
    await post(url, ahead);

    expect(await metric(url, "ingest_timestamps_replaced_total")).toBe(2);
    await stop();
  });

  test("is refused when the option says so", async () => {
    const { url, stop } = await startFaked({ INGEST_TS_OUTSIDE: "reject" });

    expectProblem(await post(url, ahead), "timestamp_out_of_range", "/ts");
    await stop();
  });
});

describe("a page of a listed origin", () => {
  const call = (path: string, method: string, headers: Record<string, string>) =>
    fetch(ingest.url + path, {
      method,
      headers: { origin: LISTED, ...headers },
      ...(method === "POST" ? { body: EVENT } : {}),
    });
  const json = { "content-type": "application/json" };

  test.each(["/events", "/events/"])(
    "may send a beacon of JSON with credentials to %s",
    async (path) => {
      const asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      };
      const preflight = await call(path, "OPTIONS", asked);
      const answer = await call(path, "POST", json);

      expect([preflight.status, answer.status]).toEqual([204, 202]);
      for (const { headers } of [preflight, answer]) {
        expect(headers.get("access-control-allow-origin")).toBe(LISTED);
        expect(headers.get("access-control-allow-credentials")).toBe("true");
      }
      expect(preflight.headers.get("allow")).toBe("POST, OPTIONS");
    },
  );

  test.each(["/v1/batch", "/v1/track", "/v1/t"])("may send credentials to %s", async (path) => {
    const { headers } = await call(path, "OPTIONS", { "access-control-request-method": "POST" });

    expect(headers.get("access-control-allow-credentials")).toBe("true");
  });

  test("may read a refusal that it got with credentials", async () => {
    const refused = await call("/events", "POST", { "content-type": "text/html" });

    expect(refused.status).toBe(415);
    expect(refused.headers.get("access-control-allow-credentials")).toBe("true");
  });

  test("may send a beacon of text without a preflight", async () => {
    const answer = await call("/events", "POST", { "content-type": "text/plain;charset=UTF-8" });

    expect(answer.status).toBe(202);
  });

  test("may send the headers of a tracing library", async () => {
    const asked = "baggage,content-type,sentry-trace,traceparent,tracestate,x-datadog-trace-id";
    const preflight = await call("/events", "OPTIONS", {
      "access-control-request-method": "POST",
      "access-control-request-headers": asked,
    });

    const allowed = preflight.headers.get("access-control-allow-headers")?.split(", ") ?? [];
    expect(allowed).toEqual(expect.arrayContaining(asked.split(",")));
  });

  test.each(["/health/live", "/metrics", "/openapi.json", "/v1/projects/k/settings", "/nowhere"])(
    "may send no credentials to %s",
    async (path) => {
      for (const method of ["GET", "OPTIONS"]) {
        const { headers } = await call(path, method, {});
        expect(headers.get("access-control-allow-credentials")).toBeNull();
      }
    },
  );

  test("of another origin may do none of this", async () => {
    const { headers } = await call("/events", "OPTIONS", {
      origin: "http://evil.example",
      "access-control-request-headers": "traceparent",
    });

    expect(headers.get("access-control-allow-credentials")).toBeNull();
    expect(headers.get("access-control-allow-headers")).toBeNull();
  });
});

test("/events/ is refused as /events is when the method is another", async () => {
  const response = await fetch(`${ingest.url}/events/`, { method: "DELETE" });

  expect([response.status, response.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
});
