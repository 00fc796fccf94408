/** What the built page asks in a real browser, and what it shows when there is no answer. */
import { eventually } from "@tally/shared";
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { fakeFrame } from "./testing/fake_frame.ts";
import { seconds, useLivePages } from "./testing/live_page.ts";
import { shows, WAIT_MS_MAX } from "./testing/page_tests.ts";

const { pages, openPage, sendUntilShown } = useLivePages();

interface Asked {
  readonly date_range: unknown;
  readonly include?: { readonly comparisons?: object };
}

/** The questions that a page has asked so far. */
function questionsOf(page: Page): Asked[] {
  const asked: Asked[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/api/v2/query")) asked.push(request.postDataJSON() as Asked);
  });
  return asked;
}

test("an overview that opens paused shows the moment at which it was opened", async () => {
  const page = await openPage({ search: "?paused=yes" });

  await sendUntilShown(page, "Live", { from: 0 });

  await page.locator(".area-types .bar").first().waitFor();
  expect(pages.complaints).toEqual([]);
});

test("today is compared with the same hours of yesterday, in Overview and in Explore", async () => {
  for (const search of ["?range=day", "?view=explore&range=day"]) {
    const page = await openPage({ search });
    const asked = questionsOf(page);
    await sendUntilShown(page, "Live", { from: 0 });
    await page.locator(":is(.area-types .bar, .answer tbody tr)").first().waitFor();

    const compared = asked.filter(({ include }) => include?.comparisons !== undefined);
    expect(compared.length).toBeGreaterThan(0);
    expect(compared.map(({ date_range }) => date_range)).toEqual(compared.map(() => "day"));
  }
});

test("no old figures stand under a new range that is not answered, until it is", async () => {
  const page = await openPage();
  await sendUntilShown(page, "Live", { from: 0 });
  await page.locator(".area-types .bar").first().waitFor();
  const away = { code: "database_unavailable", title: "PostgreSQL is away" };
  await page.route("**/api/v2/query", (route) => route.fulfill({ status: 503, json: away }));

  await page.locator(".controls select").first().selectOption("28d");
  await shows(page, "PostgreSQL is away.");
  expect(await page.locator(".area-types .bar").count()).toBe(0);
  await page.unroute("**/api/v2/query");
  await sendUntilShown(page, "page_view", { from: 100 });

  let at = 200;
  const isAnswered = async () => {
    // A frame asks again what was refused until now.
    pages.system.stream.send(fakeFrame({ ts: seconds((at += 1)) }));
    return (await page.getByText("PostgreSQL is away.").count()) === 0;
  };
  expect(await eventually(isAnswered, WAIT_MS_MAX)).toBe(true);
});

test("a range that lies still is asked about once more when it has ended", async () => {
  const range = `${seconds(-1800)}..${seconds(300)}`;
  const page = await openPage({ search: `?range=${range}` });
  const asked = questionsOf(page);
  await sendUntilShown(page, "Live", { from: 0 });
  await page.locator(".area-types .bar").first().waitFor();
  const hasRepeat = () => new Set(asked.map((each) => JSON.stringify(each))).size < asked.length;
  expect(hasRepeat()).toBe(false);

  pages.system.stream.send(fakeFrame({ ts: seconds(600) }));

  expect(await eventually(hasRepeat, WAIT_MS_MAX)).toBe(true);
});

test("Explore shows the rows of the last question while the next one is asked", async () => {
  const page = await openPage({ search: "?view=explore&range=1h" });
  await sendUntilShown(page, "Live", { from: 0 });
  await page.locator(".answer th", { hasText: "page_view" }).waitFor();

  await page.getByLabel("By", { exact: true }).selectOption("time");
  await page.locator(".answer thead th", { hasText: "Time" }).waitFor();
  await page.getByLabel("By", { exact: true }).selectOption("event:name");

  await page.locator(".answer th", { hasText: "page_view" }).waitFor();
  expect(pages.complaints).toEqual([]);
});

test("a property that no new event has can be typed, in Explore and in Overview", async () => {
  for (const search of ["?view=explore", ""]) {
    const page = await openPage({ search });
    await sendUntilShown(page, "Live", { from: 0 });
    await page.locator("select[aria-label=by i]").selectOption("other");
    const field = page.getByLabel("by: path of a property");

    await field.fill("cart.total");
    await field.press("Enter");

    await page.waitForURL(/by=event:props:cart\.total/);
    const chosen = page.locator("select option:checked", { hasText: "cart.total" });
    await chosen.waitFor({ state: "attached" });
  }
  expect(pages.complaints).toEqual([]);
});

test("the top values are those of the path, whatever the newest events have", async () => {
  pages.system.eventsAre([
    {
      eventId: "e1",
      eventType: "identify",
      sessionId: "a",
      ts: seconds(0),
      receivedAt: seconds(0),
      payload: { segment: { type: "identify" } },
    },
  ]);
  const page = await openPage();

  await sendUntilShown(page, "Live", { from: 0 });
  await page.locator(".area-values .bar").first().waitFor();
  await page.locator(".area-tail", { hasText: "segment" }).waitFor();

  const chosen = page.locator(".area-values select[aria-label=by] option:checked");
  expect(await chosen.innerText()).toBe("path");
});
