/** The built page in a real browser, with a stream, a trace and an ingest that the test drives. */
import { expect, test } from "bun:test";
import { type EventTrace, eventually } from "@tally/shared";
import type { Page } from "playwright-core";
import { findAccessibilityViolations } from "./testing/accessibility.ts";
import { fakeFrame, fakeLine, fakePartition } from "./testing/fake_frame.ts";
import { seconds, useLivePages } from "./testing/live_page.ts";
import { shows, WAIT_MS_MAX } from "./testing/page_tests.ts";

const LONG = "x".repeat(64);

const { pages, openPage, sendUntilShown } = useLivePages();

/** What makes the page wider than its window: nothing, when it fits. */
const widest = (page: Page) =>
  page.evaluate(() => {
    if (document.documentElement.scrollWidth <= window.innerWidth) return [];
    const isWide = (each: Element) => each.getBoundingClientRect().right > window.innerWidth + 1;
    return [...document.querySelectorAll("body *")]
      .filter(isWide)
      .map((each) => `${each.tagName} ${each.getAttribute("class")}`);
  });

/** Presses Tab until the field with this label has the focus. */
async function tabTo(page: Page, label: string): Promise<void> {
  const field = page.getByLabel(label, { exact: true });
  await field.waitFor();
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    if (await field.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`Cannot reach the field "${label}" with Tab`);
}

test("the page changes its figures when frames come", async () => {
  const page = await openPage();
  await sendUntilShown(page, "Live", { from: 0 });
  await sendUntilShown(page, "Healthy", { from: 1000 });
  // 95 events in each of thirty minutes and the open one, wherever the fake time is by now.
  await shows(page, "2,945");
  const canvas = page.locator("canvas");
  const before = await canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());

  const deadLetters = { total: 17, byCode: { id_conflict: 17 }, open: 5, recent: 15 };
  pages.system.stream.send(fakeFrame({ ts: seconds(1700), deadLetters }));

  await shows(page, "5 open");
  await shows(page, "12 resolved or replaced; 15 new in half an hour");
  expect(pages.complaints).toEqual([]);
  expect(before.length).toBeGreaterThan(1000);
});

test("the page shows dashes and no zero when no frame has come", async () => {
  const page = await openPage();

  await shows(page, "Waiting for the first frame");

  const values = await page.locator(".card-value").allInnerTexts();
  expect(values).toHaveLength(5);
  expect(values.every((value) => value.startsWith("–"))).toBe(true);
  expect(pages.complaints).toEqual([]);
});

test("the page says how to begin when there is no event yet", async () => {
  const page = await openPage();

  pages.system.stream.send(fakeFrame({ receivedTotal: 0, writtenTotal: 0 }));

  await shows(page, "No events yet");
  expect(await page.locator("pre").innerText()).toContain(
    `curl -s ${pages.system.ingest.url}/events`,
  );
});

test("the page says stale and takes back its verdict when frames stop coming", async () => {
  const page = await openPage();
  await sendUntilShown(page, "Healthy", { from: 0 });

  await page.getByText(/^Stale since \d\d:\d\d:\d\d$/).waitFor();

  await shows(page, "Current state unknown");
  await shows(page, "46 ms");
  expect(await page.getByText("Healthy", { exact: true }).count()).toBe(0);
  await sendUntilShown(page, "Live", { from: 1000 });
  expect(pages.complaints).toEqual([]);
});

test("the page reconnects automatically when the server drops the stream", async () => {
  const page = await openPage();
  await sendUntilShown(page, "Live", { from: 0 });

  pages.system.stream.drop({ isRefusing: true });
  await page.getByText(/^Reconnecting, last frame/).waitFor();
  expect(await page.title()).toBe("Reconnecting – Overview – Tally");
  await shows(page, "Current state unknown");
  const refused = pages.system.stream.opened();
  expect(refused).toBeLessThan(5);
  pages.system.stream.drop({ isRefusing: false });

  await sendUntilShown(page, "Live", { from: 1000 });
  await sendUntilShown(page, "Healthy", { from: 2000 });
  expect(pages.system.stream.opened()).toBeGreaterThan(1);
  expect(pages.complaints).toEqual([]);
});

test("an empty system offers the form, which sends with the keyboard alone and then folds", async () => {
  const page = await openPage();
  await sendUntilShown(page, "No events yet", {
    from: 0,
    changes: { receivedTotal: 0, writtenTotal: 0 },
  });
  pages.system.ingest.answerWith(202, { eventId: "0199-abc", partition: 0, offset: "1" });

  await tabTo(page, "Event type");
  const outline = await page.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(
      document.activeElement ?? document.body,
    );
    return `${outlineStyle} ${outlineWidth}`;
  });
  await page.keyboard.press("Control+A");
  await page.keyboard.type("click");
  await page.keyboard.press("Enter");
  const accepted = page.getByText(/^Accepted: it is in the log/);
  await accepted.waitFor();
  await sendUntilShown(page, "Healthy", { from: 1000 });

  // Its sender sees the event to its end, and as long as the focus stays.
  expect(await page.getByText("No events yet").count()).toBe(0);
  await page.locator(".brand").click();
  expect(await accepted.isVisible()).toBe(true);
  pages.system.traceIs(archivedTrace("0199-abc"));
  await accepted.waitFor({ state: "hidden" });
  await shows(page, "Send a test event");
  expect(outline).toBe("solid 2px");
  expect(pages.system.ingest.received).toMatchObject([{ eventType: "click" }]);
  expect(pages.complaints).toEqual([]);
});

/** What is known of an event that has its archive line. */
function archivedTrace(eventId: string): EventTrace {
  const at = seconds(0);
  return {
    eventId,
    accepted: { at },
    log: { topic: "events", partition: 0, offset: "1" },
    row: { sessionId: "dashboard-1", eventType: "click", ts: at, payload: {} },
    archive: fakeLine({ state: "stored", key: "events/1.json", storedAt: at, line: 1, lines: 1 }),
    deadLetter: null,
  };
}

test("the form of an empty system folds when events come from elsewhere", async () => {
  const page = await openPage();
  await sendUntilShown(page, "No events yet", {
    from: 0,
    changes: { receivedTotal: 0, writtenTotal: 0 },
  });
  const form = page.getByLabel("Event type", { exact: true });
  await form.waitFor();

  await sendUntilShown(page, "Healthy", { from: 1000 });

  await form.waitFor({ state: "hidden" });
  expect(await page.getByText("No events yet").count()).toBe(0);
  await page.getByText("Send a test event").click();
  await form.waitFor();
});

test("the keys lead to every view, / to the id box, and ? lists them", async () => {
  const page = await openPage();
  await sendUntilShown(page, "Live", { from: 0 });

  for (const [key, title] of [
    ["x", "Explore"],
    ["e", "Events"],
    ["p", "Pipeline"],
    ["d", "Dead letters"],
    ["s", "Send"],
    ["o", "Overview"],
  ] as const) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await page.waitForFunction((wanted) => document.title.endsWith(wanted), `${title} – Tally`);
  }
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("Find an event by its id").waitFor();
  expect(await findAccessibilityViolations(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");

  await page.locator("input:focus").waitFor();
  expect(new URL(page.url()).searchParams.get("view")).toBe("events");
});

test("the theme follows the system until the viewer chooses one, and is kept", async () => {
  const page = await openPage({ scheme: "dark" });
  const isTheme = (wanted: string) =>
    page.waitForFunction((theme) => document.documentElement.dataset["theme"] === theme, wanted);
  await page.getByLabel(/^Theme: system/).waitFor();
  await isTheme("dark");
  await page.emulateMedia({ colorScheme: "light" });
  await isTheme("light");

  await page.getByLabel(/^Theme: system/).click();
  await isTheme("dark");
  await page.reload();
  await page.getByLabel(/^Theme: dark/).waitFor();
  await isTheme("dark");
});

test("a hidden page closes its stream, and is live again when it is shown", async () => {
  const page = await openPage();
  await sendUntilShown(page, "Live", { from: 0 });
  const show = (state: "hidden" | "visible") =>
    page.evaluate((value) => {
      Object.defineProperty(document, "visibilityState", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);

  await show("hidden");
  await expectEventually(() => pages.system.stream.open() === 0);
  await show("visible");

  await sendUntilShown(page, "Live", { from: 1000 });
  expect(pages.system.stream.opened()).toBe(2);
});

test("the page asks no question twice while nothing changes", async () => {
  const page = await openPage();
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/api/v2/query")) asked.push(request.postData() ?? "");
  });

  await sendUntilShown(page, "Live", { from: 0 });
  await page.locator(".area-types .bar").first().waitFor();
  for (let second = 1; second < 20; second += 1) {
    pages.system.stream.send(fakeFrame({ ts: seconds(second) }));
    await Bun.sleep(50);
  }

  expect(asked.length).toBeGreaterThan(4);
  expect(new Set(asked).size).toBe(asked.length);
});

/** Waits until something is so. */
async function expectEventually(isSo: () => boolean): Promise<void> {
  expect(await eventually(isSo, WAIT_MS_MAX)).toBe(true);
}

for (const scheme of ["light", "dark"] as const) {
  test(`the overview is readable and fits from 360 px on when the scheme is ${scheme}`, async () => {
    const page = await openPage({ scheme, width: 360 });
    const since = seconds(-100_000);
    const row = { sessionId: LONG, eventType: LONG, ts: seconds(0), receivedAt: seconds(0) };
    pages.system.eventsAre([{ ...row, eventId: LONG, payload: { [LONG]: LONG.repeat(4) } }]);
    const frame = fakeFrame({
      receivedTotal: 9_007_199_254_740_991,
      writtenTotal: 9_007_199_254_740_000,
      partitions: [fakePartition(0, { stopped: LONG, highWatermark: "9".repeat(19) })],
      deadLetters: { total: 9_007_199_254_740_991, byCode: { [LONG]: 2 } },
      dependencies: {
        kafka: { state: "down", since },
        postgres: { state: "off", since },
        s3: { state: "unknown", since },
      },
    });
    pages.system.stream.send(frame);
    await page.getByText("As a table").click();
    const time = page.locator(".tail-row time").first();
    await time.waitFor();

    for (const width of [360, 620, 800, 981, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      expect({ width, widest: await widest(page) }).toEqual({ width, widest: [] });
      // Of another day, so that its date is shown, too.
      const isCut = await time.evaluate((each) => each.scrollWidth > each.clientWidth);
      expect({ width, isCut }).toEqual({ width, isCut: false });
    }
    expect(await findAccessibilityViolations(page)).toEqual([]);
    await page.getByText(/^Stale since/).waitFor();
    expect(await findAccessibilityViolations(page)).toEqual([]);
    expect(pages.complaints).toEqual([]);
  });
}
