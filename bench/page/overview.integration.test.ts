/** The overview on a real system: what it shows is what PostgreSQL holds. */
import { beforeAll, expect, test } from "bun:test";
import { findAccessibilityViolations } from "@tally/dashboard/testing/accessibility";

import { type Page, useRealPage } from "./testing/page_system.ts";
import { HOSTILE, sampleEvents } from "./testing/sample_events.ts";

const MINUTE_MS = 60_000;

const real = useRealPage();
/** Start of the minute in which the events were sent. */
let nowMs: number;

const iso = (ms: number): string => new Date(ms).toISOString();

beforeAll(async () => {
  nowMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  await real.store(sampleEvents(nowMs));
}, 60_000);

/** Rows by type from a time on. */
async function rowsByType(fromMs: number, toMs = Infinity): Promise<Record<string, number>> {
  const end = Number.isFinite(toMs) ? iso(toMs) : "9999-01-01";
  const rows = await real.system.sql`
    select event_type, count(*)::int as count from web_events
    where ts >= ${iso(fromMs)} and ts < ${end} group by event_type order by 2 desc, 1`;
  return Object.fromEntries(
    rows.map((row: { event_type: string; count: number }) => [row.event_type, row.count]),
  );
}

const number = (text: string): number => Number(text.replaceAll(",", ""));

/** The types that the page lists, and their events. */
async function listedTypes(page: Page): Promise<Record<string, number>> {
  const bars = await page.locator(".area-types .bar:not(.bar-gone)").all();
  const entries = await Promise.all(
    bars.map(async (bar) => [
      await bar.locator(".bar-name").innerText(),
      number(await bar.locator(".bar-count").innerText()),
    ]),
  );
  return Object.fromEntries(entries);
}

const card = (page: Page, label: string) =>
  page.locator(".card", { hasText: label }).locator(".card-value");

/** Waits until a card shows a number. */
async function untilCard(page: Page, label: string, value: number): Promise<void> {
  const text = new Intl.NumberFormat("en").format(value);
  await card(page, label).getByText(text, { exact: true }).waitFor();
}

const sumOf = (rows: Record<string, number>): number =>
  Object.values(rows).reduce((all, each) => all + each, 0);

test("the overview shows the rows of the range, by type, and nothing else", async () => {
  const page = await real.open("");
  await page.getByText("Live", { exact: true }).waitFor();

  const openMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const rows = await rowsByType(openMs - 30 * MINUTE_MS);
  await untilCard(page, "Events", sumOf(rows));

  await page.locator(".area-types .bar").nth(2).waitFor();
  expect(await listedTypes(page)).toEqual(rows);
  const [{ count }] = await real.system.sql`
    select count(distinct session_id)::int as count from web_events
    where ts >= ${iso(openMs - 30 * MINUTE_MS)}`;
  await untilCard(page, "Sessions", count);
  await page.getByText("Healthy", { exact: true }).waitFor();
  expect(await page.title()).toBe("Overview – Tally");
  expect(await findAccessibilityViolations(page)).toEqual([]);
  expect(real.complaints).toEqual([]);
});

test("the overview counts an event that comes while it is open, without a reload", async () => {
  const page = await real.open("");
  const before = number(await shownEvents(page));

  await real.store([{ sessionId: "live", eventType: "fresh_type", payload: { path: "/live" } }]);

  await untilCard(page, "Events", before + 1);
  await page.locator(".area-types").getByText("fresh_type").waitFor();
  await page.locator(".tail").getByText("fresh_type").waitFor();
  expect(real.complaints).toEqual([]);
});

async function shownEvents(page: Page): Promise<string> {
  await page.locator(".card-value", { hasText: /\d/ }).first().waitFor();
  await page.locator(".area-types .bar").first().waitFor();
  return card(page, "Events").innerText();
}

test("the last 24 hours are 24 hours, and their first bar says that it is a part", async () => {
  await real.store(
    [-10, 10].map((minutes) => ({
      sessionId: "edge",
      eventType: "edge",
      ts: iso(Date.now() - 24 * 60 * MINUTE_MS + minutes * MINUTE_MS),
      payload: { path: "/edge" },
    })),
  );
  const page = await real.open("?range=24h&zone=UTC&f=is,event:name,edge");

  await untilCard(page, "Events", 1);
  const isWhole = new Date().getUTCMinutes() === 0;
  if (!isWhole) await page.getByText(/in bars of one hour, the first from \d\d:\d\d on/).waitFor();
});

test("the types list what the range before had and this one has not, and say what is new", async () => {
  const page = await real.open("");

  const gone = page.locator(".area-types .bar", { hasText: "newsletter" });
  await gone.waitFor();
  expect((await gone.innerText()).split(/\s+/)).toEqual([
    "newsletter",
    "0",
    "▼",
    "down",
    "100",
    "%",
  ]);
  const fresh = page.locator(".area-types .bar", { hasText: "click" });
  expect(await fresh.locator(".change").innerText()).toBe("new");
});

test("a type keeps the focus while figures come", async () => {
  const page = await real.open("");
  await shownEvents(page);
  const button = page.locator(".area-types").getByRole("button", { name: "page_view" });
  await button.focus();

  await real.store([{ sessionId: "focus", eventType: "page_view", payload: { path: "/focus" } }]);
  await page.locator(".tail").getByText("/focus").waitFor();

  expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
});

test("a click on a type filters everything, Esc clears it, and the browser's back brings it again", async () => {
  const page = await real.open("");
  await page.locator(".area-types").getByRole("button", { name: "click" }).click();

  await untilCard(page, "Events", 21);
  expect(new URL(page.url()).search).toBe("?f=is,event:name,click");
  await untilCard(page, "Sessions", 7);

  await page.keyboard.press("Escape");
  await page.getByText("event type is click").waitFor({ state: "detached" });
  expect(new URL(page.url()).search).toBe("");
  await page.goBack();
  await untilCard(page, "Events", 21);
});

test("dragging over the chart zooms to whole bars, and the figures are those of the range", async () => {
  const page = await real.open("");
  await shownEvents(page);
  const box = await page.locator(".u-over").boundingBox();
  if (box === null) throw new Error("The chart has no size");

  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.4, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.98, y, { steps: 5 });
  await page.mouse.up();

  await page.waitForURL(/range=.+\.\..+/);
  const [from, to] = (new URL(page.url()).searchParams.get("range") ?? "").split("..");
  const rows = await rowsByType(Date.parse(from ?? ""), Date.parse(to ?? ""));
  await untilCard(page, "Events", sumOf(rows));
  expect(Date.parse(from ?? "") % MINUTE_MS).toBe(0);
});

test("a click on a layer of a bar filters by its type", async () => {
  const page = await real.open("");
  await shownEvents(page);
  const box = await page.locator(".u-over").boundingBox();
  if (box === null) throw new Error("The chart has no size");
  const openMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  // A minute with page views alone: the bar is one layer.
  const index = 30 - (openMs - (nowMs - 2 * MINUTE_MS)) / MINUTE_MS;

  await page.mouse.click(box.x + ((index + 0.4) / 31) * box.width, box.y + box.height - 3);

  await page.getByText("event type is page_view").waitFor();
  expect(new URL(page.url()).search).toBe("?f=is,event:name,page_view");
});

test("the top values rank the pages of this hour by their sessions, as PostgreSQL does", async () => {
  // The first minutes of an hour have nothing else.
  await real.store([{ sessionId: "hour", eventType: "page_view", payload: { path: "/hour" } }]);
  const page = await real.open("?range=hour&zone=UTC");
  const panel = page.locator(".area-values");
  await panel.getByLabel("Ranked by").selectOption("Sessions");
  await page.waitForURL(/rank=sessions/);
  await panel.locator(".bar-count[title*=session]").first().waitFor();

  const rows = await real.system.sql<{ path: string; count: number }[]>`
    select payload ->> 'path' as path, count(distinct session_id)::int as count from web_events
    where ts >= date_trunc('hour', now()) group by 1 order by 2 desc`;
  const bars = await panel.locator(".bar").all();
  const shown = await Promise.all(
    bars.map(async (bar) => ({
      path: await bar.locator(".bar-name").innerText(),
      count: number(await bar.locator(".bar-count").innerText()),
    })),
  );
  expect(shown.map(({ count }) => count)).toEqual(rows.map(({ count }) => count).slice(0, 10));
  const ofPath = new Map(rows.map(({ path, count }) => [path, count]));
  expect(shown.filter(({ path, count }) => ofPath.get(path) !== count)).toEqual([]);
});

test("each figure says on hover what it is, and each time says UTC", async () => {
  const page = await real.open("?zone=Asia/Kathmandu");
  await shownEvents(page);
  await page.locator(".tail time").first().waitFor();
  const titles = (place: string) =>
    page.locator(place).evaluateAll((all) => all.map((each) => each.getAttribute("title") ?? ""));

  expect((await titles(".card-value")).filter((title) => title.length < 20)).toEqual([]);
  const counts = await titles(".area-types .bar:not(.bar-gone) .bar-count");
  expect(counts.filter((title) => !/^events: \d/.test(title))).toEqual([]);
  const times = [...(await titles("main time")), ...(await titles(".chart-table tbody th"))];
  expect(times.filter((title) => !title.endsWith(" UTC"))).toEqual([]);
  await page.locator(".chart-canvas").focus();
  await page.keyboard.press("Home");
  await page.locator(".chart-when[title$=UTC]").waitFor();
});

test("a hostile type, path and payload are shown as text", async () => {
  const page = await real.open(`?f=is,event:name,${encodeURIComponent(HOSTILE)}`);
  await untilCard(page, "Events", 4);

  await page.locator(".area-types").getByText(HOSTILE, { exact: true }).waitFor();
  await page.locator(".tail").getByText(HOSTILE, { exact: true }).first().waitFor();

  expect(await page.locator("main img").count()).toBe(0);
  expect(await page.title()).toBe("Overview – Tally");
  expect(real.complaints).toEqual([]);
});

test("the page says that the processor is away, and catches up without a reload", async () => {
  const page = await real.open("");
  const before = number(await shownEvents(page));
  const [processor] = real.system.processors;

  await processor.stop();
  await page.getByText("Current state unknown").waitFor({ timeout: 3000 + 1000 });
  await processor.start();
  await real.store([{ sessionId: "later", eventType: "click", payload: { path: "/later" } }]);

  await page.getByText("Live", { exact: true }).waitFor();
  await untilCard(page, "Events", before + 1);
});

test.each(
  (["light", "dark"] as const).flatMap((scheme) =>
    [
      "",
      "?view=explore&range=1h",
      "?view=explore&form=funnel&range=1h&step1=is,event:page,/pricing&step2=is,event:page,/",
    ].map((search) => [scheme, search] as const),
  ),
)("nothing is cut and axe finds nothing in %s at three widths: %s", async (scheme, search) => {
  const page = await real.open(search, { scheme });
  await page.locator(".bar, .funnel-step").nth(1).waitFor();

  for (const width of [375, 768, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    const isWide = await page.evaluate(
      () => document.documentElement.scrollWidth > window.innerWidth,
    );
    expect({ width, isWide }).toEqual({ width, isWide: false });
    expect(await findAccessibilityViolations(page)).toEqual([]);
  }
  expect(real.complaints).toEqual([]);
});
