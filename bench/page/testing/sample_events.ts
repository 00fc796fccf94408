/** Events whose figures the tests of the page know. */

const MINUTE_MS = 60_000;
/** A type and a path that a page must show as text. */
export const HOSTILE = `<img src=x onerror="document.title='broken'">`;

/** Events of the last 20 minutes and of the day before, by type and path. */
export function sampleEvents(nowMs: number): readonly object[] {
  const all: object[] = [];
  const add = (count: number, eventType: string, options: { backMs: number; path: string }) => {
    for (let index = 0; index < count; index += 1) {
      const ts = new Date(nowMs - options.backMs - (index % 9) * MINUTE_MS).toISOString();
      const payload = { path: options.path, price: index };
      all.push({ sessionId: `s-${eventType}-${index % 7}`, eventType, ts, payload });
    }
  };
  add(60, "page_view", { backMs: 2 * MINUTE_MS, path: "/" });
  add(30, "page_view", { backMs: 3 * MINUTE_MS, path: "/pricing" });
  add(21, "click", { backMs: 5 * MINUTE_MS, path: "/" });
  add(4, HOSTILE, { backMs: 4 * MINUTE_MS, path: HOSTILE });
  add(10, "page_view", { backMs: 40 * MINUTE_MS, path: "/docs" });
  // The type and the page that nobody sees any more, and the type that is new.
  add(6, "newsletter", { backMs: 40 * MINUTE_MS, path: "/old" });
  return all;
}
