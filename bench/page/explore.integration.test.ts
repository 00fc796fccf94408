/** The explore view on a real system: what it answers is what PostgreSQL holds. */
import { beforeAll, expect, test } from "bun:test";
import { findAccessibilityViolations } from "@tally/dashboard/testing/accessibility";

import { useRealPage } from "./testing/page_system.ts";
import { sampleEvents } from "./testing/sample_events.ts";

const MINUTE_MS = 60_000;
const real = useRealPage();

beforeAll(async () => {
  await real.store(sampleEvents(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS));
}, 60_000);

const number = (text: string): number => Number(text.replaceAll(",", ""));

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
  await page.locator(".area-types .bar").first().waitFor();

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
    expect.stringMatching(/^7 sessions, 100 % of the first/),
    expect.stringMatching(
      /^7 sessions, 100 % of the first, 100 % of the step before, half of them within/,
    ),
  ]);
  expect(await findAccessibilityViolations(page)).toEqual([]);
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
  // Page views were there before, too: all other types are new, and come first.
  await page.locator(".answer tbody tr").last().getByText("newsletter").waitFor();
});

test("a type that fell to 0 has a row, which leads to the events that it had", async () => {
  const page = await real.open("?view=explore&range=30m");

  const row = page.locator(".answer tbody tr", { hasText: "newsletter" });
  await row.waitFor();
  const cells = (await row.locator("td").allInnerTexts()).map((text) =>
    text.split(/\s+/).join(" "),
  );
  expect(cells.map((text) => text.trim())).toEqual(["0", "6", "▼ down 100 %", "Events"]);
  await row.getByRole("link").click();

  await page.locator(".events-table tbody tr").first().waitFor();
  expect(await page.locator(".events-table tbody tr").count()).toBe(6);
});

test("sessions by page are a line each, whose colour is the same in list and table, also filtered", async () => {
  const page = await real.open("?view=explore&range=1h&metric=sessions&by=event:page");
  const list = page.locator(".answer-chart .bar");
  await list.nth(2).waitFor();
  await page.locator("[aria-roledescription='line chart']").waitFor();
  const colour = (place: string) =>
    page.locator(place, { hasText: "/pricing" }).locator(".swatch-box").getAttribute("data-series");

  const bar = list.filter({ hasText: "/pricing" });
  const row = page.locator(".answer tbody tr", { hasText: "/pricing" });
  // The sessions of the whole hour, not the sum of those of each minute.
  expect(await bar.locator(".bar-count").innerText()).toBe("7");
  expect(await row.locator("td").first().innerText()).toBe("7");
  const before = await colour(".answer-chart .bar");
  expect(await colour(".answer tbody tr")).toBe(before);

  await bar.getByRole("button").click();
  await page.locator(".answer tbody tr").nth(1).waitFor({ state: "detached" });
  await list.nth(1).waitFor({ state: "detached" });
  expect(await colour(".answer-chart .bar")).toBe(before);
  expect(await colour(".answer tbody tr")).toBe(before);
});

test("the shares in the list are those of the table", async () => {
  const page = await real.open("?view=explore&range=1h&metric=percentage");
  await page.locator(".answer-chart .bar").nth(2).waitFor();

  const listed = await page.locator(".answer-chart .bar-count").allInnerTexts();
  const rows = await page.locator(".answer tbody tr td:nth-child(2)").allInnerTexts();

  expect(listed.length).toBeGreaterThan(2);
  expect(listed).toEqual(rows.slice(0, listed.length));
});
