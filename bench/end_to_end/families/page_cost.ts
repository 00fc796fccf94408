/**
 * What an open dashboard costs its viewer while many events come: how soon it shows figures, how
 * busy its main thread is, whether its memory grows, and what a page of old rows costs. The
 * browser has no core of its own here: load and services take theirs from the same two.
 */
import { launchBrowser } from "@tally/dashboard/testing/browser";
import { MEGABYTE } from "../../system/cost.ts";
import { startReady } from "../../system/service.ts";
import { servicesOf } from "../../system/system.ts";
import { buildShippedPage } from "../../page/shipped_page.ts";
import { lowFigure, type Bench, type Family, type Round } from "../figure.ts";
import { settleAndCompare } from "../measure/counted.ts";
import { timeEventPages } from "../measure/event_pages.ts";
import { onSystem } from "../measure/on_system.ts";
import { createTraffic } from "../measure/traffic.ts";

const EVENTS_PER_SECOND = 10_000;
const LOAD = { eventsPerSecond: EVENTS_PER_SECOND, batchEvents: 100, connections: 8 };
/** Until the page has asked its questions and its charts have some points. */
const WARM_SECONDS = { tiny: 1, quick: 5, full: 15 };
/** The page of Events that is compared with the first; few rows have fewer pages. */
const FAR_PAGE = { tiny: 100, quick: 1000, full: 1000 };
const SECONDS = { tiny: 1, quick: 10, full: 60 };

export const PAGE_COST: Family = {
  name: "page",
  title: `the dashboard in a real browser, ${EVENTS_PER_SECOND} events per second in batches of 100`,
  isOneRound: true,
  figures: [
    lowFigure("page-first-frame", "opened → first frame shown", { unit: "ms", target: 1000 }),
    lowFigure("page-busy", "main thread of the page, share of one core", { unit: "%", target: 20 }),
    lowFigure("page-memory", "script memory of the page, end", { unit: "MB", target: null }),
    lowFigure("page-growth", "script memory of the page, growth a minute", {
      unit: "MB",
      target: 0.5,
    }),
    lowFigure("page-rows-first", "page 1 of Events, 50 rows", { unit: "ms", target: null }),
    lowFigure("page-rows-far", "page 1,000 of Events, by key", { unit: "ms", target: null }),
    // An offset would read 50,000 rows more; noise between two short requests stays below it.
    lowFigure("page-rows-ratio", "page 1,000 of Events, against page 1", {
      unit: "times",
      target: 3,
    }),
  ],
  run: lookAtPage,
};

type Browser = Awaited<ReturnType<typeof launchBrowser>>;
type Page = Awaited<ReturnType<Browser["newPage"]>>;

async function lookAtPage(bench: Bench): Promise<Round> {
  const seconds = SECONDS[bench.size];
  bench.onNote("building the page");
  await buildShippedPage();
  const browser = await launchBrowser();
  try {
    return await onSystem(bench, { hasPage: true }, async (system) => {
      await startReady(servicesOf(system));
      const traffic = createTraffic(bench, system);
      bench.onNote("warming up");
      await traffic.send({ ...LOAD, seconds: WARM_SECONDS[bench.size] });
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      const openedMs = performance.now();
      await page.goto(system.processors[0].url);
      await page.getByText("Live", { exact: true }).first().waitFor();
      const firstFrameMs = performance.now() - openedMs;
      const warm = await observe(page, () =>
        traffic.send({ ...LOAD, seconds: WARM_SECONDS[bench.size] }),
      );
      bench.onNote(`the page is open for ${seconds} s`);
      const seen = await observe(page, () => traffic.send({ ...LOAD, seconds }));
      bench.onNote(`pages of rows, up to page ${FAR_PAGE[bench.size]}`);
      // As autovacuum does within minutes: without it PostgreSQL sorts all rows for each page.
      await system.sql`analyze web_events`;
      const [{ url }] = system.processors;
      const pages = await timeEventPages(url, { page: FAR_PAGE[bench.size], nowMs: bench.nowMs() });
      // It stops the services.
      const problems = await settleAndCompare(bench, system, [traffic.sent()]);
      return {
        values: {
          "page-rows-first": pages.firstMs,
          "page-rows-far": pages.farMs,
          "page-rows-ratio": pages.farMs / pages.firstMs,
          "page-first-frame": firstFrameMs,
          "page-busy": seen.busy * 100,
          "page-memory": seen.heapBytes / MEGABYTE,
          "page-growth": ((seen.heapBytes - warm.heapBytes) / MEGABYTE / seen.elapsedMs) * 60_000,
        },
        problems,
        sizes: { eventsPerSecond: EVENTS_PER_SECOND, seconds },
      };
    });
  } finally {
    await browser.close();
  }
}

/** Share of the time that the page's main thread worked, and its memory afterwards. */
async function observe(page: Page, work: () => Promise<unknown>) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const read = async (name: string): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  };
  const [busyBefore, startedMs] = [await read("TaskDuration"), performance.now()];
  await work();
  const elapsedMs = performance.now() - startedMs;
  const busy = ((await read("TaskDuration")) - busyBefore) * (1000 / elapsedMs);
  // What garbage remains says nothing of growth.
  await session.send("HeapProfiler.collectGarbage");
  const heapBytes = await read("JSHeapUsedSize");
  await session.detach();
  return { busy, heapBytes, elapsedMs };
}
