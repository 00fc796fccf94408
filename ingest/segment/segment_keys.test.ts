/** Segment's API with keys on: where its SDKs put the key, and what their pages may do. */
import { createKeySet } from "@tally/shared/keys/testing";
import { REJECTED_HEADERS, type ErrorCode } from "@tally/shared";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createSenders } from "../keys/senders.ts";
import {
  expectProblem,
  readAnswer,
  startFaked,
  type FakedIngest,
} from "../testing/faked_ingest.ts";

const PAGE = "https://shop.example";
const { set, texts } = createKeySet(
  { name: "shop", origins: [PAGE] },
  { name: "eyes", scopes: ["read"] },
  { name: "orders", eventTypes: ["Ordered"] },
);
const [shop = "", eyes = "", orders = ""] = texts;
let ingest: FakedIngest;

beforeAll(async () => {
  const senders = createSenders(() => set);
  ingest = await startFaked({ TALLY_KEYS: "on" }, { senders });
});
afterAll(() => ingest.stop());
afterEach(() => {
  ingest.producer.log.length = 0;
});

const MESSAGE = { messageId: "m-1", userId: "u", event: "Opened", type: "track" };
const basic = (key: string) => ({ authorization: `Basic ${btoa(`${key}:`)}` });

async function send(path: string, body: object, headers: Record<string, string> = {}) {
  const init = { method: "POST", body: JSON.stringify(body), headers };
  return await readAnswer(await fetch(`${ingest.url}${path}`, init));
}

describe("the key of an SDK", () => {
  const places: [title: string, path: string, body: object, headers: Record<string, string>][] = [
    ["as the user name, as in Node", "/v1/batch", { batch: [MESSAGE] }, basic(shop)],
    ["in the body of a batch", "/v1/batch", { batch: [MESSAGE], writeKey: shop }, {}],
    ["in the body of one message", "/v1/t", { ...MESSAGE, writeKey: shop }, {}],
    ["in both, as in a browser", "/v1/t", { ...MESSAGE, writeKey: shop }, basic(shop)],
  ];
  test.each(places)("names the sender: %s", async (_title, path, body, headers) => {
    const { status } = await send(path, body, { origin: PAGE, ...headers });

    expect(status).toBe(200);
    const [record] = ingest.producer.log;
    expect(JSON.parse(String(record?.value))).toMatchObject({ context: { source: "shop" } });
    expect(String(record?.value)).not.toContain(shop);
  });

  const refused: [title: string, body: object, headers: Record<string, string>, ErrorCode][] = [
    ["none", MESSAGE, {}, "key_missing"],
    ["one that nobody knows", { ...MESSAGE, writeKey: "abc123" }, {}, "key_unknown"],
    ["one that only reads", { ...MESSAGE, writeKey: eyes }, {}, "key_scope"],
    ["one that nobody knows, in a header", MESSAGE, basic("abc123"), "key_unknown"],
    [
      "a page of another origin",
      MESSAGE,
      { ...basic(shop), origin: "https://x.example" },
      "origin_not_allowed",
    ],
  ];
  test.each(refused)("is refused: %s", async (_title, body, headers, code) => {
    expectProblem(await send("/v1/track", body, headers), code);
    expect(ingest.producer.log).toEqual([]);
  });

  test("names the sender of a dead letter, too", async () => {
    await send("/v1/track", { ...MESSAGE, writeKey: orders });
    await send("/v1/track", { ...MESSAGE, userId: null, writeKey: orders });

    const headers = ingest.producer.log.map((record) =>
      Object.fromEntries((record.headers ?? []).map(({ key, value }) => [key, String(value)])),
    );
    expect(headers).toMatchObject([
      { [REJECTED_HEADERS.code]: "event_type_not_allowed", [REJECTED_HEADERS.source]: "orders" },
      { [REJECTED_HEADERS.code]: "field_missing", [REJECTED_HEADERS.source]: "orders" },
    ]);
  });
});

test("a page of a key's origin may send, with the headers that SDKs and tracing add", async () => {
  const asked = "authorization,traceparent,baggage";
  const headers = { origin: PAGE, "access-control-request-headers": asked };

  for (const path of ["/v1/t", "/v1/b", "/v1/projects/any/settings"]) {
    const { status, headers: given } = await fetch(`${ingest.url}${path}`, {
      method: "OPTIONS",
      headers: { ...headers, "access-control-request-method": "POST" },
    });

    expect(status).toBe(204);
    expect(given.get("access-control-allow-origin")).toBe(PAGE);
    for (const name of asked.split(",")) {
      expect(given.get("access-control-allow-headers")).toContain(name);
    }
  }
});

test("the settings are the same for a key that nobody knows", async () => {
  const of = async (key: string): Promise<string> =>
    (await (await fetch(`${ingest.url}/v1/projects/${key}/settings`)).text()).replace(key, "KEY");

  expect(await of(shop)).toBe(await of("unknown"));
});
