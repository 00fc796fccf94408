/** What a page of stored rows costs: the first one, and one far behind it. */
import type { EventsPage } from "@tally/shared/stored_events";
import { median } from "../results/statistics.ts";

/** Rows of a page, as the view Events asks. */
const PAGE_ROWS = 50;
/** Each page is asked for this often, in turn; the median counts. */
const TIMES = 21;
/** The rows of the view's longest range. */
const RANGE_MS = 366 * 86_400_000;

export interface EventPages {
  readonly firstMs: number;
  readonly farMs: number;
}

/**
 * Walks to a page by the keys, as a viewer does, and times it against the first page.
 *
 * @param page Number of the far page.
 */
export async function timeEventPages(
  url: string,
  { page, nowMs }: { readonly page: number; readonly nowMs: number },
): Promise<EventPages> {
  const from = new Date(nowMs - RANGE_MS).toISOString();
  const first = `${url}/events?time=ts&limit=${PAGE_ROWS}&from=${encodeURIComponent(from)}`;
  let far = first;
  for (let number = 1; number < page; number += 1) {
    const { next } = await readPage(far);
    if (next === null) throw new Error(`Cannot ask for page ${page}: rows end on page ${number}`);
    far = `${first}&after=${encodeURIComponent(next)}`;
  }
  const took: { readonly first: number[]; readonly far: number[] } = { first: [], far: [] };
  for (let time = 0; time < TIMES; time += 1) {
    took.first.push(await timePage(first));
    took.far.push(await timePage(far));
  }
  return { firstMs: median(took.first), farMs: median(took.far) };
}

async function timePage(url: string): Promise<number> {
  const startMs = performance.now();
  await readPage(url);
  return performance.now() - startMs;
}

async function readPage(url: string): Promise<EventsPage> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`Cannot read rows: ${response.status}`);
  return (await response.json()) as EventsPage;
}
