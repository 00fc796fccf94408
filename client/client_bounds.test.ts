import { describe, expect, test } from "bun:test";
import { droppedIds, fakeBrowser, stored } from "./testing/fake_world.ts";

describe("the bound of what waits", () => {
  test("drops the oldest events with a word when there are too many", async () => {
    const browser = fakeBrowser();
    const { client, troubles } = browser.open({ unsentEventsMax: 3 });
    browser.answers = ["none"];

    for (const eventId of ["1", "2", "3", "4", "5"]) client.track("a", {}, { eventId });
    await browser.pass(10_000);

    expect(droppedIds(troubles)).toEqual(["too_many_unsent 1", "too_many_unsent 2"]);
    expect(client.dropped).toBe(2);
    expect([...browser.rows.keys()]).toEqual(["3", "4", "5"]);
  });

  test("counts bytes in UTF-8, also after events were removed", async () => {
    const browser = fakeBrowser();
    const { client, troubles } = browser.open({ unsentBytesMax: 1000 });

    client.track("a", "€".repeat(100), { eventId: "first" });
    await client.flush();
    for (const eventId of ["1", "2", "3"]) client.track("a", "€".repeat(100), { eventId });

    expect(droppedIds(troubles)).toEqual(["too_many_unsent 1"]);
    expect(client.unsent).toBe(2);
  });

  test("spares the events that a request carries", async () => {
    const browser = fakeBrowser();
    const { client, troubles } = browser.open({ unsentEventsMax: 2, batchEventsMax: 2 });

    for (const eventId of ["1", "2", "3"]) client.track("a", {}, { eventId });
    await browser.pass(0);

    expect(droppedIds(troubles)).toEqual(["too_many_unsent 3"]);
    expect([...browser.rows.keys()]).toEqual(["1", "2"]);
  });
});

describe("flush() and close()", () => {
  test("say how many events have no acknowledgement", async () => {
    const browser = fakeBrowser();
    const { client } = browser.open();

    client.track("a");
    expect(await client.flush()).toBe(0);
    browser.answers = ["none"];
    client.track("a");
    expect(await client.flush()).toBe(1);
    expect(await client.flush()).toBe(1);

    expect(browser.requests).toHaveLength(2);
  });

  test("close() retries until everything is acknowledged", async () => {
    const browser = fakeBrowser();
    const { client } = browser.open({ persist: false });
    browser.answers = ["none", "none"];

    client.track("a");
    const closed = client.close();
    await browser.pass(1000);
    await browser.pass(2000);

    expect(await closed).toBe(0);
    expect(browser.rows.size).toBe(1);
  });

  test("close() gives up after its time, and a page leaves its events to the next", async () => {
    const browser = fakeBrowser();
    const { client } = browser.open();
    browser.answers = ["none", "none", "none", "none"];

    client.track("a");
    const closed = client.close(5000);
    await browser.pass(5000);

    expect(await closed).toBe(1);
    await browser.pass(100_000);
    expect(browser.requests).toHaveLength(3);
    browser.answers = [];
    browser.open();
    await browser.pass(0);
    expect(browser.rows.size).toBe(1);
  });

  test("close() ends the timers, also while a request is in flight", async () => {
    const browser = fakeBrowser();
    const { client } = browser.open();
    const answer = Promise.withResolvers<Response>();
    browser.answers = [answer.promise, "none", "none"];

    client.track("a");
    const closed = client.close(100);
    await browser.pass(100);
    answer.reject(new TypeError("Failed to fetch"));
    await browser.pass(100_000);

    expect(await closed).toBe(1);
    expect(browser.requests).toHaveLength(1);
  });

  test("close() called twice ends both calls", async () => {
    const browser = fakeBrowser();
    const { client } = browser.open();

    client.track("a");
    const both = Promise.all([client.close(), client.close()]);
    await browser.pass(0);

    expect(await both).toEqual([0, 0]);
  });

  test("close() ends at once when nothing waits, and leaves no key", async () => {
    const browser = fakeBrowser();
    const { client } = browser.open();

    expect(await client.close()).toBe(0);

    expect(stored(browser)).toEqual([]);
  });

  test("track() still sends after close()", async () => {
    const browser = fakeBrowser();
    const { client } = browser.open();
    await client.close();

    client.track("late");
    await browser.pass(1000);

    expect(browser.rows.size).toBe(1);
  });
});
