/** Test support: opens the page over the fake system, and keeps it live with frames. */
import type { MetricsFrame } from "@tally/shared";
import { beforeEach } from "bun:test";
import type { Page } from "playwright-core";
import { FAKE_START_MS, fakeFrame } from "./fake_frame.ts";
import { type PageTests, usePageTests, WAIT_MS_MAX } from "./page_tests.ts";

export interface LivePageOptions {
  readonly width?: number;
  readonly scheme?: "light" | "dark";
  readonly search?: string;
}

function openLivePage(pages: PageTests, options: LivePageOptions = {}): Promise<Page> {
  const tab = pages.browser.newPage({
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: options.scheme ?? "light",
    reducedMotion: "reduce",
  });
  // The browser itself reports every 4xx and 5xx; those are what some tests are about.
  return pages.open(tab, {
    ...(options.search === undefined ? {} : { search: options.search }),
    isExpected: (line) => line.startsWith("Failed to load resource"),
  });
}

/** A moment of the fake time. */
export const seconds = (count: number): string =>
  new Date(FAKE_START_MS + count * 1000).toISOString();

interface Frames {
  /** Second of the first frame; the others follow, a second of the fake time apart. */
  readonly from: number;
  readonly changes?: Partial<MetricsFrame>;
}

/** Sends frames until the text is there: one frame alone goes stale. */
async function sendFramesUntilShown(
  pages: PageTests,
  wanted: Frames & { readonly page: Page; readonly text: string },
): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS_MAX;
  const shown = wanted.page.getByText(wanted.text, { exact: true }).first();
  for (let at = wanted.from; !(await shown.isVisible()); at += 1) {
    if (performance.now() > deadlineMs) throw new Error(`The page never showed "${wanted.text}"`);
    pages.system.stream.send(fakeFrame({ ts: seconds(at), ...wanted.changes }));
    await Bun.sleep(100);
  }
}

/** Starts the fake system before each test, and drives it with frames. */
export function useLivePages() {
  const pages = usePageTests();
  beforeEach(() => pages.start());
  return {
    pages,
    openPage: (options: LivePageOptions = {}) => openLivePage(pages, options),
    sendUntilShown: (page: Page, text: string, frames: Frames) =>
      sendFramesUntilShown(pages, { page, text, ...frames }),
  };
}
