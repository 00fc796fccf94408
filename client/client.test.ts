import { describe, expect, test } from "bun:test";
import type { Trouble } from "./api.ts";
import { droppedIds, fakeBrowser, refusal, stored } from "./testing/fake_world.ts";

const delayed = (troubles: readonly Trouble[]) =>
  troubles.flatMap((each) => (each.kind === "delayed" ? [[each.code, each.retryMs]] : []));
const RULES = /^[A-Za-z0-9._:-]{1,64}$/;

describe("track()", () => {
  test("sends the events of a second as one batch of plain text", async () => {
    const browser = fakeBrowser();
    const { client } = browser.open();

    const ids = [client.track("page_view", { path: "/" }), client.track("click")];
    await browser.pass(999);
    expect(browser.requests).toHaveLength(0);
    await browser.pass(1);

    expect(browser.requests.map((each) => each.ids)).toEqual([ids]);
    expect(browser.requests[0]?.options).toMatchObject({
      method: "POST",
      keepalive: true,
      // Bun sends none by itself.
      headers: { "content-type": "text/plain" },
    });
    expect(browser.rows.get(ids[0] ?? "")).toMatchObject({
      eventType: "page_view",
      payload: { path: "/" },
      ts: "2026-01-31T07:00:00.000Z",
    });
    expect(ids.every((id) => RULES.test(id))).toBe(true);
    expect(client.unsent).toBe(0);
    expect(stored(browser)).toEqual([]);
  });

  test("sends at once when a batch is full", async () => {
    const browser = fakeBrowser();
    const { client } = browser.open({ batchEventsMax: 3 });

    for (let count = 0; count < 7; count += 1) client.track("click");
    await browser.pass(0);

    expect(browser.requests.map(({ ids }) => ids.length)).toEqual([3, 3, 1]);
  });

  test("puts the key into the body when there is one", async () => {
    const browser = fakeBrowser();
    const { client } = browser.open({ writeKey: "tally_key" });

    client.track("click");
    await client.flush();

    expect(JSON.parse(browser.requests[0]?.body ?? "")).toMatchObject({ writeKey: "tally_key" });
  });

  test("takes the id, the time and the session of the caller", async () => {
    const browser = fakeBrowser();
    const { client } = browser.open({ sessionId: "user-1" });

    client.track("a");
    client.track("b", null, { eventId: "mine", ts: new Date(0), sessionId: "user-2" });
    await client.flush();

    const [first] = browser.rows.values();
    expect(first?.sessionId).toBe("user-1");
    expect(browser.rows.get("mine")).toEqual({
      eventId: "mine",
      sessionId: "user-2",
      eventType: "b",
      ts: "1970-01-01T00:00:00.000Z",
      payload: null,
    });
  });

  test("writes a text as JSON, so that ingest reads the text that it is", async () => {
    const browser = fakeBrowser();
    const { client } = browser.open();

    client.track("a", "not {json", { eventId: "text" });
    await client.flush();

    expect(JSON.parse(String(browser.rows.get("text")?.payload))).toBe("not {json");
  });

  test("drops an event with a word when its payload can't be JSON, and never throws", async () => {
    const browser = fakeBrowser();
    const { client, troubles } = browser.open();
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;

    client.track("a", circle, { eventId: "round" });
    client.track("b", { big: 1n }, { eventId: "big" });
    client.track("c", 1, { eventId: "good" });
    await client.flush();

    expect(droppedIds(troubles)).toEqual(["not_json round", "not_json big"]);
    expect(client.dropped).toBe(2);
    expect([...browser.rows.keys()]).toEqual(["good"]);
  });

  test("never throws, whatever a program without types gives", async () => {
    const browser = fakeBrowser();
    const { client, troubles } = browser.open();
    const track = client.track as (...values: unknown[]) => string;

    track("a", {}, null);
    track(1n);
    await client.flush();

    expect(browser.rows.size).toBe(1);
    expect(troubles).toEqual([
      { kind: "dropped", code: "not_json", status: 0, event: {} },
    ] as never);
  });

  test("keeps the visitor's id for the next page, and none when nothing may be kept", () => {
    const browser = fakeBrowser();
    browser.open({ persist: false });
    expect(Object.keys(browser.storage)).toEqual([]);

    browser.open();
    const first = browser.storage.getItem("tally|visitor");
    browser.open();

    expect(first).toMatch(RULES);
    expect(browser.storage.getItem("tally|visitor")).toBe(first);
  });
});

describe("a failure", () => {
  test("is repeated with the same ids and times, with longer pauses, until it succeeds", async () => {
    const browser = fakeBrowser();
    const { client, troubles } = browser.open();
    browser.answers = ["none", refusal(503, "overloaded"), refusal(429, "quota_exceeded")];

    client.track("click");
    await browser.pass(1000);
    await browser.pass(1000);
    await browser.pass(2000);
    expect(client.unsent).toBe(1);
    await browser.pass(3999);
    expect(browser.requests).toHaveLength(3);
    await browser.pass(1);

    expect(new Set(browser.requests.map(({ body }) => body)).size).toBe(1);
    expect(delayed(troubles)).toEqual([
      ["no_answer", 1000],
      ["overloaded", 2000],
      ["quota_exceeded", 4000],
    ]);
    expect(client.unsent).toBe(0);
    expect(client.dropped).toBe(0);
    expect(browser.rows.size).toBe(1);
  });

  test("has a short pause again when there was a success in between", async () => {
    const browser = fakeBrowser();
    const { client, troubles } = browser.open();
    browser.answers = ["none", "none", "accept", "none"];

    client.track("a");
    await browser.pass(10_000);
    client.track("b");
    await browser.pass(10_000);

    expect(delayed(troubles).map(([, retryMs]) => retryMs)).toEqual([1000, 2000, 1000]);
  });

  test("waits at least as long as the answer asks for, in seconds or until a date", async () => {
    const browser = fakeBrowser();
    browser.random = 0;
    const { client, troubles } = browser.open();
    const date = "Sat, 31 Jan 2026 07:02:00 GMT";
    browser.answers = [
      refusal(503, "overloaded", { "retry-after": "30" }),
      refusal(429, "quota_exceeded", { "retry-after": date }),
    ];

    client.track("click");
    await browser.pass(1000);
    await browser.pass(30_499);
    expect(browser.requests).toHaveLength(1);
    await browser.pass(1);
    expect(browser.requests).toHaveLength(2);
    await browser.pass(120_000);

    expect(delayed(troubles)).toEqual([
      ["overloaded", 30_500],
      ["quota_exceeded", 88_500 + 1000],
    ]);
    expect(browser.rows.size).toBe(1);
  });

  test("sends new events after the pause, not before, and in order", async () => {
    const browser = fakeBrowser();
    const { client } = browser.open({ batchEventsMax: 2 });
    browser.answers = ["none"];

    client.track("a", {}, { eventId: "1" });
    await client.flush();
    for (const eventId of ["2", "3", "4"]) client.track("a", {}, { eventId });
    await browser.pass(999);
    expect(browser.requests).toHaveLength(1);
    await browser.pass(1);

    expect(browser.requests.slice(1).flatMap(({ ids }) => ids)).toEqual(["1", "2", "3", "4"]);
  });

  test("of a proxy or of a key loses nothing", async () => {
    const browser = fakeBrowser();
    const { client, troubles } = browser.open();
    browser.answers = [
      new Response("<html>", { status: 404 }),
      new Response("sign in", { status: 200 }),
      refusal(401, "key_unknown"),
      refusal(403, "origin_not_allowed"),
    ];

    client.track("click");
    await browser.pass(60_000);

    expect(delayed(troubles).map(([code]) => code)).toEqual([
      "http_404",
      "http_200",
      "key_unknown",
      "origin_not_allowed",
    ]);
    expect(browser.rows.size).toBe(1);
  });

  test("goes on when the caller's own function throws", async () => {
    const browser = fakeBrowser();
    const { client } = browser.open({
      onError: () => {
        throw new Error("the page's own fault");
      },
    });
    browser.answers = ["none"];

    client.track("click");
    await browser.pass(2000);

    expect(browser.rows.size).toBe(1);
  });
});
