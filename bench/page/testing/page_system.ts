/**
 * The real page for tests: built as it is shipped, served by a real processor over real servers,
 * and opened in a real browser.
 */
import { afterAll, afterEach, beforeAll, setDefaultTimeout } from "bun:test";
import { eventually } from "@tally/shared";
import { launchBrowser } from "@tally/dashboard/testing/browser";
import type { Stack } from "@tally/stack";
import { testNames, testStack } from "@tally/stack/testing";

import { startReady } from "../../system/service.ts";
import { createSystem, servicesOf, type System } from "../../system/system.ts";
import { buildShippedPage } from "../shipped_page.ts";

export type Browser = Awaited<ReturnType<typeof launchBrowser>>;
export type Page = Awaited<ReturnType<Browser["newPage"]>>;

/** How long a test waits for what the page should show, ms. */
const WAIT_MS_MAX = 20_000;
// The first test of a run starts the servers, and a busy machine is slow.
const START_MS_MAX = 180_000;
const TEST_MS_MAX = 120_000;

export interface OpenOptions {
  readonly width?: number;
  readonly scheme?: "light" | "dark";
  /** A line of the console that the test is about. */
  readonly isExpected?: (line: string) => boolean;
}

export interface RealPage {
  readonly system: System;
  /** Address of the processor. */
  readonly url: string;
  readonly browser: Browser;
  /** Errors of the pages, and errors and warnings in their consoles. */
  readonly complaints: readonly string[];
  /** Opens a view; `search` is the query string of the page. */
  open(search: string, options?: OpenOptions): Promise<Page>;
  /** Sends events to ingest, and waits until all are rows. @returns The ids. */
  store(events: readonly object[]): Promise<readonly string[]>;
}

export interface RealPageOptions {
  /** The servers; those of the whole run when absent. */
  readonly stack?: () => Promise<Stack>;
  /** Options of the services, besides those of every page test. */
  readonly options?: Readonly<Record<string, string>>;
}

/** One system and one browser for all tests of a file; each test's tabs end with it. */
export function useRealPage({ stack = testStack, options }: RealPageOptions = {}): RealPage {
  setDefaultTimeout(TEST_MS_MAX);
  let system: System;
  let browser: Browser;
  let complaints: string[] = [];
  beforeAll(async () => {
    await buildShippedPage();
    const names = { stack: await stack(), id: testNames().topic, env: Bun.env };
    system = await createSystem({ ...names, options: { ...OPTIONS, ...options }, hasPage: true });
    await startReady(servicesOf(system));
    // A processor is ready before it has partitions, and only then knows the log that tests name.
    const isLogKnown = async () => (await system.sql`select from logs`).length > 0;
    if (!(await eventually(isLogKnown, WAIT_MS_MAX))) throw new Error("No partition was assigned");
    browser = await launchBrowser();
  }, START_MS_MAX);
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    complaints = [];
  });
  afterAll(async () => {
    await browser?.close();
    await system?.close();
  }, START_MS_MAX);
  return {
    get system() {
      return system;
    },
    get url() {
      return system.processors[0].url;
    },
    get browser() {
      return browser;
    },
    get complaints() {
      return complaints;
    },
    async open(search, { width = 1280, scheme = "light", isExpected = () => false } = {}) {
      const viewport = { width, height: 900 };
      const page = await browser.newPage({
        viewport,
        colorScheme: scheme,
        reducedMotion: "reduce",
      });
      page.setDefaultTimeout(WAIT_MS_MAX);
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (line) => {
        const isBad = line.type() === "error" || line.type() === "warning";
        if (isBad && !isExpected(line.text())) complaints.push(line.text());
      });
      await page.goto(`${system.processors[0].url}/${search}`);
      return page;
    },
    store: (events) => store(system, events),
  };
}

/** Objects of the archive close soon. */
const OPTIONS = { ARCHIVE_OBJECT_AGE_MS_MAX: "1000", PROCESSOR_BACKOFF_MS_MAX: "1000" };

async function store(system: System, events: readonly object[]): Promise<readonly string[]> {
  const response = await fetch(`${system.ingests[0].url}/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(events),
  });
  const answer = (await response.json()) as { results?: readonly { eventId: string }[] };
  const ids = (answer.results ?? []).map(({ eventId }) => eventId);
  if (ids.length !== events.length) throw new Error(`ingest answered ${JSON.stringify(answer)}`);
  const isStored = async (): Promise<boolean> => {
    const [row] = await system.sql<{ n: number }[]>`
      select count(*)::integer as n from web_events where event_id in ${system.sql(ids)}`;
    return row?.n === ids.length;
  };
  if (!(await eventually(isStored, WAIT_MS_MAX))) throw new Error("the events are not stored");
  return ids;
}
