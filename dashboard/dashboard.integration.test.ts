/** The built page in a real browser, with a stream, a trace and an ingest that the test drives. */
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { rm } from "node:fs/promises";
import type { EventTrace, MetricsFrame } from "@tally/shared";
import type { Browser, Page } from "playwright-core";
import { findAccessibilityViolations } from "./testing/accessibility.ts";
import { launchBrowser } from "./testing/browser.ts";
import { findBrokenNumbers } from "./testing/broken_number.ts";
import { buildPage } from "./testing/built_page.ts";
import { fakeFrame, FAKE_START_MS, fakePartition } from "./testing/fake_frame.ts";
import { type FakeSystem, startFakeSystem } from "./testing/fake_system.ts";

const WAIT_MS_MAX = 20_000;
const LONG = "x".repeat(64);

// The browser is unpacked on a machine's first run, and a busy machine is slow.
setDefaultTimeout(60_000);

let dist: string;
let browser: Browser;
let system: FakeSystem;
let complaints: string[];

beforeAll(async () => {
  dist = await buildPage();
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await rm(dist, { recursive: true, force: true });
});

beforeEach(() => {
  system = startFakeSystem(dist);
  complaints = [];
});

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await system.stop();
});

async function openPage(options: { width?: number; scheme?: "light" | "dark" } = {}) {
  const page = await browser.newPage({
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: options.scheme ?? "light",
    reducedMotion: "reduce",
  });
  page.setDefaultTimeout(WAIT_MS_MAX);
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (line) => {
    // The browser itself reports every 4xx and 5xx; those are what some tests are about.
    if (line.text().startsWith("Failed to load resource")) return;
    if (line.type() === "error" || line.type() === "warning") complaints.push(line.text());
  });
  await page.goto(system.url);
  return page;
}

const seconds = (count: number): string => new Date(FAKE_START_MS + count * 1000).toISOString();
const shows = (page: Page, text: string) => page.getByText(text, { exact: true }).first().waitFor();
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
    system.stream.send(fakeFrame({ ts: seconds(at), ...options.changes }));
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

  system.stream.send(
    fakeFrame({ ts: seconds(2000), receivedTotal: 128_999, writtenTotal: 128_956, lag: 77 }),
  );

  await shows(page, "128,999");
  await shows(page, "77");
  await shows(page, "adds up");
  const after = await canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
  expect(after).not.toBe(before);
  expect(complaints).toEqual([]);
});

test("the page shows dashes and no zero when no frame has come", async () => {
  const page = await openPage();

  await shows(page, "Waiting for the first frame");

  const values = await page.locator(".figure-value").allInnerTexts();
  expect(values.length).toBeGreaterThan(10);
  expect(values.every((value) => value.startsWith("–"))).toBe(true);
  expect(complaints).toEqual([]);
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

  system.stream.send(fakeFrame({ receivedTotal: 0, writtenTotal: 0 }));

  await shows(page, "No events yet");
  expect(await page.locator("pre").innerText()).toContain(`curl -s ${system.ingest.url}/events`);
});

test("the page says stale and takes back its verdict when frames stop coming", async () => {
  const page = await openPage();
  await sendUntilShown(page, "Healthy", { from: 0 });

  await page.getByText(/^Stale since \d\d:\d\d:\d\d$/).waitFor();

  await shows(page, "Current state unknown");
  await shows(page, "128,450");
  expect(await page.getByText("Healthy", { exact: true }).count()).toBe(0);
  await sendUntilShown(page, "Live", { from: 1000 });
  expect(complaints).toEqual([]);
});

test("the page reconnects automatically when the server drops the stream", async () => {
  const page = await openPage();
  await sendUntilShown(page, "Live", { from: 0 });

  system.stream.drop({ isRefusing: true });
  await page.getByText(/^Reconnecting, last frame/).waitFor();
  await shows(page, "Current state unknown");
  const refused = system.stream.opened();
  expect(refused).toBeLessThan(5);
  system.stream.drop({ isRefusing: false });

  await sendUntilShown(page, "Live", { from: 1000 });
  await sendUntilShown(page, "Healthy", { from: 2000 });
  expect(system.stream.opened()).toBeGreaterThan(1);
  expect(complaints).toEqual([]);
});

test("the form follows the event to the archive when ingest accepts it", async () => {
  const page = await openPage();
  system.stream.send(fakeFrame());
  system.ingest.answerWith(202, { eventId: "0199-abc", partition: 3, offset: "21413" });
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
  system.traceIs(trace);
  await page.getByText(/^Row seen .+ after the answer; received at/).waitFor();
  await page.getByText(/^Waits until its object closes/).waitFor();
  const storedAt = new Date(Date.parse(at) + 41_000).toISOString();
  system.traceIs({ ...trace, archive: { state: "stored", key: "events/the-key.json", storedAt } });
  await page
    .getByText(/^Its line is in the bucket since .+, 41 s after it was received\.$/)
    .waitFor();

  await shows(page, "events/the-key.json");
  expect(await page.locator('.step[data-state="done"]').count()).toBe(3);
  expect(system.ingest.received).toEqual([
    { sessionId: "dashboard-1", eventType: "page_view", payload: '{"path":"/home"}' },
  ]);
  expect(complaints).toEqual([]);
});

test("the form shows ingest's reason and marks the field when the event is rejected", async () => {
  const page = await openPage();
  const title = "The payload is a string that is not JSON";
  const problem = { title, status: 422, code: "payload_not_json", pointer: "/payload" };
  system.ingest.answerWith(422, { ...problem, requestId: "r-17" });

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
  expect(complaints).toEqual([]);
});

test("the form reports that ingest did not answer when ingest refuses the page's origin", async () => {
  const page = await openPage();
  system.ingest.refuseOrigins();

  await page.getByRole("button", { name: "Send event" }).click();

  expect(await page.getByRole("alert").innerText()).toContain("does not allow this page's origin");
});

test("the form sends with the keyboard alone", async () => {
  const page = await openPage();
  system.ingest.answerWith(202, { eventId: "0199-abc", partition: 0, offset: "1" });

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
  expect(system.ingest.received).toMatchObject([{ eventType: "click" }]);
});

for (const scheme of ["light", "dark"] as const) {
  test(`the page is readable and fits from 360 px on when the scheme is ${scheme}`, async () => {
    const page = await openPage({ scheme, width: 360 });
    system.ingest.answerWith(503, {
      title: "Kafka can't store the events now",
      code: LONG,
      pointer: LONG,
    });
    const since = seconds(-100_000);
    system.stream.send(
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
    expect(complaints).toEqual([]);
  });
}
