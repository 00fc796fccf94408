/** Segment's SDK for Node, unmodified, over a crash of ingest. */
import { Analytics } from "@segment/analytics-node";
import { testStack } from "@tally/stack/testing";
import { afterAll, beforeAll, expect, test } from "bun:test";

import type { System } from "../system/system.ts";
import { startedSystem } from "../system/testing/started_system.ts";
import { startForgetfulProxy } from "./testing/forgetful_proxy.ts";
import { ALL_STORED, EVENTS, outcomeOf, sendThroughOutage } from "./testing/outage.ts";

const TEST_MS_MAX = 120_000;
const OPTIONS = { writeKey: "any", flushAt: 20, flushInterval: 100 };
let system: System;

beforeAll(async () => {
  system = await startedSystem(await testStack(), Bun.env);
}, TEST_MS_MAX);
afterAll(() => system.close(), TEST_MS_MAX);

test(
  "@segment/analytics-node loses nothing and sends nothing twice when ingest crashes",
  async () => {
    const analytics = new Analytics({ ...OPTIONS, host: system.ingests[0].url, maxRetries: 20 });
    let repeats = 0;
    const failures: unknown[] = [];
    analytics.on("http_request", ({ headers }) => {
      if ("X-Retry-Count" in headers) repeats += 1;
    });
    analytics.on("error", (error) => failures.push(error));
    const calls = [
      (n: number) => analytics.track({ userId: `u${n % 7}`, event: "Bought", properties: { n } }),
      (n: number) => analytics.page({ anonymousId: `a${n % 5}`, name: "Home", properties: { n } }),
      (n: number) => analytics.identify({ userId: `u${n % 7}`, traits: { n } }),
      (n: number) => analytics.screen({ userId: `u${n % 7}`, name: "Cart", properties: { n } }),
      (n: number) => analytics.group({ userId: `u${n % 7}`, groupId: "g", traits: { n } }),
    ];

    await sendThroughOutage(system, (n) => calls[n % calls.length]?.(n));
    await analytics.closeAndFlush({ timeout: 30_000 });

    expect(failures).toEqual([]);
    const outcome = await outcomeOf(system, {
      number: "(payload->>'n')::int",
      where: "event_type <> 'Lost'",
    });
    expect(outcome).toEqual(ALL_STORED);
    expect(repeats).toBeGreaterThan(0);
  },
  TEST_MS_MAX,
);

test(
  "@segment/analytics-node makes one row of a call whose answer was lost",
  async () => {
    const proxy = startForgetfulProxy(system.ingests[0].url);
    try {
      const analytics = new Analytics({ ...OPTIONS, host: proxy.url, maxRetries: 10 });

      for (let n = 0; n < EVENTS; n += 1) {
        analytics.track({ userId: "lost", event: "Lost", properties: { n } });
      }
      await analytics.closeAndFlush({ timeout: 30_000 });

      const where = "event_type = 'Lost'";
      const outcome = await outcomeOf(system, { number: "(payload->>'n')::int", where });
      expect(outcome).toEqual(ALL_STORED);
      expect(proxy.lost).toBeGreaterThan(3);
    } finally {
      await proxy.stop();
    }
  },
  TEST_MS_MAX,
);

test("@segment/analytics-node becomes rows with the type, the session and the context of its calls", async () => {
  const rows = await system.sql<{ event_type: string; calls: number }[]>`
    select event_type, count(*)::int as calls from web_events
    where payload->'segment'->'context'->'library'->>'name' = '@segment/analytics-node'
      and event_type <> 'Lost'
    group by event_type order by event_type`;

  expect(rows.map(({ event_type: type, calls }) => [type, calls])).toEqual([
    ["Bought", 120],
    ["group", 120],
    ["identify", 120],
    ["page", 120],
    ["screen", 120],
  ]);
});
