/**
 * Test support: the built page in one browser for all tests of a file, and a fake system of its own
 * for each test.
 */
import { afterAll, afterEach, beforeAll, setDefaultTimeout } from "bun:test";
import { rm } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "./browser.ts";
import { buildPage } from "./built_page.ts";
import { startFakeSystem, type FakeSystem, type FakeSystemOptions } from "./fake_system.ts";

/** What the tests of a file share. */
export interface PageTests {
  readonly browser: Browser;
  /** The system of this test. */
  readonly system: FakeSystem;
  /** Errors of its pages, and errors and warnings in their consoles. */
  readonly complaints: readonly string[];
  /** Starts the system of this test. */
  start(options?: FakeSystemOptions): void;
  /**
   * Opens the system's page in a new tab.
   */
  open(tab: Promise<Page>, options?: OpenOptions): Promise<Page>;
}

export interface OpenOptions {
  /** The state of the page: a query string. */
  readonly search?: string;
  /** Whether a line of the console is what a test is about. */
  readonly isExpected?: (line: string) => boolean;
}

/** How long a test waits for what the page should show, ms. */
export const WAIT_MS_MAX = 20_000;
// The browser is unpacked on a machine's first run, and a busy machine is slow.
const TEST_MS_MAX = 60_000;

/** Builds the page and launches the browser; each test's tabs and system end with it. */
export function usePageTests(): PageTests {
  setDefaultTimeout(TEST_MS_MAX);
  let dist: string;
  let browser: Browser;
  let system: FakeSystem;
  let complaints: string[] = [];
  beforeAll(async () => {
    dist = await buildPage();
    browser = await launchBrowser();
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await system.stop();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(dist, { recursive: true, force: true });
  });
  return {
    get browser() {
      return browser;
    },
    get system() {
      return system;
    },
    get complaints() {
      return complaints;
    },
    start(options) {
      system = startFakeSystem(dist, options);
      complaints = [];
    },
    async open(tab, { search = "", isExpected = () => false } = {}) {
      const page = await tab;
      page.setDefaultTimeout(WAIT_MS_MAX);
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (line) => {
        const isBad = line.type() === "error" || line.type() === "warning";
        if (isBad && !isExpected(line.text())) complaints.push(line.text());
      });
      await page.goto(`${system.url}${search}`);
      return page;
    },
  };
}

/** Waits until the page shows exactly this text. */
export function shows(page: Page, text: string): Promise<void> {
  return page.getByText(text, { exact: true }).first().waitFor();
}
