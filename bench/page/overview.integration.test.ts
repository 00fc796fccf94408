/** The overview and the explore view on a real system: what they show is what PostgreSQL holds. */
import { beforeAll, expect, test } from "bun:test";
import { findAccessibilityViolations } from "@tally/dashboard/testing/accessibility";

import { type Page, useRealPage } from "./testing/page_system.ts";

const MINUTE_MS = 60_000;
const HOSTILE = `<img src=x onerror="document.title='broken'">`;

const real = useRealPage();
/** Start of the minute in which the events were sent. */
let nowMs: number;

const iso = (ms: number): string => new Date(ms).toISOString();

/** Events of the last 20 minutes and of the day before, by type and path. */
function events(): object[] {
  const all: object[] = [];
  const add = (count: number, eventType: string, options: { backMs: number; path: string }) => {
    for (let index = 0; index < count; index += 1) {
      const ts = iso(nowMs - options.backMs - (index % 9) * MINUTE_MS);
      const payload = { path: options.path, price: index };
      all.push({ sessionId: `s-${eventType}-${index % 7}`, eventType, ts, payload });
    }
  };
  add(60, "page_view", { backMs: 2 * MINUTE_MS, path: "/" });
  add(30, "page_view", { backMs: 3 * MINUTE_MS, path: "/pricing" });
  add(21, "click", { backMs: 5 * MINUTE_MS, path: "/" });
  add(4, HOSTILE, { backMs: 4 * MINUTE_MS, path: HOSTILE });
  add(10, "page_view", { backMs: 40 * MINUTE_MS, path: "/docs" });
  return all;
}

beforeAll(async () => {
  nowMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  await real.store(events());
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
  const bars = await page.locator(".area-types .bar").all();
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
  const rows = await rowsByType(openMs - 29 * MINUTE_MS);
  await untilCard(page, "Events", sumOf(rows));

  await page.locator(".area-types .bar").nth(2).waitFor();
  expect(await listedTypes(page)).toEqual(rows);
  const [{ count }] = await real.system.sql`
    select count(distinct session_id)::int as count from web_events
    where ts >= ${iso(openMs - 29 * MINUTE_MS)}`;
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
  const index = 29 - (openMs - (nowMs - 2 * MINUTE_MS)) / MINUTE_MS;

  await page.mouse.click(box.x + ((index + 0.4) / 30) * box.width, box.y + box.height - 3);

  await page.getByText("event type is page_view").waitFor();
  expect(new URL(page.url()).search).toBe("?f=is,event:name,page_view");
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

test("explore answers which page has the most sessions, as PostgreSQL does", async () => {
  const page = await real.open("?view=explore&range=1h&metric=sessions&by=event:page");
  await page.locator(".answer tbody tr").first().waitFor();

  const rows = await real.system.sql`
    select payload ->> 'path' as path, count(distinct session_id)::int as count from web_events
    where ts >= now() - interval '1 hour' group by 1 order by 2 desc, 1 limit 1`;
  const first = page.locator(".answer tbody tr").first();
  expect(await first.locator("th").innerText()).toBe(rows[0].path);
  expect(number(await first.locator("td").first().innerText())).toBe(rows[0].count);
  await page.getByText("Exact: every event is counted, none is sampled.").waitFor();
  await page.getByText(/^Complete up to \d\d:\d\d:\d\d/).waitFor();
  expect(await findAccessibilityViolations(page)).toEqual([]);
  expect(real.complaints).toEqual([]);
});

test("explore asks with the keyboard alone, and a row leads to its events", async () => {
  const page = await real.open("");
  await shownEvents(page);

  await page.keyboard.press("g");
  await page.keyboard.press("x");
  await page.getByLabel("By", { exact: true }).focus();
  await page.keyboard.type("path");
  await page.locator(".answer tbody tr").first().waitFor();
  await page.waitForURL(/by=event:page/);
  await page.getByRole("link", { name: "Events of /pricing" }).focus();
  await page.keyboard.press("Enter");

  await page.waitForURL(/view=events/);
  expect(new URL(page.url()).searchParams.getAll("f")).toEqual(["is,event:page,/pricing"]);
});

test("a funnel shows how many sessions came how far", async () => {
  const steps = "step1=is,event:page,/pricing&step2=is,event:page,/";
  const page = await real.open(`?view=explore&form=funnel&range=1h&window=30m&${steps}`);

  const figures = page.locator(".funnel-figures");
  await figures.first().waitFor();

  // Every session sees "/pricing" and, in a later minute, "/".
  expect(await figures.allInnerTexts()).toEqual([
    expect.stringMatching(/^7 100 % of the first/),
    expect.stringMatching(/^7 100 % of the first, 100 % of the step before, half of them within/),
  ]);
  expect(await findAccessibilityViolations(page)).toEqual([]);
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

test("a question can be taken along as a command and as CSV, and both give what the page shows", async () => {
  const page = await real.open("?view=explore&range=1h&by=event:page&f=is,event:name,click");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.locator(".answer tbody tr").first().waitFor();
  const copied = () => page.evaluate(() => navigator.clipboard.readText());

  await page.getByRole("button", { name: "Copy as curl" }).click();
  await page.getByText("Copied the question as a command.").waitFor();
  const command = await copied();
  await page.getByRole("button", { name: "Copy as CSV" }).click();
  await page.getByText("Copied the rows as CSV.").waitFor();

  const shell = Bun.spawn(["sh", "-c", command]);
  const answer = await new Response(shell.stdout).json();
  expect(answer.results[0]).toMatchObject({ dimensions: ["/"], metrics: [21] });
  expect(await copied()).toContain("/,21");
  expect(await page.locator(".answer tbody tr").first().innerText()).toContain("21");
});

test("the rows can be ordered by their growth", async () => {
  const page = await real.open("?view=explore&range=30m");
  await page.locator(".answer tbody tr").nth(1).waitFor();

  await page.locator(".answer").getByRole("button", { name: "Change" }).click();

  await page.waitForURL(/sort=change/);
  // Only page views were there before: all other types are new, and come first.
  await page.locator(".answer tbody tr").last().getByText("page_view").waitFor();
});
