/** The client in a real browser, against a whole system whose ingest goes away. */
import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { eventually } from "@tally/shared";
import { testStack } from "@tally/stack/testing";

import { untilReady } from "../system/service.ts";
import type { System } from "../system/system.ts";
import { startedSystem } from "../system/testing/started_system.ts";
import {
  startClientPages,
  storedKeys,
  trackIn,
  untilDelayed,
  untilSent,
  type ClientPages,
} from "./testing/client_pages.ts";

// The browser is unpacked on a machine's first run, and a busy machine is slow.
setDefaultTimeout(120_000);
const ROWS_MS_MAX = 30_000;
const READY_MS_MAX = 30_000;

let pages: ClientPages;
let system: System;
let url = "";
beforeAll(async () => {
  pages = await startClientPages();
  const env = { ...Bun.env, INGEST_CORS_ORIGINS: pages.origin };
  system = await startedSystem(await testStack(), env);
  ({ url } = system.ingests[0]);
});
afterEach(() => pages.closeBrowsers());
afterAll(async () => {
  await system?.close();
  await pages?.stop();
});

async function startIngest(): Promise<void> {
  await system.ingests[0].start();
  await untilReady(system.ingests, READY_MS_MAX);
}

/** Waits until exactly these events are rows, each once. */
async function expectRows(ids: readonly string[]): Promise<void> {
  const found = async (): Promise<string[]> => {
    const rows = (await system.sql`
      select event_id as id from web_events where event_id in ${system.sql(ids)}
    `) as { id: string }[];
    return rows.map(({ id }) => id);
  };
  await eventually(async () => (await found()).length === ids.length, ROWS_MS_MAX);
  expect((await found()).toSorted()).toEqual([...ids].toSorted());
}

test("an outage with a reload in it loses no event", async () => {
  const context = await pages.newBrowser();
  const page = await pages.open(context, { url });
  const ids = await trackIn(page, 20);
  await untilSent(page);

  await system.ingests[0].kill();
  ids.push(...(await trackIn(page, 150)));
  await untilDelayed(page, 3);
  await page.reload();
  ids.push(...(await trackIn(page, 30)));
  await untilDelayed(page, 3);
  expect(await page.evaluate("tally.unsent")).toBe(180);
  await startIngest();
  await untilSent(page);

  await expectRows(ids);
  expect(await storedKeys(page)).toEqual([]);
});

test("a tab that is closed in an outage leaves its events to the next page", async () => {
  const context = await pages.newBrowser();
  const page = await pages.open(context, { url });
  await system.ingests[0].kill();
  const ids = await trackIn(page, 40);
  await untilDelayed(page, 1);

  await page.close({ runBeforeUnload: true });
  await startIngest();
  const next = await pages.open(context, { url });
  await next.waitForFunction("tally.unsent === 0");

  await expectRows(ids);
  expect(await storedKeys(next)).toEqual([]);
});

test("two tabs in an outage send their own events, each of them once", async () => {
  const context = await pages.newBrowser();
  const tabs = [await pages.open(context, { url }), await pages.open(context, { url })] as const;
  await system.ingests[0].kill();
  const ids = (await Promise.all(tabs.map((tab) => trackIn(tab, 30)))).flat();
  await Promise.all(tabs.map((tab) => untilDelayed(tab, 2)));

  await startIngest();
  await Promise.all(tabs.map(untilSent));

  await expectRows(ids);
  const [{ count }] = (await system.sql`
    select count(*)::int as count from duplicate_events where event_id in ${system.sql(ids)}
  `) as [{ count: number }];
  expect(count).toBe(0);
  expect(await storedKeys(tabs[0])).toEqual([]);
});

test("a page that is left at once sends what it has tracked", async () => {
  const context = await pages.newBrowser();
  const page = await pages.open(context, { url, writeKey: "tally_public" });

  const ids = await trackIn(page, 120);
  const leaving = page.goto("about:blank");
  await leaving;

  await expectRows(ids.slice(0, 100));
  const next = await pages.open(context, { url, writeKey: "tally_public" });
  await untilSent(next);
  await expectRows(ids);
});

test("the script sends what was tracked before it was there, with the time of the call", async () => {
  const context = await pages.newBrowser();
  const page = await pages.open(context, { url }, "/script");
  const beforeMs = Date.now();

  const ids = ["early-1", ...(await trackIn(page, 1))];
  await untilSent(page);

  await expectRows(ids);
  const [{ ts }] = (await system.sql`
    select ts from web_events where event_id = 'early-1'
  `) as [{ ts: Date }];
  expect(ts.getTime()).toBeLessThanOrEqual(beforeMs);
});

test("a page of a listed origin may send credentials and the headers of tracing", async () => {
  const context = await pages.newBrowser();
  const page = await pages.open(context, { url });
  const send = (target: string) => async () =>
    page.evaluate(async (address) => {
      const response = await fetch(`${address}/events`, {
        method: "POST",
        credentials: "include",
        headers: {
          "content-type": "application/json",
          traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          baggage: "a=b",
          "sentry-trace": "771a43a4192642f0b136d5159a501700-0000000000000000",
        },
        body: '{"sessionId":"s","eventType":"t","payload":1,"eventId":"traced-1"}',
      });
      return response.status;
    }, target);

  expect(await send(url)()).toBe(202);
  await expectRows(["traced-1"]);
});

test("a page of another origin gets no answer that it can read", async () => {
  const context = await pages.newBrowser();
  const page = await context.newPage();
  const other = pages.origin.replace("127.0.0.1", "localhost");
  await page.goto(`${other}/?options=${encodeURIComponent(JSON.stringify({ url }))}`);

  await trackIn(page, 1);
  await untilDelayed(page, 1);

  expect(await page.evaluate("troubles[0].code")).toBe("no_answer");
});
