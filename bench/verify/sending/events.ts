/**
 * The events of a verified run. Everything in an event is a function of the run and
 * a number, so that each row and line that is found can be checked completely.
 */

/** What all events of one run have in common. */
export interface RunOfEvents {
  /** 1..20 of `[a-z0-9]`, different for each run on the same tables. */
  readonly run: string;
  /** Times of the client count from here, ms since 1970. */
  readonly baseMs: number;
}

/** What a row and a line must hold. */
export interface ExpectedEvent {
  readonly eventId: string;
  readonly sessionId: string;
  readonly eventType: string;
  /** Null when the client sends no time, or one that ingest replaces: then the receive time. */
  readonly ts: string | null;
  /** The parsed payload. */
  readonly payload: unknown;
}

// Enough to fill all partitions evenly, few enough that each gets many events.
const SESSIONS = 500;
const EVENT_TYPES = ["page_view", "click", "scroll", "søk", "purchase", "💥"] as const;
// Every third event has a time of the client, every fifth a payload that is a string, and every
// seventh without a time the time of a clock that is wrong by two years.
const TS_EVERY = 3;
const TEXT_EVERY = 5;
const WRONG_CLOCK_EVERY = 7;
const WRONG_BY_MS = 2 * 366 * 86_400_000;

/** The id of an event. */
export function eventIdOf({ run }: RunOfEvents, number: number): string {
  return `${run}-${number}`;
}

/** The number of an event, or -1 when its id is not of this run. */
export function numberOfId({ run }: RunOfEvents, eventId: string): number {
  if (!eventId.startsWith(`${run}-`)) return -1;
  const digits = eventId.slice(run.length + 1);
  return /^(0|[1-9]\d{0,8})$/.test(digits) ? Number(digits) : -1;
}

/** What a row and a line of an event must hold. */
export function expectedEvent(run: RunOfEvents, number: number): ExpectedEvent {
  return {
    eventId: eventIdOf(run, number),
    sessionId: `session-${(number * 7919) % SESSIONS}`,
    eventType: EVENT_TYPES[number % EVENT_TYPES.length] ?? "",
    ts: number % TS_EVERY === 0 ? new Date(run.baseMs + number).toISOString() : null,
    payload: payloadOf(number),
  };
}

/** The event as a client sends it: JSON, ASCII only. */
export function sentJson(run: RunOfEvents, number: number): string {
  const { eventId, sessionId, eventType, payload } = expectedEvent(run, number);
  // Some clients send the payload as a string that holds JSON.
  const sent = number % TEXT_EVERY === 0 ? JSON.stringify(payload) : payload;
  const event = { eventId, sessionId, eventType, ...sentTime(run, number), payload: sent };
  return JSON.stringify(event).replace(/[^\x20-\x7e]/g, escapeUnit);
}

/** The time as clients send it: a text or milliseconds, `null` or nothing. */
function sentTime(run: RunOfEvents, number: number): { ts?: string | number | null } {
  const { ts } = expectedEvent(run, number);
  const isNumber = number % 2 === 0;
  if (ts !== null) return { ts: isNumber ? Date.parse(ts) : ts.replace("Z", "+0000") };
  if (number % WRONG_CLOCK_EVERY !== 0) return isNumber ? { ts: null } : {};
  const wrongMs = run.baseMs + (isNumber ? -1 : 1) * WRONG_BY_MS;
  return { ts: isNumber ? wrongMs : new Date(wrongMs).toISOString() };
}

function payloadOf(number: number): unknown {
  return {
    number,
    path: `/products/${number % 97}`,
    price: (number % 10_007) / 4,
    text: `"quoted" \\ and\nlines, ü, 日本, ${"😀".repeat(number % 4)}`,
    nested: [{ level: [number % 2 === 0, null, -1 - number] }],
  };
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
