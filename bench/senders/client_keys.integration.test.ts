/** The client in a page with keys on: the key alone says which pages may send. */
import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { eventually } from "@tally/shared";
import { hashKey, newKey, prefixOfKey } from "@tally/shared/keys";
import { testNames, testStack } from "@tally/stack/testing";

import { startReady } from "../system/service.ts";
import { createSystem, servicesOf, type System } from "../system/system.ts";
import {
  startClientPages,
  trackIn,
  untilDelayed,
  untilSent,
  type ClientPages,
} from "./testing/client_pages.ts";

setDefaultTimeout(120_000);
const ROWS_MS_MAX = 30_000;

let pages: ClientPages;
let system: System;
let options: { readonly url: string; readonly writeKey: string };
beforeAll(async () => {
  pages = await startClientPages();
  const names = { stack: await testStack(), id: testNames().topic, env: Bun.env };
  system = await createSystem({ ...names, options: { TALLY_KEYS: "on" } });
  await startReady(servicesOf(system));
  const writeKey = newKey();
  await system.sql`
    insert into api_keys (name, hash, prefix, scopes, origins)
    values ('shop', decode(${hashKey(writeKey)}, 'hex'), ${prefixOfKey(writeKey)}, '{write}',
      array[${pages.origin}])`;
  options = { url: system.ingests[0].url, writeKey };
});
afterEach(() => pages.closeBrowsers());
afterAll(async () => {
  await system?.close();
  await pages?.stop();
});

/** How many of these events are rows with the name of the key as their source. */
async function rowsOfShop(ids: readonly string[]): Promise<number> {
  const [{ count }] = (await system.sql`
    select count(*)::int as count from web_events
    where source = 'shop' and event_id in ${system.sql(ids)}
  `) as [{ count: number }];
  return count;
}

test("a page of the key's origin sends, also as it goes away", async () => {
  const page = await pages.open(await pages.newBrowser(), options);

  const ids = await trackIn(page, 5);
  await untilSent(page);
  ids.push(...(await trackIn(page, 5)));
  await page.goto("about:blank");

  expect(await eventually(async () => (await rowsOfShop(ids)) === 10, ROWS_MS_MAX)).toBe(true);
});

test("a page of another origin, or with another key, stores nothing and keeps its events", async () => {
  const context = await pages.newBrowser();
  const wrongKey = await pages.open(context, { ...options, writeKey: `tally_${"x".repeat(43)}` });
  const elsewhere = await context.newPage();
  const query = new URLSearchParams({ options: JSON.stringify(options) });
  await elsewhere.goto(`${pages.origin.replace("127.0.0.1", "localhost")}/?${query.toString()}`);
  const ids: string[] = [];

  for (const page of [wrongKey, elsewhere]) {
    ids.push(...(await trackIn(page, 1)));
    await untilDelayed(page, 2);
    expect(await page.evaluate("tally.unsent")).toBe(1);
  }

  expect(await wrongKey.evaluate("troubles[0].code")).toBe("key_unknown");
  expect(await rowsOfShop(ids)).toBe(0);
});
