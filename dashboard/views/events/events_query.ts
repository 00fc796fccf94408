/** The rows that the view asks for: its state as the path of a request. Pure. */
import { type Filter, toQueryFilter } from "../../address/filter.ts";
import { iso, type Range } from "../../address/range.ts";
import { windowOf } from "../../questions/window.ts";

/** What is asked; the times of a range that ends now are found when it is sent. */
export interface EventsQuestion {
  readonly range: Range;
  /** In which days begin, as an IANA name. */
  readonly zone: string;
  readonly filters: readonly Filter[];
  readonly sessionId: string | null;
  readonly after: string | null;
}

/** Rows of one page: more than a screen shows, few enough to draw each second. // chosen */
export const PAGE_ROWS = 50;

/** The path, relative to the page. */
export function eventsPath(question: EventsQuestion, nowMs: number): string {
  const { range, zone, filters, sessionId, after } = question;
  const asked = new URLSearchParams({ time: "ts", limit: String(PAGE_ROWS) });
  const { fromMs, toMs, isLive } = windowOf(range, { nowMs, zone });
  asked.set("from", iso(fromMs));
  // Clocks of senders may be ahead.
  if (!isLive) asked.set("to", iso(toMs));
  if (filters.length > 0) asked.set("filters", JSON.stringify(filters.map(toQueryFilter)));
  if (sessionId !== null) asked.set("sessionId", sessionId);
  if (after !== null) asked.set("after", after);
  return `events?${asked.toString()}`;
}
