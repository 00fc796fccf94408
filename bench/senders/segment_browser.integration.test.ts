/** Segment's SDK for browsers, unmodified, in a real browser over a crash of ingest. */
import { testNames, testStack } from "@tally/stack/testing";
import { afterAll, beforeAll, expect, test } from "bun:test";

import { startReady } from "../system/service.ts";
import { createSystem, servicesOf, type System } from "../system/system.ts";
import { startForgetfulProxy } from "./testing/forgetful_proxy.ts";
import { ALL_STORED, EVENTS, outcomeOf, sendThroughOutage } from "./testing/outage.ts";
import { SegmentPages, type Strategy } from "./testing/segment_page.ts";

const TEST_MS_MAX = 120_000;
let system: System;
let pages: SegmentPages;

beforeAll(async () => {
  pages = await SegmentPages.launch();
  const options = { ARCHIVE_OBJECT_AGE_MS_MAX: "1000", INGEST_CORS_ORIGINS: pages.origin };
  const id = testNames().topic;
  system = await createSystem({ stack: await testStack(), id, env: Bun.env, options });
  await startReady(servicesOf(system));
}, TEST_MS_MAX);
afterAll(async () => {
  await pages.close();
  await system.close();
}, TEST_MS_MAX);

test.each<Strategy>(["standard", "batching"])(
  "@segment/analytics-next loses nothing and sends nothing twice when ingest crashes: %s",
  async (strategy) => {
    const { url } = system.ingests[0];
    const page = await pages.open(url, strategy);

    await page.identify("u-1");
    await sendThroughOutage(system, (n) =>
      n % 2 === 0
        ? page.track("Bought", { n, strategy })
        : page.page("Home", { n, strategy, title: "Shop" }),
    );

    const where = `payload->>'strategy' = '${strategy}'`;
    const outcome = await outcomeOf(system, { number: "(payload->>'n')::int", where });
    expect(outcome).toEqual(ALL_STORED);
    // Nothing goes to Segment, which the SDK would ask for settings and tell how it is used.
    expect([...page.origins].toSorted()).toEqual([url, pages.origin].toSorted());
    expect(page.errors).toEqual([]);
  },
  TEST_MS_MAX,
);

test(
  "@segment/analytics-next makes one row of an event whose answer was lost",
  async () => {
    const proxy = startForgetfulProxy(system.ingests[0].url);
    try {
      const page = await pages.open(proxy.url, "standard");

      for (let n = 0; n < EVENTS; n += 1) await page.track("Lost", { n });

      const where = "event_type = 'Lost'";
      const outcome = await outcomeOf(system, { number: "(payload->>'n')::int", where });
      expect(outcome).toEqual(ALL_STORED);
      expect(proxy.lost).toBeGreaterThan(EVENTS / 4);
    } finally {
      await proxy.stop();
    }
  },
  TEST_MS_MAX,
);

test("@segment/analytics-next becomes rows with the page and the user", async () => {
  const [row] = await system.sql<{ event_type: string; payload: object }[]>`
    select event_type, payload from web_events where payload->>'n' = '1' limit 1`;

  expect(row).toMatchObject({
    event_type: "page",
    payload: {
      title: "Shop",
      segment: { type: "page", userId: "u-1", context: { page: { path: "/shop" } } },
    },
  });
});
