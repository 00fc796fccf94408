/** CloudEvents on `POST /events`, over HTTP. The events are the examples of the specification. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createKeySet } from "@tally/shared/keys/testing";
import { gzipSync } from "node:zlib";
import { createSenders } from "../keys/senders.ts";
import {
  EVENT as PLAIN_EVENT,
  expectProblem,
  post,
  startFaked,
  type FakedIngest,
} from "../testing/faked_ingest.ts";
import { eventIdOf } from "./identity.ts";

const EVENT = {
  specversion: "1.0",
  id: "C234-1234-1234",
  source: "/mycontext",
  type: "com.example.someevent",
  subject: null,
  time: "2018-04-05T17:31:00Z",
  comexampleextension1: "value",
  comexampleothervalue: 5,
  datacontenttype: "application/json",
  data: { appinfoA: "abc", appinfoB: 123, appinfoC: true },
};
const EVENT_ID = eventIdOf(EVENT);
const HEADERS = {
  "ce-specversion": "1.0",
  "ce-type": "com.example.someevent",
  "ce-source": "/mycontext",
  "ce-id": "C234-1234-1234",
  "ce-time": "2018-04-05T17:31:00Z",
  "ce-comexampleextension1": "value",
  "content-type": "application/json",
};
const STRUCTURED = { "content-type": "application/cloudevents+json; charset=UTF-8" };
const BATCHED = { "content-type": "application/cloudevents-batch+json" };
const PLACE = { partition: expect.any(Number), offset: expect.any(String) };

let ingest: FakedIngest;

beforeAll(async () => {
  ingest = await startFaked();
});
afterAll(() => ingest.stop());

const send = (body: unknown, headers: Record<string, string>) =>
  post(ingest.url, typeof body === "string" ? body : JSON.stringify(body), headers);

/** The record that was published last. */
function lastRecord(): { readonly [name: string]: unknown } {
  const text = ingest.producer.log.at(-1)?.value?.toString() ?? "";
  return JSON.parse(text) as { [name: string]: unknown };
}

describe("POST /events takes CloudEvents", () => {
  test("in structured mode", async () => {
    const { status, body } = await send(EVENT, STRUCTURED);

    expect(status).toBe(202);
    expect(body).toEqual({ eventId: EVENT_ID, ...PLACE, tsReplaced: true });
    expect(lastRecord()).toMatchObject({
      eventId: EVENT_ID,
      sessionId: "/mycontext",
      eventType: "com.example.someevent",
      payload: EVENT.data,
    });
  });

  test("in binary mode, as the same event", async () => {
    const { status, body } = await send(EVENT.data, HEADERS);

    expect(status).toBe(202);
    expect(body).toEqual({ eventId: EVENT_ID, ...PLACE, tsReplaced: true });
    expect(lastRecord()).toMatchObject({ sessionId: "/mycontext", payload: EVENT.data });
  });

  test("in batched mode, with a verdict on each", async () => {
    const bad = { ...EVENT, id: "2", data: undefined, data_base64: "AAEC" };
    const events = [
      EVENT,
      bad,
      { ...EVENT, specversion: "0.3" },
      { ...EVENT, id: "4", time: null },
    ];

    const { status, body } = await send(events, BATCHED);

    expect(status).toBe(202);
    expect(body).toEqual({
      accepted: 2,
      rejected: [
        {
          index: 1,
          code: "data_base64_unsupported",
          pointer: "/data_base64",
          eventId: eventIdOf(bad),
        },
        { index: 2, code: "specversion_unsupported", pointer: "/specversion" },
      ],
      results: [
        { index: 0, eventId: EVENT_ID, ...PLACE, tsReplaced: true },
        { index: 3, eventId: eventIdOf({ ...EVENT, id: "4" }), ...PLACE },
      ],
    });
  });

  test("compressed, with a mark, and answers as short as was asked for", async () => {
    const body = gzipSync(Buffer.from(`\ufeff[${JSON.stringify(EVENT)}]`));
    const headers = { ...BATCHED, "content-encoding": "gzip", prefer: "return=minimal" };

    const answer = await post(ingest.url, body, headers);

    expect(answer.body).toEqual({ accepted: 1, rejected: [], tsReplaced: 1 });
  });

  test.each([
    ["Application/CloudEvents+JSON", EVENT],
    [" application/cloudevents-batch+json;charset=utf-8", [EVENT]],
  ])("of the content type %p", async (type, body) => {
    expect((await send(body, { "content-type": type })).status).toBe(202);
  });

  test.each([
    ["application/json", '"I\'m just a string"', "I'm just a string"],
    ["application/vnd.example+json; charset=utf-8", "[1]", [1]],
    ["text/json", " 1 ", 1],
    ["application/json", "", null],
    ["application/xml", '<much wow="xml"/>', '<much wow="xml"/>'],
    ["image/svg+xml", "<svg/>", "<svg/>"],
    ["text/plain;charset=utf-8", '{"a":1}', '{"a":1}'],
    ["text/csv", "", null],
  ])("with data of the type %s in the body %p", async (type, body, payload) => {
    const { status } = await send(body, { ...HEADERS, "content-type": type });

    expect(status).toBe(202);
    expect(lastRecord().payload).toEqual(payload);
  });

  test("with data and no content type, which means JSON", async () => {
    const { "content-type": _, ...headers } = HEADERS;
    const body = new Blob(['{"n":1}']).stream();

    const response = await fetch(`${ingest.url}/events`, { method: "POST", body, headers });

    expect(response.status).toBe(202);
    expect(lastRecord().payload).toEqual({ n: 1 });
  });

  test("with attributes that are percent-encoded in headers", async () => {
    await send(1, { ...HEADERS, "ce-subject": "Euro%20%E2%82%AC%20%F0%9F%98%80" });

    expect(lastRecord().sessionId).toBe("Euro € 😀");
  });

  test("and plain events as before", async () => {
    const { status } = await send(PLAIN_EVENT, { "ce-id": "1", "ce-source": "/s" });

    expect(status).toBe(202);
  });
});

describe("POST /events refuses", () => {
  test.each(["specversion", "id", "source", "type"])(
    "a CloudEvent without %s, in every mode",
    async (name) => {
      const event = { ...EVENT, [name]: undefined };
      const { [`ce-${name}` as "ce-id"]: _, ...headers } = HEADERS;

      expectProblem(await send(event, STRUCTURED), "field_missing", `/${name}`);
      expect((await send([event], BATCHED)).body).toMatchObject({
        code: "batch_rejected",
        rejected: [{ index: 0, code: "field_missing", pointer: `/${name}` }],
      });
      // Without a version it is no CloudEvent, and no plain event either.
      const missing = name === "specversion" ? "/sessionId" : `/${name}`;
      const pointer = missing === "/sessionId" ? "" : missing;
      const code = pointer === "" ? "field_unknown" : "field_missing";
      expectProblem(await send(EVENT.data, headers), code, pointer);
    },
  );

  test("another version and binary data, in every mode", async () => {
    const other = { ...EVENT, specversion: "0.3" };
    const version = { ...HEADERS, "ce-specversion": "2.0" };
    const bytes = { ...HEADERS, "content-type": "application/octet-stream" };

    expectProblem(await send(other, STRUCTURED), "specversion_unsupported", "/specversion");
    expectProblem(await send({}, version), "specversion_unsupported", "/specversion");
    const base64 = { ...EVENT, data: undefined, data_base64: "AAEC" };
    expectProblem(await send(base64, STRUCTURED), "data_base64_unsupported", "/data_base64");
    expectProblem(await send("x", bytes), "unsupported_type");
  });

  test.each([
    "application/cloudevents",
    "application/cloudevents+avro",
    "application/cloudevents+x",
  ])("the content type %s", async (type) => {
    expectProblem(await send(EVENT, { ...HEADERS, "content-type": type }), "unsupported_type");
  });

  test("bodies that are not what their type says", async () => {
    expectProblem(await send([EVENT], STRUCTURED), "invalid_event", "");
    expectProblem(await send(EVENT, BATCHED), "invalid_body");
    expectProblem(await send([], BATCHED), "batch_empty");
    expectProblem(await send("{", STRUCTURED), "invalid_body");
    expectProblem(await send("hello", HEADERS), "invalid_body");
    expectProblem(
      await send("{}", { ...STRUCTURED, "content-encoding": "br" }),
      "unsupported_encoding",
    );
    const latin1 = { ...HEADERS, "content-type": "text/plain; charset=latin1" };
    expectProblem(await send("x", latin1), "unsupported_type");
    for (const type of ["text/plain", "application/json"]) {
      const answer = await post(ingest.url, Buffer.from([0x22, 0xff, 0x22]), {
        ...HEADERS,
        "content-type": type,
      });
      expectProblem(answer, "invalid_body");
    }
  });

  test("an Idempotency-Key that is none", async () => {
    const headers = { ...STRUCTURED, "idempotency-key": "k".repeat(256) };

    expectProblem(await send(EVENT, headers), "invalid_parameter");
  });

  test("a header that is not percent-encoded UTF-8", async () => {
    expectProblem(
      await send(1, { ...HEADERS, "ce-subject": "%C0%A0" }),
      "field_invalid",
      "/subject",
    );
  });

  test("a number that can't be kept", async () => {
    const text = JSON.stringify(EVENT).replace(":123", ":9007199254740993");

    expectProblem(await send(text, STRUCTURED), "number_invalid", "/data");
    expectProblem(await send("9007199254740993", HEADERS), "number_invalid", "/data");
  });
});

describe("POST /events of CloudEvents with keys on", () => {
  const { set, texts } = createKeySet({ name: "shop", eventTypes: ["order.paid"] });
  const key = { "x-api-key": texts[0] ?? "" };
  const paid = { ...EVENT, id: "paid", type: "order.paid" };
  let keyed: FakedIngest;

  beforeAll(async () => {
    keyed = await startFaked({ TALLY_KEYS: "on" }, { senders: createSenders(() => set) });
  });
  afterAll(() => keyed.stop());

  test("stamps the key's name, and rejects the types that the key may not send", async () => {
    const body = JSON.stringify([paid, EVENT]);

    const answer = await post(keyed.url, body, { ...BATCHED, ...key });

    expect(answer.body).toMatchObject({
      accepted: 1,
      rejected: [{ index: 1, code: "event_type_not_allowed", pointer: "/type", eventId: EVENT_ID }],
    });
    expect(keyed.producer.log.at(-1)?.value?.toString()).toEndWith(',"context":{"source":"shop"}}');
  });

  test("refuses a request without a key in its headers, before it reads the body", async () => {
    for (const headers of [STRUCTURED, BATCHED, HEADERS]) {
      expectProblem(await post(keyed.url, "{", headers), "key_missing");
    }
  });
});
