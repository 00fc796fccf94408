/** The built page in a real browser, with a stream, a trace and an ingest that the test drives. */
import { beforeEach, expect, test } from "bun:test";
import type { EventTrace, MetricsFrame } from "@tally/shared";
import type { Page } from "playwright-core";
import { findAccessibilityViolations } from "./testing/accessibility.ts";
import { findBrokenNumbers } from "./testing/broken_number.ts";
import { fakeFrame, FAKE_START_MS, fakePartition } from "./testing/fake_frame.ts";
import { shows, usePageTests, WAIT_MS_MAX } from "./testing/page_tests.ts";

const LONG = "x".repeat(64);

const pages = usePageTests();
beforeEach(() => pages.start());

function openPage(options: { width?: number; scheme?: "light" | "dark" } = {}): Promise<Page> {
  const tab = pages.browser.newPage({
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: options.scheme ?? "light",
    reducedMotion: "reduce",
  });
  // The browser itself reports every 4xx and 5xx; those are what some tests are about.
  return pages.open(tab, (line) => line.startsWith("Failed to load resource"));
}

const seconds = (count: number): string => new Date(FAKE_START_MS + count * 1000).toISOString();
const fits = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);

/** Sends frames, a second of the fake time apart, until the text is there: one frame goes stale. */
async function sendUntilShown(
  page: Page,
  text: string,
  options: { from: number; changes?: Partial<MetricsFrame> },
): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS_MAX;
  const wanted = page.getByText(text, { exact: true }).first();
  for (let at = options.from; !(await wanted.isVisible()); at += 1) {
    if (performance.now() > deadlineMs) throw new Error(`The page never showed "${text}"`);
    pages.system.stream.send(fakeFrame({ ts: seconds(at), ...options.changes }));
    await Bun.sleep(100);
  }
}

test("the page changes its figures when frames come", async () => {
  const page = await openPage();
  await sendUntilShown(page, "Live", { from: 0 });
  await sendUntilShown(page, "Healthy", { from: 1000 });
  await shows(page, "128,450");
  const canvas = page.locator("canvas");
  const before = await canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());

  pages.system.stream.send(
    fakeFrame({ ts: seconds(2000), receivedTotal: 128_999, writtenTotal: 128_956, lag: 77 }),
  );

  await shows(page, "128,999");
  await shows(page, "77");
  await shows(page, "adds up");
  const after = await canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
  expect(after).not.toBe(before);
  expect(pages.complaints).toEqual([]);
});

test("the page shows dashes and no zero when no frame has come", async () => {
  const page = await openPage();

  await shows(page, "Waiting for the first frame");

  const values = await page.locator(".figure-value").allInnerTexts();
  expect(values.length).toBeGreaterThan(10);
  expect(values.every((value) => value.startsWith("–"))).toBe(true);
  expect(pages.complaints).toEqual([]);
});

test("the page shows dashes with a reason when values are unknown", async () => {
  const page = await openPage();
  const partitions = [fakePartition(0, { highWatermark: null, lag: null, archiveLag: null })];

  const changes = { lag: null, completeUpTo: null, partitions };

  await sendUntilShown(page, "The lag is not known", { from: 0, changes });

  await shows(page, "Not measurable for at least one partition");
  await shows(page, "Not known for at least one partition");
  expect(await page.locator(".partitions tbody td").first().innerText()).toStartWith("–");
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
  await shows(page, "128,450");
  expect(await page.getByText("Healthy", { exact: true }).count()).toBe(0);
  await sendUntilShown(page, "Live", { from: 1000 });
  expect(pages.complaints).toEqual([]);
});

test("the page reconnects automatically when the server drops the stream", async () => {
  const page = await openPage();
  await sendUntilShown(page, "Live", { from: 0 });

  pages.system.stream.drop({ isRefusing: true });
  await page.getByText(/^Reconnecting, last frame/).waitFor();
  await shows(page, "Current state unknown");
  const refused = pages.system.stream.opened();
  expect(refused).toBeLessThan(5);
  pages.system.stream.drop({ isRefusing: false });

  await sendUntilShown(page, "Live", { from: 1000 });
  await sendUntilShown(page, "Healthy", { from: 2000 });
  expect(pages.system.stream.opened()).toBeGreaterThan(1);
  expect(pages.complaints).toEqual([]);
});

test("the form follows the event to the archive when ingest accepts it", async () => {
  const page = await openPage();
  pages.system.stream.send(fakeFrame());
  pages.system.ingest.answerWith(202, { eventId: "0199-abc", partition: 3, offset: "21413" });
  const at = new Date().toISOString();
  const trace: EventTrace = {
    eventId: "0199-abc",
    accepted: { at },
    log: { topic: "events", partition: 3, offset: "21413" },
    row: { sessionId: "dashboard-1", eventType: "page_view", ts: at, payload: {} },
    archive: { state: "waiting", key: null, storedAt: null },
  };

  await page.getByRole("button", { name: "Send event" }).click();
  await shows(page, "Partition 3, offset 21,413");
  await shows(page, "Waiting for the row.");
  pages.system.traceIs(trace);
  await page.getByText(/^Row seen .+ after the answer; received at/).waitFor();
  await page.getByText(/^Waits until its object closes/).waitFor();
  const storedAt = new Date(Date.parse(at) + 41_000).toISOString();
  pages.system.traceIs({
    ...trace,
    archive: { state: "stored", key: "events/the-key.json", storedAt },
  });
  await page
    .getByText(/^Its line is in the bucket since .+, 41 s after it was received\.$/)
    .waitFor();

  await shows(page, "events/the-key.json");
  expect(await page.locator('.step[data-state="done"]').count()).toBe(3);
  expect(pages.system.ingest.received).toEqual([
    { sessionId: "dashboard-1", eventType: "page_view", payload: '{"path":"/home"}' },
  ]);
  expect(pages.complaints).toEqual([]);
});

test("the form shows ingest's reason and marks the field when the event is rejected", async () => {
  const page = await openPage();
  const title = "The payload is a string that is not JSON";
  const problem = { title, status: 422, code: "payload_not_json", pointer: "/payload" };
  pages.system.ingest.answerWith(422, { ...problem, requestId: "r-17" });

  await page.getByLabel("Payload, JSON").fill("{oops");
  await page.getByRole("button", { name: "Send event" }).click();

  const alert = page.getByRole("alert");
  await alert.waitFor();
  const text = await alert.innerText();
  for (const part of ["Rejected", title, "payload_not_json", "/payload", "422", "r-17"]) {
    expect(text).toContain(part);
  }
  expect(await page.getByLabel("Payload, JSON").getAttribute("aria-invalid")).toBe("true");
  expect(await page.getByLabel("Session").getAttribute("aria-invalid")).toBe("false");
  expect(await page.locator(".step").count()).toBe(0);
  expect(pages.complaints).toEqual([]);
});

test("the form reports that ingest did not answer when ingest refuses the page's origin", async () => {
  const page = await openPage();
  pages.system.ingest.refuseOrigins();

  await page.getByRole("button", { name: "Send event" }).click();

  expect(await page.getByRole("alert").innerText()).toContain("does not allow this page's origin");
});

test("the form sends with the keyboard alone", async () => {
  const page = await openPage();
  pages.system.ingest.answerWith(202, { eventId: "0199-abc", partition: 0, offset: "1" });

  // Before the first frame the form's fields are the first things that take the focus.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type("click");
  const outline = await page.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(
      document.activeElement ?? document.body,
    );
    return `${outlineStyle} ${outlineWidth}`;
  });
  await page.keyboard.press("Enter");

  await shows(page, "Partition 0, offset 1");
  expect(outline).toBe("solid 2px");
  expect(pages.system.ingest.received).toMatchObject([{ eventType: "click" }]);
});

for (const scheme of ["light", "dark"] as const) {
  test(`the page is readable and fits from 360 px on when the scheme is ${scheme}`, async () => {
    const page = await openPage({ scheme, width: 360 });
    pages.system.ingest.answerWith(503, {
      title: "Kafka can't store the events now",
      code: LONG,
      pointer: LONG,
    });
    const since = seconds(-100_000);
    pages.system.stream.send(
      fakeFrame({
        receivedTotal: 9_007_199_254_740_991,
        writtenTotal: 9_007_199_254_740_000,
        partitions: [fakePartition(0, { stopped: LONG, highWatermark: "9".repeat(19) })],
        eventTypes: [{ eventType: LONG, events: 9_007_199_254_740_991 }],
        deadLetters: { total: 2, byCode: { [LONG]: 2 } },
        archive: { ...fakeFrame().archive, lastKey: LONG.repeat(4) },
        dependencies: {
          kafka: { state: "down", since },
          postgres: { state: "off", since },
          s3: { state: "unknown", since },
        },
      }),
    );
    await page.getByText("The newest points as a table").click();
    await page.getByRole("button", { name: "Send event" }).click();
    await page.getByRole("alert").waitFor();

    for (const width of [360, 620, 800, 981, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      expect({ width, fits: await fits(page) }).toEqual({ width, fits: true });
      expect(await page.evaluate(findBrokenNumbers)).toEqual([]);
    }
    expect(await findAccessibilityViolations(page)).toEqual([]);
    await page.getByText(/^Stale since/).waitFor();
    expect(await findAccessibilityViolations(page)).toEqual([]);
    expect(pages.complaints).toEqual([]);
  });
}
