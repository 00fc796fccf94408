/**
 * The load test's events: id and content are functions of the run and a number,
 * so that whoever finds one knows which it is and what must be in it.
 */

/** Names all events of one run. */
export interface RunIds {
  /** What every id begins with; the number follows. */
  readonly prefix: string;
  /** Ids lie from `prefix` up to before this, compared byte by byte. */
  readonly end: string;
}

/** Ids of a run; `run` is 1..32 of `[a-z0-9]`. */
export function runIds(run: string): RunIds {
  // "." comes next after "-" in ASCII: nothing else begins with the prefix.
  return { prefix: `load-${run}-`, end: `load-${run}.` };
}

/** The number of an event from its id; -1 when it is none of the run, or beyond `total`. */
export function numberOf(eventId: string, ids: RunIds, total: number): number {
  if (!eventId.startsWith(ids.prefix)) return -1;
  const digits = eventId.slice(ids.prefix.length);
  const number = /^(0|[1-9]\d{0,8})$/.test(digits) ? Number(digits) : -1;
  return number < total ? number : -1;
}

// As many as a small site has at once; spreads the events over all partitions.
const SESSIONS = 1000;
const EVENT_TYPES = ["page_view", "click", "scroll", "search", "purchase"] as const;
const PATHS = ["/", "/home", "/products", "/products/42", "/cart", "/checkout"] as const;

/** One event as JSON, ASCII only; about 170 bytes. */
export function eventJson(ids: RunIds, number: number): string {
  const type = EVENT_TYPES[number % EVENT_TYPES.length];
  const path = PATHS[(number * 7) % PATHS.length];
  return `{"eventId":"${ids.prefix}${number}","sessionId":"session-${number % SESSIONS}","eventType":"${type}","payload":{"path":"${path}","number":${number},"price":${number % 997}.25,"tags":["load","t${number % 13}"]}}`;
}

/** Body of one request: a single event, or an array of several. */
export function requestBody(ids: RunIds, range: { first: number; count: number }): string {
  if (range.count === 1) return eventJson(ids, range.first);
  let body = `[${eventJson(ids, range.first)}`;
  for (let index = 1; index < range.count; index++) {
    body += `,${eventJson(ids, range.first + index)}`;
  }
  return `${body}]`;
}
