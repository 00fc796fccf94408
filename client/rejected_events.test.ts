import { describe, expect, test } from "bun:test";
import { droppedIds, fakeBrowser, refusal, stored } from "./testing/fake_world.ts";

describe("a rejected event", () => {
  test("is dropped with ingest's reason, and the others are stored", async () => {
    const browser = fakeBrowser();
    const { client, troubles } = browser.open();
    const rejected = [{ index: 1, code: "field_missing", pointer: "/payload" }];
    browser.answers = [Response.json({ accepted: 2, rejected }, { status: 202 })];

    for (const eventId of ["1", "2", "3"]) client.track("a", {}, { eventId });
    await client.flush();

    expect(droppedIds(troubles)).toEqual(["field_missing 2"]);
    expect(client.unsent).toBe(0);
    expect(client.dropped).toBe(1);
    expect(stored(browser)).toEqual([]);
  });

  test("that is too large is found by halves, and only it is dropped", async () => {
    const browser = fakeBrowser();
    const { client, troubles } = browser.open();
    // The first is a proxy's, whose bound is lower than that of ingest: it splits, too.
    const ofProxy = new Response("too large", { status: 413 });
    const tooLarge = () => refusal(413, "body_too_large");
    browser.answers = [ofProxy, tooLarge(), tooLarge()];

    for (const eventId of ["1", "2", "3", "4"]) client.track("a", {}, { eventId });
    await browser.pass(60_000);

    expect(browser.requests.map(({ ids }) => ids.length)).toEqual([4, 2, 1, 2, 1]);
    expect(droppedIds(troubles)).toEqual(["body_too_large 1"]);
    expect([...browser.rows.keys()].toSorted()).toEqual(["2", "3", "4"]);
  });

  test("that is too large for a proxy alone is kept, and goes after the others", async () => {
    const browser = fakeBrowser();
    const { client, troubles } = browser.open();
    const ofProxy = () => new Response("too large", { status: 413 });
    browser.answers = [ofProxy(), ofProxy()];

    for (const eventId of ["large", "good"]) client.track("a", {}, { eventId });
    await browser.pass(60_000);

    expect(browser.requests.map(({ ids }) => ids.join())).toEqual([
      "large,good",
      "large",
      "good",
      "large",
    ]);
    expect(droppedIds(troubles)).toEqual([]);
    expect(browser.rows.size).toBe(2);
  });

  test("never holds up the others when ingest answers 500 to it", async () => {
    const browser = fakeBrowser();
    const { client, troubles } = browser.open();
    browser.answers = [refusal(500, "internal"), refusal(500, "internal")];

    for (const eventId of ["bad", "good"]) client.track("a", {}, { eventId });
    await browser.pass(10_000);

    expect(browser.requests.map(({ ids }) => ids.join())).toEqual([
      "bad,good",
      "bad",
      "good",
      "bad",
    ]);
    expect(droppedIds(troubles)).toEqual([]);
    expect(browser.rows.size).toBe(2);
  });
});
