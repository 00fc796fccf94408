/**
 * The load test's events. Id and content are functions of the run and a number, so
 * that an event that is found can be identified and checked.
 */

import { uuidNumber, uuidOf, type UuidForm } from "./uuid_ids.ts";

/** How the ids of a run are made: names that begin with the run, or UUIDs as clients make them. */
export type IdForm = "named" | UuidForm;

/** The ids of one run. */
export interface RunIds {
  readonly form: IdForm;
  readonly run: string;
  /** Every id begins with this; of named ids the number follows. */
  readonly prefix: string;
  /** Every id is at least `prefix` and below this, compared byte by byte. */
  readonly end: string;
}

/**
 * Ids of a run; `run` is 1..32 of `[a-z0-9]`. UUIDs of several runs share one range, so a table
 * that is to be counted holds one run of them.
 */
export function runIds(run: string, form: IdForm = "named"): RunIds {
  // "." follows "-" in ASCII, so the range holds exactly what begins with the prefix; "g" follows
  // all digits.
  return form === "named"
    ? { form, run, prefix: `load-${run}-`, end: `load-${run}.` }
    : { form, run, prefix: "", end: "g" };
}

/** The id of an event. */
export function eventIdOf({ form, run, prefix }: RunIds, number: number): string {
  return form === "named" ? `${prefix}${number}` : uuidOf(form, run, number);
}

/** The number of an event, or -1 when its id is not of this run or its number not below `total`. */
export function numberOf(eventId: string, ids: RunIds, total: number): number {
  if (ids.form !== "named") {
    const found = uuidNumber(ids.form, ids.run, eventId);
    return found < total ? found : -1;
  }
  if (!eventId.startsWith(ids.prefix)) return -1;
  const digits = eventId.slice(ids.prefix.length);
  const number = /^(0|[1-9]\d{0,8})$/.test(digits) ? Number(digits) : -1;
  return number < total ? number : -1;
}

// As many as a small site has at once; they spread the events over all partitions.
const SESSIONS = 1000;
const EVENT_TYPES = ["page_view", "click", "scroll", "search", "purchase"] as const;
const PATHS = ["/", "/home", "/products", "/products/42", "/cart", "/checkout"] as const;

/** How a payload is sent: as an object, or as a text that holds the same JSON. */
export type PayloadForm = "object" | "text";

/** One event as JSON, ASCII only; about 170 bytes. */
export function eventJson(
  ids: RunIds,
  number: number,
  payloadForm: PayloadForm = "object",
): string {
  const type = EVENT_TYPES[number % EVENT_TYPES.length];
  const path = PATHS[(number * 7) % PATHS.length];
  const json = `{"path":"${path}","number":${number},"price":${number % 997}.25,"tags":["load","t${number % 13}"]}`;
  const payload = payloadForm === "object" ? json : JSON.stringify(json);
  return `{"eventId":"${eventIdOf(ids, number)}","sessionId":"session-${number % SESSIONS}","eventType":"${type}","payload":${payload}}`;
}

/** Body of one request: a single event, or an array of several. */
export function requestBody(
  ids: RunIds,
  range: { first: number; count: number },
  payloadForm?: PayloadForm,
): string {
  if (range.count === 1) return eventJson(ids, range.first, payloadForm);
  let body = `[${eventJson(ids, range.first, payloadForm)}`;
  for (let index = 1; index < range.count; index++) {
    body += `,${eventJson(ids, range.first + index, payloadForm)}`;
  }
  return `${body}]`;
}
