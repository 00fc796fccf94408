/**
 * Step 2: the bytes of the body become events and rejections. Pure: a bad event is
 * a value beside the good ones. No later step refuses an event that passes here.
 */
import { isUtf8 } from "node:buffer";
import {
  arrayElements,
  hasBadNumber,
  hasSuspiciousNumber,
  isRejection,
  parseEvent,
  type EventLimits,
  type JudgedEvent,
  type RawEvent,
  type Rejection,
} from "@tally/shared";
import { refuse, type Refusal } from "./refusal.ts";

/** The two forms of a body: JSON (one event or an array of events), or one JSON text per line. */
export type BodyType = "json" | "ndjson";

/** What the verdicts depend on besides the body. */
export interface AcceptContext {
  readonly limits: EventLimits;
  /** Most events in one request. */
  readonly batchEventsMax: number;
  /** Receive time, ms since 1970. */
  readonly receivedAtMs: number;
  /** Makes the id of the event at an index of the request, when it has none. */
  readonly newEventId: (index: number) => string;
}

/** A rejection and the event's place in the request, from 0. */
export interface IndexedRejection extends Rejection {
  readonly index: number;
}

/** The verdict on every event of a request. */
export interface Verdicts {
  readonly kind: "verdicts";
  /** Whether the request was one event, not a list of events. */
  readonly isSingle: boolean;
  /** In the order of the request. */
  readonly events: readonly JudgedEvent[];
  /** Place of each of `events` in the request. */
  readonly indexes: readonly number[];
  readonly rejections: readonly IndexedRejection[];
}

/** Judges every event of a body, or refuses the body as a whole. */
export function accept(body: Buffer, type: BodyType, context: AcceptContext): Verdicts | Refusal {
  return type === "json" ? acceptJson(body, context) : acceptLines(body, context);
}

/** How many of the events have the receive time instead of a `ts` outside the window. */
export function countReplaced(events: readonly JudgedEvent[]): number {
  return events.reduce((count, { tsReplaced }) => (tsReplaced === true ? count + 1 : count), 0);
}

function acceptJson(body: Buffer, context: AcceptContext): Verdicts | Refusal {
  if (!isUtf8(body)) return refuse("invalid_body");
  const text = withoutMark(body).toString("utf8");
  const parsed = parseJson(text);
  if (parsed === undefined) return refuse(isLines(text) ? "json_lines" : "invalid_body");
  const suspicious = hasSuspiciousNumber(text);
  const judge = createJudge(context, !Array.isArray(parsed));
  if (!Array.isArray(parsed)) {
    judge.take(parsed, suspicious && hasBadNumber(text, 0, text.length));
    return judge;
  }
  if (parsed.length === 0) return refuse("batch_empty");
  if (parsed.length > context.batchEventsMax) return refuse("batch_too_large");
  const spans = suspicious ? arrayElements(text) : null;
  for (let index = 0; index < parsed.length; index++) {
    const span = spans?.[index];
    judge.take(parsed[index], span !== undefined && hasBadNumber(text, span.start, span.end));
  }
  return judge;
}

const LINE_FEED = 10;

function acceptLines(body: Buffer, context: AcceptContext): Verdicts | Refusal {
  const judge = createJudge(context, false);
  for (let start = 0; start < body.length;) {
    const found = body.indexOf(LINE_FEED, start);
    const end = found === -1 ? body.length : found;
    // Files that were joined have a mark at the start of each.
    const bytes = withoutMark(body.subarray(start, end));
    start = end + 1;
    if (isBlank(bytes)) continue;
    if (judge.taken === context.batchEventsMax) return refuse("batch_too_large");
    // A line that is not UTF-8 or not JSON is one bad event; the others are kept.
    const text = isUtf8(bytes) ? bytes.toString("utf8") : "";
    const parsed = parseJson(text);
    if (parsed === undefined) judge.refuseLine();
    else judge.take(parsed, hasSuspiciousNumber(text) && hasBadNumber(text, 0, text.length));
  }
  return judge.taken === 0 ? refuse("batch_empty") : judge;
}

/** Collects the verdicts of one request. */
interface Judge extends Verdicts {
  readonly taken: number;
  take(raw: RawEvent, badNumber: boolean): void;
  refuseLine(): void;
}

function createJudge(context: AcceptContext, isSingle: boolean): Judge {
  const events: JudgedEvent[] = [];
  const indexes: number[] = [];
  const rejections: IndexedRejection[] = [];
  let taken = 0;
  const parseContext = {
    limits: context.limits,
    receivedAtMs: context.receivedAtMs,
    newEventId: () => context.newEventId(taken),
  };
  return {
    kind: "verdicts",
    isSingle,
    events,
    indexes,
    rejections,
    get taken() {
      return taken;
    },
    take(raw, badNumber) {
      const verdict = parseEvent(raw, parseContext, badNumber);
      if (isRejection(verdict)) {
        rejections.push({ index: taken, ...verdict });
      } else {
        events.push(verdict);
        indexes.push(taken);
      }
      taken++;
    },
    refuseLine() {
      rejections.push({ index: taken, code: "invalid_line", pointer: "" });
      taken++;
    },
  };
}

/** The parsed text, or undefined when it is not JSON: no JSON text gives undefined. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The sender's fault: the caller turns undefined into a verdict.
    return undefined;
  }
}

/** The bytes without a byte order mark: many programs on Windows begin a file with one. */
function withoutMark(bytes: Buffer): Buffer {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return hasMark ? bytes.subarray(3) : bytes;
}

/** Whether a text that is not JSON is JSON lines: its first line that is not blank is an object. */
function isLines(text: string): boolean {
  const [line] = /[^ \t\r\n][^\n]*/.exec(text) ?? [""];
  const parsed = line.startsWith("{") ? parseJson(line) : undefined;
  return parsed !== undefined;
}

/** Whether a line holds only white space of JSON. */
function isBlank(line: Buffer): boolean {
  for (const byte of line) {
    if (byte !== 32 && byte !== 9 && byte !== 13) return false;
  }
  return true;
}
