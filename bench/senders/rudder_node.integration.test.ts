/** RudderStack's SDK for Node, unmodified, over a crash of ingest. */
import Analytics from "@rudderstack/rudder-sdk-node";
import { eventually } from "@tally/shared";
import { testStack } from "@tally/stack/testing";
import { afterAll, beforeAll, expect, test } from "bun:test";

import type { System } from "../system/system.ts";
import { startedSystem } from "../system/testing/started_system.ts";
import { ALL_STORED, EVENTS, outcomeOf, sendThroughOutage } from "./testing/outage.ts";

const TEST_MS_MAX = 120_000;
const SENT_MS_MAX = 60_000;
/** By default the SDK gives a batch up after three repeats, within two seconds. */
const REPEATS_MAX = 500;
const REPEAT_MS = 50;

let system: System;

beforeAll(async () => {
  system = await startedSystem(await testStack(), Bun.env);
}, TEST_MS_MAX);
afterAll(() => system.close(), TEST_MS_MAX);

test.each([
  ["compressed, as by default", true],
  ["plain", false],
])(
  "@rudderstack/rudder-sdk-node loses nothing and sends nothing twice when ingest crashes (%s)",
  async (_, gzip) => {
    let repeats = 0;
    const analytics = new Analytics("any", {
      dataPlaneUrl: system.ingests[0].url,
      gzip,
      flushAt: 20,
      flushInterval: 100,
      logLevel: "none",
      retryCount: REPEATS_MAX,
      axiosRetryConfig: {
        retryDelay: () => REPEAT_MS,
        onRetry() {
          repeats += 1;
        },
      },
      // Without a handler the SDK also throws each failure that the callbacks get.
      errorHandler: () => undefined,
    });
    const failures: unknown[] = [];
    let settled = 0;
    const onSettled = (error?: unknown): void => {
      settled += 1;
      if (error !== undefined) failures.push(error);
    };
    const event = `rudder-${gzip}`;

    await sendThroughOutage(system, (n) =>
      analytics.track({ userId: `u${n % 7}`, event, properties: { n } }, onSettled),
    );
    await eventually(() => settled === EVENTS, SENT_MS_MAX);

    expect([failures, settled]).toEqual([[], EVENTS]);
    const where = `event_type = '${event}'`;
    expect(await outcomeOf(system, { number: "(payload->>'n')::int", where })).toEqual(ALL_STORED);
    expect(repeats).toBeGreaterThan(0);
  },
  TEST_MS_MAX,
);
