/** The views of the built page in a real browser, while the system goes away, fills and pauses. */
import { expect, test } from "bun:test";
import { findAccessibilityViolations } from "./testing/accessibility.ts";
import { fakeFrame } from "./testing/fake_frame.ts";
import { seconds, useLivePages } from "./testing/live_page.ts";
import { shows } from "./testing/page_tests.ts";

const { pages, openPage, sendUntilShown } = useLivePages();

test("a view that can't be loaded blocks no other, and appears when the processor is back", async () => {
  const page = await openPage();
  await sendUntilShown(page, "Live", { from: 0 });

  pages.system.goAway(true);
  await page.getByRole("link", { name: "Pipeline" }).click();
  await shows(page, "This view can't be loaded now");
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByText("Volume", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Pipeline" }).click();
  await shows(page, "This view can't be loaded now");
  pages.system.goAway(false);

  await sendUntilShown(page, "The way of an event", { from: 1000 });
  expect(new URL(page.url()).searchParams.get("view")).toBe("pipeline");
  expect(pages.complaints).toEqual([]);
});

/** A row of a type, received at this second. */
const rowOf = (eventType: string, second = 0) => ({
  eventId: `id-of-${eventType}`,
  sessionId: "s-1",
  eventType,
  ts: seconds(second),
  receivedAt: seconds(second),
  payload: {},
});

test("a page that opens paused counts the rows that come, and no row that it shows", async () => {
  pages.system.eventsAre([rowOf("old")]);
  const page = await openPage({ search: "?view=events&paused=yes" });
  await shows(page, "old");
  await sendUntilShown(page, "Live", { from: 0, changes: { writtenTotal: 100 } });
  await shows(page, "Paused: 0 rows came meanwhile.");

  // A frame that counts rows late changes nothing.
  pages.system.stream.send(fakeFrame({ ts: seconds(1000), writtenTotal: 101 }));
  pages.system.eventsAre([rowOf("newest", 3), rowOf("newer", 2), rowOf("old")]);
  pages.system.stream.send(fakeFrame({ ts: seconds(1001), writtenTotal: 107 }));

  await shows(page, "Paused: 2 rows came meanwhile.");
  expect(await page.locator(".events-table .cell-type").allInnerTexts()).toEqual(["old"]);
  expect(pages.complaints).toEqual([]);
});

test("paused rows stay when the stream was away, and give way when they go on", async () => {
  pages.system.eventsAre([rowOf("old")]);
  const page = await openPage({ search: "?view=events" });
  await sendUntilShown(page, "Live", { from: 0, changes: { writtenTotal: 100 } });
  await shows(page, "old");
  await page.getByRole("button", { name: "Pause" }).click();

  pages.system.eventsAre([rowOf("new", 1), rowOf("old")]);
  pages.system.stream.drop({ isRefusing: true });
  await page.getByText(/^Reconnecting, last frame/).waitFor();
  pages.system.stream.drop({ isRefusing: false });
  await sendUntilShown(page, "Live", { from: 1000, changes: { writtenTotal: 101 } });
  await shows(page, "Paused: 1 row came meanwhile.");

  expect(await page.locator(".events-table .cell-type").allInnerTexts()).toEqual(["old"]);
  await page.getByRole("button", { name: "Go on" }).click();
  await shows(page, "new");
  expect(pages.complaints).toEqual([]);
});

test("every time is of the chosen zone, with UTC on hover, and each view has the choice", async () => {
  const page = await openPage({ search: "?zone=Asia/Tokyo" });
  await sendUntilShown(page, "Live", { from: 0 });
  const since = page.locator(".dependency-since time").first();
  await since.getByText("2026-01-31 16:00:00").waitFor();
  expect(await since.getAttribute("title")).toBe("2026-01-31 07:00:00.000 UTC");

  const stale = page.locator(".connection time");
  await stale.waitFor();
  const hour = (await stale.getAttribute("datetime"))?.slice(11, 13);
  expect(await stale.innerText()).toStartWith(String((Number(hour) + 9) % 24).padStart(2, "0"));
  for (const name of ["Explore", "Events", "Pipeline", "Dead letters", "Send"]) {
    await page.getByRole("link", { name, exact: true }).click();
    await page.waitForFunction((title) => document.title.includes(title), name);
    expect(await page.getByLabel(/^Times are those of/).inputValue()).toBe("Asia/Tokyo");
  }
  await page.getByLabel(/^Times are those of/).selectOption("UTC");

  expect(new URL(page.url()).searchParams.get("zone")).toBe("UTC");
  expect(pages.complaints).toEqual([]);
});

test("Pipeline takes back what it said when frames stop coming, and says of when it is", async () => {
  const page = await openPage({ search: "?view=pipeline&zone=UTC" });
  await sendUntilShown(page, "Live", { from: 0 });
  await page
    .getByText(/^up for/)
    .first()
    .waitFor();

  await page.getByText(/^Stale since/).waitFor();

  await page.getByText("These are as of 2026-01-31 07:00:").waitFor();
  const states = await page.locator(".flow-state").allInnerTexts();
  expect(states.map((text) => text.split(/:\s*/).at(-1))).toEqual(Array(3).fill("not known"));
  expect(await page.getByText(/^Nothing waits/).count()).toBe(0);
  expect(await page.getByText(/^up for/).count()).toBe(0);
  expect(await findAccessibilityViolations(page)).toEqual([]);
  expect(pages.complaints).toEqual([]);
});

test("the figures of the overview lose their weight when they are old", async () => {
  const page = await openPage();
  await sendUntilShown(page, "Healthy", { from: 0 });
  const weight = () =>
    page
      .locator(".card-value")
      .first()
      .evaluate((each) => getComputedStyle(each).fontWeight);
  const before = await weight();

  await page.getByText(/^Stale since/).waitFor();

  expect([before, await weight()]).toEqual(["680", "450"]);
});

test("the wall says how old its figures are, has no control, and is never paused", async () => {
  const page = await openPage({ search: "?view=wall&paused=yes&zone=UTC&f=is,event:name,click" });
  await sendUntilShown(page, "Live", { from: 0, changes: { lag: null } });
  await shows(page, "Only events whose event type is click");
  await page.locator(".area-types .bar").first().waitFor();

  const canvas = await page.locator(".chart-canvas canvas").boundingBox();
  await page.mouse.click((canvas?.x ?? 0) + 700, (canvas?.y ?? 0) + 200);
  const controls = page.locator("main :is(button, a, select, input, summary, [tabindex='0'])");
  expect(await controls.count()).toBe(0);
  expect(new URL(page.url()).searchParams.getAll("f")).toEqual(["is,event:name,click"]);
  expect(await findAccessibilityViolations(page)).toEqual([]);

  pages.system.stream.drop({ isRefusing: true });
  await page.getByText(/^Reconnecting, last frame/).waitFor();
  await page.getByText(/^You see the last frame received, of \d\d:\d\d:\d\d\.$/).waitFor();
  expect(await controls.count()).toBe(0);
  expect(pages.complaints).toEqual([]);
});

test("in Events Esc ends the filter of a session, and / keeps what is shown", async () => {
  pages.system.eventsAre([rowOf("old")]);
  const page = await openPage({ search: "?view=events&session=s-1&columns=a" });
  await shows(page, "session is s-1");

  await page.keyboard.press("/");
  await page.locator("#event-id:focus").waitFor();
  expect(new URL(page.url()).search).toBe("?view=events&session=s-1&columns=a");
  await page.locator("h2#events-title").click();
  await page.keyboard.press("Escape");

  await page.getByText("session is s-1").waitFor({ state: "hidden" });
  expect(new URL(page.url()).search).toBe("?view=events&columns=a");
});

test("an empty value has a name, and the tail says that a filter hides the events", async () => {
  const page = await openPage({ search: "?f=is,event:props:plan,%22%22&f=is,event:name," });
  await sendUntilShown(page, "Live", { from: 0 });

  await page.getByText("event type is (empty)").first().waitFor();
  await shows(page, "No event passes these filters.");
});

test("a tab that opens hidden has no stream until it is shown", async () => {
  const tab = await pages.browser.newPage();
  await tab.addInitScript(() =>
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true }),
  );
  const page = await pages.open(Promise.resolve(tab));
  await shows(page, "Waiting for the first frame");
  await Bun.sleep(200);
  expect(pages.system.stream.opened()).toBe(0);

  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "visible", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });

  await sendUntilShown(page, "Live", { from: 0 });
  expect(pages.system.stream.opened()).toBe(1);
});

test("Pipeline says which offsets have no term in its ledger, and draws its backlog with units", async () => {
  const page = await openPage({ search: "?view=pipeline&zone=UTC" });
  await sendUntilShown(page, "Live", { from: 0 });
  const span = page.locator(".ledger div").first();
  await span.getByText("✓ adds up").waitFor();
  expect(await span.innerText()).toContain("22 gaps + 0 lost");

  const changes = { gaps: { skipped: 20, lost: 0 } };
  await sendUntilShown(page, "✗ does not add up, 2 offsets without a term: run bun run audit", {
    from: 20,
    changes,
  });

  const ticks = await page.locator(".backlog .line-ticks").allInnerTexts();
  expect(ticks.map((text) => text.split("\n"))).toEqual([
    ["2,000", "1,000", "0"],
    ["10 s", "5 s", "0 s"],
  ]);
  expect(await page.locator(".line-times span").first().innerText()).toContain(":");
  expect(await findAccessibilityViolations(page)).toEqual([]);
  expect(pages.complaints).toEqual([]);
});

test("Pipeline keeps the last outage of a dependency, and Overview says why one is down", async () => {
  const { dependencies } = fakeFrame();
  const message = 'Cannot reach bucket "events": no answer <b>';
  const error = { code: "archive_unavailable", message };
  const lastError = { ...error, at: seconds(20) };
  const down = { state: "down", since: seconds(10), lastError } as const;
  const lastOutage = { from: seconds(10), to: seconds(130), ...error };
  const up = { state: "up", since: seconds(130), lastError, lastOutage } as const;
  const page = await openPage({ search: "?zone=UTC" });
  await sendUntilShown(page, "S3 is down", {
    from: 20,
    changes: { dependencies: { ...dependencies, s3: down } },
  });
  await page.getByText(`07:00:10 (${message}): rows are still written`).waitFor();

  await page.getByRole("link", { name: "Pipeline" }).click();
  await page.getByText(`Cause: ${message} (archive_unavailable)`).waitFor();
  for (const at of [130, 131]) {
    const changes = { dependencies: { ...dependencies, s3: up } };
    pages.system.stream.send(fakeFrame({ ts: seconds(at), ...changes }));
  }
  const item = page.locator(".dependency-item").filter({ hasText: "S3" });
  await item.getByText(/^Was down/).waitFor();

  expect(await item.locator(".last-outage").innerText()).toMatch(
    /^Was down .*07:00:10 to .*07:02:10: Cannot reach bucket "events": no answer <b>$/,
  );
  expect(pages.complaints).toEqual([]);
});
