import { describe, expect, test } from "bun:test";
import { LEASE_MS } from "./lease.ts";
import { fakeBrowser, sentIds, stored } from "./testing/fake_world.ts";

const none = (count: number) => Array.from({ length: count }, () => "none" as const);

describe("a page that goes away", () => {
  test("sends by a request that outlives it, and by no beacon, when one is enough", async () => {
    const browser = fakeBrowser();
    const page = browser.open();

    page.client.track("a", {}, { eventId: "1" });
    page.become("hidden");
    page.become("gone");
    await browser.pass(0);

    expect(sentIds(browser)).toEqual(["1"]);
    expect(browser.requests[0]?.options?.keepalive).toBe(true);
    expect(browser.beacons).toEqual([]);
    expect(page.client.unsent).toBe(0);
  });

  test("sends by beacons of at most 64 KiB what its request does not carry", async () => {
    const browser = fakeBrowser();
    const page = browser.open({ writeKey: "tally_key" });
    const payload = "ü".repeat(5000);

    for (let at = 0; at < 20; at += 1) page.client.track("a", payload, { eventId: `${at}` });
    page.become("hidden");
    page.become("gone");

    const carried = [...browser.requests, ...browser.beacons].flatMap(({ ids }) => ids);
    expect(carried).toEqual(Array.from({ length: 20 }, (_, at) => `${at}`));
    expect(browser.beacons.length).toBeGreaterThan(1);
    for (const { body } of browser.beacons) {
      expect(new TextEncoder().encode(body).length).toBeLessThanOrEqual(65_536);
      expect(JSON.parse(body)).toHaveProperty("writeKey", "tally_key");
    }
  });

  test("keeps what a beacon carried until a request with the same ids is acknowledged", async () => {
    const browser = fakeBrowser();
    const page = browser.open();
    browser.answers = none(1);
    page.client.track("a", {}, { eventId: "1" });
    await page.client.flush();

    page.become("hidden");
    page.become("gone");
    expect(browser.beacons.map(({ ids }) => ids)).toEqual([["1"]]);
    expect(stored(browser)).toHaveLength(1);
    browser.open();
    await browser.pass(0);

    expect(sentIds(browser)).toEqual(["1", "1"]);
    expect(stored(browser)).toEqual([]);
    expect(browser.rows.size).toBe(1);
  });

  test("sends an event that no beacon carries by a request that the browser takes", async () => {
    const browser = fakeBrowser();
    const page = browser.open();

    page.client.track("a", "€".repeat(22_000));
    page.become("hidden");

    expect(browser.requests[0]?.options?.keepalive).toBe(false);
  });

  test("keeps everything when the browser takes no beacon", async () => {
    const browser = fakeBrowser();
    browser.takesBeacons = false;
    const page = browser.open();
    browser.answers = none(1);
    page.client.track("a", {}, { eventId: "1" });
    await page.client.flush();

    page.become("gone");
    browser.open();
    await browser.pass(0);

    expect(browser.rows.size).toBe(1);
  });

  test("sends no beacon when it is only hidden", async () => {
    const browser = fakeBrowser();
    const page = browser.open();
    browser.answers = none(1);
    page.client.track("a");
    await page.client.flush();

    page.become("hidden");

    expect(browser.beacons).toEqual([]);
  });

  test("that is hidden only after it is gone leaves its events to the next page", async () => {
    const browser = fakeBrowser();
    browser.takesBeacons = false;
    const page = browser.open();
    browser.answers = none(1);
    page.client.track("a", {}, { eventId: "1" });
    await page.client.flush();

    page.become("gone");
    await browser.pass(0);
    page.become("hidden");
    page.crash();

    expect(browser.open().client.unsent).toBe(1);
  });

  test("that comes back leaves to others what they have adopted", async () => {
    const browser = fakeBrowser();
    const page = browser.open();
    browser.takesBeacons = false;
    browser.answers = none(1);
    page.client.track("a", {}, { eventId: "1" });
    await page.client.flush();
    page.become("gone");
    browser.open();
    await browser.pass(0);

    page.become("shown");
    await browser.pass(10_000);

    expect(sentIds(browser)).toEqual(["1", "1"]);
    expect(page.client.unsent).toBe(0);
  });

  test("that comes back sends itself what nobody has adopted", async () => {
    const browser = fakeBrowser();
    browser.takesBeacons = false;
    const page = browser.open();
    browser.answers = none(1);
    page.client.track("a", {}, { eventId: "1" });
    await page.client.flush();

    page.become("gone");
    browser.roomMax = 0;
    page.become("shown");
    await browser.pass(1000);

    expect(sentIds(browser)).toEqual(["1", "1"]);
    expect(browser.rows.size).toBe(1);
  });
});

describe("a page that crashes", () => {
  test("leaves its events to a page that is opened after its lease", async () => {
    const browser = fakeBrowser();
    const page = browser.open();
    for (const eventId of ["1", "2", "3"]) page.client.track("a", {}, { eventId });
    page.crash();
    await browser.pass(LEASE_MS);

    const next = browser.open();
    expect(next.client.unsent).toBe(3);
    await browser.pass(0);

    expect(sentIds(browser)).toEqual(["1", "2", "3"]);
    expect(stored(browser)).toEqual([]);
  });

  test("leaves its events to a page that is opened before the end of its lease", async () => {
    const browser = fakeBrowser();
    const page = browser.open();
    page.client.track("a", {}, { eventId: "1" });
    page.crash();

    browser.open();
    await browser.pass(LEASE_MS - 1);
    expect(sentIds(browser)).toEqual([]);
    await browser.pass(LEASE_MS);

    expect(sentIds(browser)).toEqual(["1"]);
  });

  test("loses nothing when the clock was set far ahead before, and back after", async () => {
    const browser = fakeBrowser();
    browser.setWall(86_400_000);
    const page = browser.open();
    page.client.track("a", {}, { eventId: "1" });
    page.crash();
    browser.setWall(-86_400_000);

    browser.open();
    await browser.pass(0);

    expect(sentIds(browser)).toEqual(["1"]);
  });
});

describe("two pages of one origin", () => {
  test("send their own events once each during and after an outage of ten minutes", async () => {
    const browser = fakeBrowser();
    const pages = [browser.open(), browser.open()];
    browser.answers = none(1000);

    for (let minute = 0; minute < 10; minute += 1) {
      pages.forEach(({ client }, at) => client.track("a", {}, { eventId: `${at}-${minute}` }));
      await browser.pass(60_000);
    }
    browser.open();
    browser.answers = [];
    browser.requests.length = 0;
    await browser.pass(60_000);

    expect(sentIds(browser)).toHaveLength(20);
    expect(new Set(sentIds(browser)).size).toBe(20);
    expect(browser.rows.size).toBe(20);
    expect(stored(browser)).toEqual([]);
  });

  test("do not share events when they send to different places, or have different names", async () => {
    const browser = fakeBrowser();
    browser.takesBeacons = false;
    const page = browser.open();
    browser.answers = none(1);
    page.client.track("a");
    await page.client.flush();
    page.become("gone");
    page.crash();

    const others = [browser.open({ url: "https://else.example" }), browser.open({ name: "shop" })];
    await browser.pass(1000);

    expect(others.map(({ client }) => client.unsent)).toEqual([0, 0]);
    expect(browser.open({ url: "https://in.example/events/" }).client.unsent).toBe(1);
  });
});
