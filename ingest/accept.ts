/**
 * Step 2: the body's bytes become events and rejections. Pure: a bad event is a
 * value beside the good ones, and nothing that passes here can fail behind.
 */
import { isUtf8 } from "node:buffer";
import {
  arrayElements,
  hasBadNumber,
  hasSuspiciousNumber,
  isRejection,
  parseEvent,
  type AcceptedEvent,
  type ErrorCode,
  type EventLimits,
  type RawEvent,
  type Rejection,
} from "@tally/shared";

/** The two forms of a body: JSON (an event or an array of them) and a JSON text per line. */
export type BodyType = "json" | "ndjson";

/** What the judgement depends on besides the body. */
export interface AcceptContext {
  readonly limits: EventLimits;
  /** Most events in one request. */
  readonly batchEventsMax: number;
  /** Receive time, ms since 1970. */
  readonly receivedAtMs: number;
  /** Makes the id of the event at an index of the request, when it has none. */
  readonly newEventId: (index: number) => string;
}

/** Why a request is refused as a whole. Says where, never what. */
export interface RequestFault {
  readonly code: ErrorCode;
  /** JSON pointer into the event. */
  readonly pointer?: string;
}

/** A rejection and the event's place in the request, from 0. */
export interface IndexedRejection extends Rejection {
  readonly index: number;
}

/** The verdict on every event of a request. */
export interface Verdicts {
  /** Whether the request was one event, not a list of them. */
  readonly isSingle: boolean;
  /** In the order of the request. */
  readonly events: readonly AcceptedEvent[];
  /** Place of each of `events` in the request. */
  readonly indexes: readonly number[];
  readonly rejections: readonly IndexedRejection[];
}

/** Judges every event of a body; a fault when the body as a whole can't be taken. */
export function accept(
  body: Buffer,
  type: BodyType,
  context: AcceptContext,
): Verdicts | RequestFault {
  return type === "json" ? acceptJson(body, context) : acceptLines(body, context);
}

/** Whether the request as a whole was refused. */
export function isRequestFault(result: object): result is RequestFault {
  return "code" in result;
}

function acceptJson(body: Buffer, context: AcceptContext): Verdicts | RequestFault {
  if (!isUtf8(body)) return { code: "invalid_body" };
  const text = body.toString("utf8");
  const parsed = parseJson(text);
  if (parsed === undefined) return { code: "invalid_body" };
  const suspicious = hasSuspiciousNumber(text);
  const judge = createJudge(context, !Array.isArray(parsed));
  if (!Array.isArray(parsed)) {
    judge.take(parsed, suspicious && hasBadNumber(text, 0, text.length));
    return judge;
  }
  if (parsed.length === 0) return { code: "batch_empty" };
  if (parsed.length > context.batchEventsMax) return { code: "batch_too_large" };
  const spans = suspicious ? arrayElements(text) : null;
  for (let index = 0; index < parsed.length; index++) {
    const span = spans?.[index];
    judge.take(parsed[index], span !== undefined && hasBadNumber(text, span.start, span.end));
  }
  return judge;
}

const LINE_FEED = 10;

function acceptLines(body: Buffer, context: AcceptContext): Verdicts | RequestFault {
  const judge = createJudge(context, false);
  for (let start = 0; start < body.length;) {
    const found = body.indexOf(LINE_FEED, start);
    const end = found === -1 ? body.length : found;
    const bytes = body.subarray(start, end);
    start = end + 1;
    if (isBlank(bytes)) continue;
    if (judge.taken === context.batchEventsMax) return { code: "batch_too_large" };
    // A line that is no UTF-8 or no JSON is one bad event; the others stand.
    const text = isUtf8(bytes) ? bytes.toString("utf8") : "";
    const parsed = parseJson(text);
    if (parsed === undefined) judge.refuseLine();
    else judge.take(parsed, hasSuspiciousNumber(text) && hasBadNumber(text, 0, text.length));
  }
  return judge.taken === 0 ? { code: "batch_empty" } : judge;
}

/** Collects the verdicts of one request. */
interface Judge extends Verdicts {
  readonly taken: number;
  take(raw: RawEvent, badNumber: boolean): void;
  refuseLine(): void;
}

function createJudge(context: AcceptContext, isSingle: boolean): Judge {
  const events: AcceptedEvent[] = [];
  const indexes: number[] = [];
  const rejections: IndexedRejection[] = [];
  let taken = 0;
  const parseContext = {
    limits: context.limits,
    receivedAtMs: context.receivedAtMs,
    newEventId: () => context.newEventId(taken),
  };
  return {
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

/** The parsed text; undefined, which no JSON text gives, when it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The sender's fault, and a value: the caller turns it into a verdict.
    return undefined;
  }
}

/** Whether a line has nothing but JSON's white space. */
function isBlank(line: Buffer): boolean {
  for (const byte of line) {
    if (byte !== 32 && byte !== 9 && byte !== 13) return false;
  }
  return true;
}
