/** Views in a real browser: WCAG 2.2 AA, three widths, both schemes, and senders' odd texts. */
import { beforeAll, expect, test } from "bun:test";
import { findAccessibilityViolations } from "@tally/dashboard/testing/accessibility";
import { findBrokenNumbers } from "@tally/dashboard/testing/broken_number";
import { type Page, useRealPage } from "./testing/page_system.ts";

const real = useRealPage();
const LONG = "x".repeat(128);
const HOSTILE = "</script><img src=x onerror=alert(1)>\u202e\u0007";
let id = "";

beforeAll(async () => {
  [id = ""] = await real.store([
    { sessionId: LONG, eventType: LONG, payload: { [LONG]: LONG, deep: { text: HOSTILE } } },
    { sessionId: HOSTILE, eventType: HOSTILE, payload: HOSTILE.length },
  ]);
  const { sql } = real.system;
  const value = Buffer.from(JSON.stringify({ sessionId: LONG, text: HOSTILE, payload: LONG }));
  await sql`
    insert into dead_letters
      (log, partition, "offset", code, pointer, message, event_id, key, value, headers, record_timestamp_ms)
    select log, 0, 900001, 'field_missing', ${`/${LONG}`}, ${HOSTILE + LONG}, ${LONG.slice(64)},
      ${Buffer.from([0xff, 0x00])}, ${value}, '[]', 0 from logs limit 1`;
  await sql`
    update positions set dead_letter_codes = '{"field_missing": 1}' where sink = 'postgres'
      and partition = 0`;
}, 60_000);

/** What is opened in each view before it is judged. */
const VIEWS: readonly [string, () => string, (page: Page) => Promise<void>][] = [
  [
    "events",
    () => `?view=events&id=${id}&columns=${LONG},deep.text&f=is_not,event:name,${LONG}%25`,
    async (page) => {
      await page.getByText("Add a filter").click();
      await page.locator("summary", { hasText: "Columns" }).click();
      await page.locator(".event-detail .payload").waitFor();
    },
  ],
  [
    "dead-letters",
    () => "?view=dead-letters&code=field_missing",
    async (page) => {
      await page.locator(".letters-table .row-open").first().click();
      await page.getByRole("button", { name: "Edit and send as a new event" }).click();
      await page.getByRole("button", { name: "Send all again" }).click();
    },
  ],
  ["pipeline", () => "?view=pipeline", (page) => page.locator(".flow").waitFor()],
  [
    "send",
    () => "?view=send",
    async (page) => {
      await page.getByLabel("Payload, JSON").fill(`{"${LONG}":`);
      await page.getByText("Own id and time").click();
    },
  ],
];

/** Tables that show a part of their rows, or are none on a wide page; runs in the page. */
function findCutTables(): string[] {
  const cut = [...document.querySelectorAll(".rows-scroll")]
    .filter((box) => box.scrollHeight > box.clientHeight + 1)
    .map((box) => `${box.clientHeight} of ${box.scrollHeight}`);
  const displays = [...document.querySelectorAll("table")].map(
    (table) => getComputedStyle(table).display,
  );
  const isWide = window.innerWidth > 760;
  return [...cut, ...(isWide ? displays.filter((display) => display !== "table") : [])];
}

for (const [name, search, prepare] of VIEWS) {
  for (const scheme of ["light", "dark"] as const) {
    test(`${name} is accessible and fits at three widths when the scheme is ${scheme}`, async () => {
      const page = await real.open(search(), { scheme });
      await prepare(page);

      for (const width of [360, 820, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect({ width, fits: wide <= width }).toEqual({ width, fits: true });
        expect(await page.evaluate(findBrokenNumbers)).toEqual([]);
        expect({ width, cut: await page.evaluate(findCutTables) }).toEqual({ width, cut: [] });
      }
      expect(await findAccessibilityViolations(page)).toEqual([]);
      expect(await page.locator("img").count()).toBe(0);
      expect(real.complaints).toEqual([]);
    });
  }
}
