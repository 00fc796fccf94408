import { describe, expect, test } from "bun:test";
import { LEASE_MS } from "./lease.ts";
import { fakeBrowser, sentIds, stored } from "./testing/fake_world.ts";

describe("the storage", () => {
  test("that is full costs nothing while the page lives", async () => {
    const browser = fakeBrowser();
    browser.roomMax = 2;
    const page = browser.open();

    for (const eventId of ["1", "2", "3"]) page.client.track("a", {}, { eventId });
    await browser.pass(1000);

    expect(browser.rows.size).toBe(3);
  });

  test("that is full does not keep a page from adopting", async () => {
    const browser = fakeBrowser();
    const page = browser.open();
    for (const eventId of ["1", "2"]) page.client.track("a", {}, { eventId });
    page.crash();
    await browser.pass(LEASE_MS);
    browser.roomMax = 0;

    browser.open();
    await browser.pass(0);

    expect(sentIds(browser)).toEqual(["1", "2"]);
    expect(stored(browser)).toEqual([]);
  });

  test("that the page has cleared costs nothing while the page lives", async () => {
    const browser = fakeBrowser();
    const page = browser.open();
    page.client.track("a", {}, { eventId: "1" });

    for (const key of Object.keys(browser.storage)) browser.storage.removeItem(key);
    await browser.pass(1000);

    expect(browser.rows.size).toBe(1);
  });

  test("that begins to throw loses no event while the page lives, and stops nothing", async () => {
    const browser = fakeBrowser();
    const page = browser.open();
    page.client.track("a", {}, { eventId: "before" });
    for (const name of ["getItem", "setItem", "removeItem"]) {
      Object.getPrototypeOf(browser.storage)[name] = () => {
        throw new DOMException("no", "SecurityError");
      };
    }

    browser.answers.push("none");
    page.client.track("a", {}, { eventId: "after" });
    // As after a sleep of the machine: others may have adopted the events, which can't be known.
    browser.setWall(LEASE_MS);
    await browser.pass(10_000);
    const next = browser.open();
    next.client.track("a", {}, { eventId: "of the next page" });
    await browser.pass(1000);

    expect([...browser.rows.keys()].sort()).toEqual(["after", "before", "of the next page"]);
    expect([page.client.unsent, next.client.unsent]).toEqual([0, 0]);
  });

  test("that holds another script's text does no harm", async () => {
    const browser = fakeBrowser();
    browser.storage.setItem("tally|https://in.example/events|x|1000000000", "{broken");
    browser.storage.setItem("tally|https://in.example/events|x|1000000001", "7");

    browser.open().client.track("a", {}, { eventId: "1" });
    await browser.pass(1000);

    expect(sentIds(browser)).toEqual(["1"]);
    expect(stored(browser)).toEqual([]);
  });

  test("bounds what a page adopts, and drops the oldest", async () => {
    const browser = fakeBrowser();
    const page = browser.open();
    for (const eventId of ["1", "2", "3"]) page.client.track("a", {}, { eventId });
    page.crash();
    await browser.pass(LEASE_MS);

    const next = browser.open({ unsentEventsMax: 2 });

    expect(next.client.unsent).toBe(2);
    expect(next.troubles).toMatchObject([
      { kind: "dropped", code: "too_many_unsent", event: { eventId: "1" } },
    ]);
  });
});
