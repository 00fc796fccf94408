/** The built page where people put it: below a path, at an IPv6 address, in many tabs. */
import { afterEach, expect, test } from "bun:test";
import type { BrowserContext, Page } from "playwright-core";
import { MISSED_MAX, WAITING_MAX } from "./stream/relay.ts";
import { fakeFrame, FAKE_START_MS, fakeLine } from "./testing/fake_frame.ts";
import type { FakeSystemOptions } from "./testing/fake_system.ts";
import { shows, usePageTests } from "./testing/page_tests.ts";

/** One more than the connections to one host that a browser allows over HTTP/1.1. */
const TABS = 7;

const pages = usePageTests();
let sending: Timer;
let sent: number;
afterEach(() => clearInterval(sending));

/** A system that sends a new frame ten times a second, and one browser for all tabs of a test. */
function start(options: FakeSystemOptions = {}): Promise<BrowserContext> {
  pages.start(options);
  sent = 0;
  sending = setInterval(() => {
    sent += 1;
    const ts = new Date(FAKE_START_MS + sent * 1000).toISOString();
    pages.system.stream.send(fakeFrame({ ts }));
  }, 100);
  return pages.browser.newContext();
}

const openTab = (context: BrowserContext) =>
  pages.open(context.newPage(), { search: "?view=send" });

/** Sends an event, and follows it to its row. */
async function sendEvent(page: Page): Promise<void> {
  const at = new Date().toISOString();
  pages.system.ingest.answerWith(202, { eventId: "0199-abc", partition: 3, offset: "21413" });
  pages.system.traceIs({
    eventId: "0199-abc",
    accepted: { at },
    log: { topic: "events", partition: 3, offset: "21413" },
    row: { sessionId: "dashboard-1", eventType: "page_view", ts: at, payload: {} },
    archive: fakeLine(),
    deadLetter: null,
  });
  await page.getByRole("button", { name: "Send 1 event" }).click();
  await page.getByText(/^Accepted: it is in the log/).waitFor();
  await page.getByText("0199-abc").first().waitFor();
}

test.each<[string, FakeSystemOptions]>([
  ["below a path of a proxy", { path: "/tally/" }],
  ["below a deeper path", { path: "/tools/tally/" }],
  ["at an IPv6 address", { hostname: "::1" }],
])("the page is live, sends and follows an event %s", async (_, options) => {
  const page = await openTab(await start(options));

  await shows(page, "Live");
  await sendEvent(page);

  expect(pages.system.ingest.received).toHaveLength(1);
  expect(pages.complaints).toEqual([]);
});

test("the page is live in seven tabs of one browser, over one stream, and each can still ask", async () => {
  const context = await start();

  const tabs: Page[] = [];
  for (let index = 0; index < TABS; index++) tabs.push(await openTab(context));
  for (const tab of tabs) await shows(tab, "Live");
  const last = tabs.at(-1) as Page;
  await sendEvent(last);

  expect(pages.system.stream.opened()).toBe(1);
  expect(pages.complaints).toEqual([]);
});

test("the page stays live when the tab that opened the stream is closed", async () => {
  const context = await start();
  const [first, second] = [await openTab(context), await openTab(context)];
  await shows(first, "Live");
  await shows(second, "Live");

  await first.close();
  // By then the relay has given up the closed tab.
  const givenUp = sent + WAITING_MAX + MISSED_MAX + 1;
  while (sent <= givenUp) await Bun.sleep(100);

  await shows(second, "Live");
  expect(pages.system.stream.opened()).toBe(1);
});

test("every tab is live again when the stream was dropped", async () => {
  const context = await start();
  const tabs = [await openTab(context), await openTab(context), await openTab(context)];
  for (const tab of tabs) await shows(tab, "Live");

  pages.system.stream.drop({ isRefusing: true });
  for (const tab of tabs) await tab.getByText(/^Reconnecting, last frame/).waitFor();
  pages.system.stream.drop({ isRefusing: false });

  for (const tab of tabs) await shows(tab, "Live");
});

test("a tab opens its own stream when the browser has no shared workers", async () => {
  const context = await start();
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, "SharedWorker"));

  const page = await openTab(context);

  await shows(page, "Live");
  expect(pages.complaints).toEqual([]);
});
