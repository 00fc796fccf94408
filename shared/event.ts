/**
 * The event: raw as a client sends it, accepted as it travels on. `parseEvent`
 * is the only judge of the HTTP rules; the processor applies it to records of
 * other producers, too, so that both services agree on what an event is.
 */
import { encodeEvent, type AcceptedEvent } from "./accepted_event.ts";
import type { ErrorCode } from "./error.ts";
import {
  findJsonFault,
  hasBadNumber,
  hasSuspiciousNumber,
  isForbiddenMember,
  isStorableText,
} from "./json.ts";
import { formatTimestamp, isPrintableTime, parseTimestamp } from "./timestamp.ts";

/** One thing that happened, before it is checked: any result of JSON.parse. */
export type RawEvent = unknown;

/** Why an event is not accepted. It names the place, and never holds a value of the sender. */
export interface Rejection {
  readonly code: ErrorCode;
  /** JSON pointer to the field, "" for the event as a whole. */
  readonly pointer: string;
  /** The event's id, if the sender gave a well-formed one. */
  readonly eventId?: string;
}

/** Bounds of one event; HTTP ingest takes them from its options. */
export interface EventLimits {
  /** Bytes of the canonical encoding. */
  readonly eventBytesMax: number;
  /** Levels of nesting of the payload. */
  readonly nestingMax: number;
  /** Values in the payload. */
  readonly valuesMax: number;
  /** How far before `receivedAtMs` a client's `ts` may lie, ms. */
  readonly pastMsMax: number;
  /** How far after `receivedAtMs` a client's `ts` may lie, ms. */
  readonly futureMsMax: number;
  /** What becomes of a `ts` outside that window: the receive time, a rejection, or nothing. */
  readonly tsOutside: "replace" | "reject" | "keep";
}

/**
 * Limits for records of other producers: fixed, so that a re-read gives the same verdict. Their
 * `ts` is kept, because a record's own timestamp may be anything.
 */
export const FIXED_EVENT_LIMITS: EventLimits = {
  eventBytesMax: 64 * 1024,
  nestingMax: 32,
  valuesMax: 1000,
  pastMsMax: 366 * 86_400_000,
  futureMsMax: 10 * 60_000,
  tsOutside: "keep",
};

/** What the verdict depends on besides the event. */
export interface ParseContext {
  readonly limits: EventLimits;
  /** Receive time, ms since 1970; becomes `receivedAt`. */
  readonly receivedAtMs: number;
  /** Makes the id of an event that has none. */
  readonly newEventId: () => string;
}

/** An event that passed, and what its sender should know about it. */
export interface JudgedEvent extends AcceptedEvent {
  /** Whether the receive time stands in for a `ts` outside the window; absent when not. */
  readonly tsReplaced?: true;
}

/** Event ids, for JSON Schema. */
export const EVENT_ID_PATTERN = "^(?!\\.+$)[A-Za-z0-9._:-]{1,64}$";
const EVENT_ID = new RegExp(EVENT_ID_PATTERN);
const FIELDS: ReadonlySet<string> = new Set(["sessionId", "eventType", "payload", "eventId", "ts"]);
const REQUIRED_FIELDS = ["sessionId", "eventType", "payload"] as const;
/** Most characters (code points) of a session id. */
export const SESSION_ID_LENGTH_MAX = 128;
/** Most characters (code points) of an event type. */
export const EVENT_TYPE_LENGTH_MAX = 128;
/** Smallest number that is taken for milliseconds since 1970: seconds would pass for 1970. */
export const EPOCH_MS_MIN = 100_000_000_000;

/**
 * Judges one event by the HTTP rules. Pure: the same event and context give the same result.
 *
 * @param badNumber Whether the event's own text holds a number that can't be kept (`hasBadNumber`);
 * the parsed value no longer shows it.
 */
export function parseEvent(
  raw: RawEvent,
  context: ParseContext,
  badNumber: boolean,
): JudgedEvent | Rejection {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw))
    return { code: "invalid_event", pointer: "" };
  const fields = raw as Fields;
  const ownId = isEventId(fields.eventId) ? fields.eventId : undefined;
  const fault = findFieldFault(fields);
  if (fault !== null) return rejection(fault, ownId);
  const time = readTime(fields.ts, context);
  if (time.kind === "fault") return rejection({ code: time.code, pointer: "/ts" }, ownId);
  const payload = readPayload(fields.payload, context, badNumber);
  if (payload.kind === "fault")
    return rejection({ code: payload.code, pointer: "/payload" }, ownId);

  const event: AcceptedEvent = {
    eventId: ownId ?? context.newEventId(),
    sessionId: fields.sessionId as string,
    eventType: fields.eventType as string,
    ts: formatTimestamp(time.ms),
    receivedAt: formatTimestamp(context.receivedAtMs),
    payload: payload.json,
  };
  if (!fits(event, context.limits.eventBytesMax))
    return rejection({ code: "event_too_large", pointer: "" }, ownId);
  return time.isReplaced ? { ...event, tsReplaced: true } : event;
}

/**
 * Whether a verdict of `parseEvent` is a rejection. Only that has a code; a field `kind` would
 * travel with every event into its record.
 */
export function isRejection(verdict: AcceptedEvent | Rejection): verdict is Rejection {
  return "code" in verdict;
}

/** Whether the value is a well-formed event id. */
export function isEventId(value: unknown): value is string {
  return typeof value === "string" && EVENT_ID.test(value);
}

/** What is wrong with a session id, or null when nothing is. */
export function findSessionIdFault(value: unknown): ErrorCode | null {
  return findTextFault(value, SESSION_ID_LENGTH_MAX);
}

/** What is wrong with an event type, or null when nothing is. */
export function findEventTypeFault(value: unknown): ErrorCode | null {
  return findTextFault(value, EVENT_TYPE_LENGTH_MAX);
}

interface Fields {
  readonly [name: string]: unknown;
}

function rejection({ code, pointer }: Rejection, eventId: string | undefined): Rejection {
  return eventId === undefined ? { code, pointer } : { code, pointer, eventId };
}

/** Checks all fields but time and payload: first which fields there are, then each of them. */
function findFieldFault(fields: Fields): Rejection | null {
  for (const name in fields) {
    // No pointer: it would echo a name that the sender chose.
    if (!FIELDS.has(name))
      return {
        code: isForbiddenMember(name, fields[name]) ? "key_forbidden" : "field_unknown",
        pointer: "",
      };
  }
  for (const name of REQUIRED_FIELDS) {
    if (fields[name] === undefined) return { code: "field_missing", pointer: `/${name}` };
  }
  if (isPresent(fields.eventId) && !isEventId(fields.eventId))
    return { code: "field_invalid", pointer: "/eventId" };
  const sessionFault = findSessionIdFault(fields.sessionId);
  if (sessionFault !== null) return { code: sessionFault, pointer: "/sessionId" };
  const typeFault = findEventTypeFault(fields.eventType);
  return typeFault === null ? null : { code: typeFault, pointer: "/eventType" };
}

function findTextFault(value: unknown, lengthMax: number): ErrorCode | null {
  if (typeof value !== "string" || value === "") return "field_invalid";
  if (value.length > lengthMax && (value.length > 2 * lengthMax || [...value].length > lengthMax)) {
    return "field_invalid";
  }
  return isStorableText(value) ? null : "text_invalid";
}

/** Many clients send `null` for an optional field that is not set: it counts as absent. */
function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

type Time =
  | { readonly kind: "time"; readonly ms: number; readonly isReplaced: boolean }
  | { readonly kind: "fault"; readonly code: ErrorCode };

/** The event's time: `ts`, or the receive time when it is absent or outside the window. */
function readTime(value: unknown, { receivedAtMs, limits }: ParseContext): Time {
  if (!isPresent(value)) return { kind: "time", ms: receivedAtMs, isReplaced: false };
  const ms = typeof value === "string" ? parseTimestamp(value) : readEpochMs(value);
  if (ms === null) return { kind: "fault", code: "timestamp_invalid" };
  const age = receivedAtMs - ms;
  const isOutside = age > limits.pastMsMax || -age > limits.futureMsMax;
  if (!isOutside || limits.tsOutside === "keep") return { kind: "time", ms, isReplaced: false };
  return limits.tsOutside === "replace"
    ? { kind: "time", ms: receivedAtMs, isReplaced: true }
    : { kind: "fault", code: "timestamp_out_of_range" };
}

function readEpochMs(value: unknown): number | null {
  const isTime = typeof value === "number" && value >= EPOCH_MS_MIN && isPrintableTime(value);
  return isTime ? value : null;
}

/** The demo sends the payload as a string that holds JSON: such a string is parsed, once. */
function readPayload(
  value: unknown,
  context: ParseContext,
  hasBadText: boolean,
): { kind: "json"; json: string } | { kind: "fault"; code: ErrorCode } {
  let parsed = value;
  let badNumber = hasBadText;
  if (typeof value === "string") {
    try {
      parsed = JSON.parse(value);
    } catch {
      // Not JSON: a verdict on the event, not an internal error.
      return { kind: "fault", code: "payload_not_json" };
    }
    badNumber ||= hasSuspiciousNumber(value) && hasBadNumber(value, 0, value.length);
  }
  const fault = findJsonFault(parsed, context.limits) ?? (badNumber ? "number_invalid" : null);
  return fault === null
    ? { kind: "json", json: JSON.stringify(parsed) }
    : { kind: "fault", code: fault };
}

/** Whether the canonical encoding has at most `bytesMax` bytes; counts them only when in doubt. */
function fits(event: AcceptedEvent, bytesMax: number): boolean {
  const length = event.payload.length + event.sessionId.length * 2 + 512;
  return length * 3 <= bytesMax || Buffer.byteLength(encodeEvent(event)) <= bytesMax;
}
