/**
 * The record: an event on Kafka, and the only contract between the services.
 * Its value is the canonical encoding, which is also the archive line, byte for
 * byte. Decoding is a pure function of the record: a re-read gives the same.
 */
import { isUtf8 } from "node:buffer";
import { encodeEvent, type AcceptedEvent } from "./accepted_event.ts";
import { ERRORS, type ErrorCode } from "./error.ts";
import {
  FIXED_EVENT_LIMITS,
  findEventTypeFault,
  findSessionIdFault,
  isEventId,
  isRejection,
  parseEvent,
} from "./event.ts";
import { findJsonFault, hasBadNumber, hasSuspiciousNumber } from "./json.ts";
import { isSource, readPlainRecord, RECORD_LIMITS } from "./plain_record.ts";
import { ORIGIN_FORM, REJECTED_HEADERS, RESENT_HEADERS } from "./record_headers.ts";
import { isCanonicalTimestamp, isPrintableTime } from "./timestamp.ts";

/** A record with its place in the log: all that decoding depends on. */
export interface SourceRecord {
  readonly partition: number;
  readonly offset: bigint;
  /** Kafka's timestamp, ms since 1970; negative when the record has none. */
  readonly timestampMs: number;
  readonly value: Buffer | null;
  /** Absent when the record has none. */
  readonly headers?: readonly RecordHeader[];
}

/** A header of a record. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

/** The first place and time of a record in a log: its own, unless the record was resent. */
export interface RecordOrigin {
  readonly topicId: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Kafka's timestamp, ms since 1970; negative when the record had none. */
  readonly timestampMs: number;
}

/** An event read back from the log. */
export interface DecodedEvent extends AcceptedEvent {
  /** The canonical encoding, UTF-8, without a line end. */
  readonly line: Buffer;
}

/** Why a record can't become an event; it becomes a dead letter of this code. */
export interface RecordFault {
  readonly code: ErrorCode;
  /** JSON pointer to the field, "" for the record as a whole. */
  readonly pointer: string;
}

const RECORD_BYTES_MAX = 512 * 1024;

/**
 * Reads a record.
 *
 * A record with `receivedAt` claims to be canonical and is read by record rules:
 * exactly six fields and perhaps `context`, payload as it is, no time window, no
 * tunable limit. Any other is brought into canonical form by the HTTP rules with
 * fixed limits; its receive time is the record's timestamp, and its `ts` is kept.
 * A record that says why ingest rejected it is that dead letter, whatever its value is.
 * A resent record is read as at its origin, which its header names: however often
 * a dead letter is resent, its event has the same id and the same times, and so
 * becomes one row.
 *
 * @param topicId Kafka's id of the topic; part of the id made for an event without one.
 */
export function decodeRecord(record: SourceRecord, topicId: string): DecodedEvent | RecordFault {
  const { value, headers } = record;
  // Nearly every record has no header at all.
  if (headers !== undefined && headers.length > 0) {
    const fault = rejectionOf(headers);
    if (fault !== null) return fault;
  }
  if (value === null || value.length === 0) return { code: "record_corrupt", pointer: "" };
  if (value.length > RECORD_BYTES_MAX) return { code: "event_too_large", pointer: "" };
  if (!isUtf8(value)) return { code: "record_corrupt", pointer: "" };
  const text = value.toString("utf8");
  const plain = readPlainRecord(text);
  if (plain !== null) return { ...plain, line: value };
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    // Not JSON: a verdict on the record, not an internal error.
    return { code: "record_corrupt", pointer: "" };
  }
  if (typeof raw !== "object" || raw === null || Array.isArray(raw))
    return { code: "invalid_event", pointer: "" };
  return "receivedAt" in raw
    ? readCanonical(raw, text, value)
    : readForeign({ raw, text }, record, topicId);
}

/** Whether a result of `decodeRecord` is a fault: only that has a code, as with `isRejection`. */
export function isRecordFault(result: DecodedEvent | RecordFault): result is RecordFault {
  return "code" in result;
}

const CANONICAL_FIELDS = [
  "eventId",
  "sessionId",
  "eventType",
  "ts",
  "receivedAt",
  "payload",
] as const;

function readCanonical(raw: object, text: string, value: Buffer): DecodedEvent | RecordFault {
  const fields = raw as Partial<Record<(typeof CANONICAL_FIELDS)[number] | "context", unknown>>;
  const missing = CANONICAL_FIELDS.find((name) => fields[name] === undefined);
  if (missing !== undefined) return { code: "field_missing", pointer: `/${missing}` };
  const hasContext = Object.hasOwn(raw, "context");
  if (Object.keys(raw).length !== CANONICAL_FIELDS.length + Number(hasContext))
    return { code: "field_unknown", pointer: "" };
  const source = hasContext ? sourceOf(fields.context) : undefined;
  if (source === null) return { code: "field_invalid", pointer: "/context" };
  const { eventId, sessionId, eventType, ts, receivedAt, payload } = fields;
  if (!isEventId(eventId)) return { code: "field_invalid", pointer: "/eventId" };
  const sessionFault = findSessionIdFault(sessionId);
  if (sessionFault !== null) return { code: sessionFault, pointer: "/sessionId" };
  const typeFault = findEventTypeFault(eventType);
  if (typeFault !== null) return { code: typeFault, pointer: "/eventType" };
  if (typeof ts !== "string" || !isCanonicalTimestamp(ts))
    return { code: "timestamp_invalid", pointer: "/ts" };
  if (typeof receivedAt !== "string" || !isCanonicalTimestamp(receivedAt)) {
    return { code: "timestamp_invalid", pointer: "/receivedAt" };
  }
  const fault = findJsonFault(payload, RECORD_LIMITS);
  if (fault !== null) return { code: fault, pointer: "/payload" };
  const event: AcceptedEvent = {
    eventId,
    sessionId: sessionId as string,
    eventType: eventType as string,
    ts,
    receivedAt,
    payload: JSON.stringify(payload),
    ...(source === undefined ? {} : { source }),
  };
  const line = encodeEvent(event);
  if (line === text) return { ...event, line: value };
  // The content is canonical, the text is not: a number may have been changed on the way.
  if (hasBadNumber(text, 0, text.length)) return { code: "number_invalid", pointer: "/payload" };
  return { ...event, line: Buffer.from(line) };
}

/** The source in a context, or null when the context has any form but `{"source":"..."}`. */
function sourceOf(context: unknown): string | null {
  if (typeof context !== "object" || context === null || !("source" in context)) return null;
  const { source } = context;
  return isSource(source) && Object.keys(context).length === 1 ? source : null;
}

function readForeign(
  { raw, text }: { raw: object; text: string },
  record: SourceRecord,
  topicId: string,
): DecodedEvent | RecordFault {
  const origin = originOf(record, topicId);
  const hasTime = origin.timestampMs >= 0 && isPrintableTime(origin.timestampMs);
  const context = {
    limits: FIXED_EVENT_LIMITS,
    receivedAtMs: hasTime ? origin.timestampMs : 0,
    newEventId: () => foreignEventId(origin),
  };
  const badNumber = hasSuspiciousNumber(text) && hasBadNumber(text, 0, text.length);
  const verdict = parseEvent(raw, context, badNumber);
  if (isRejection(verdict)) return { code: verdict.code, pointer: verdict.pointer };
  if (hasTime) return { ...verdict, line: Buffer.from(encodeEvent(verdict)) };
  // Kafka's timestamp is -1, microseconds, ...: the time that the event brings is all there is.
  const { ts = null } = raw as { readonly ts?: unknown };
  if (ts === null) return { code: "timestamp_invalid", pointer: "" };
  const event = { ...verdict, receivedAt: verdict.ts };
  return { ...event, line: Buffer.from(encodeEvent(event)) };
}

/** Namespace of the ids made for records without one; chosen once, part of the contract. */
const FOREIGN_ID_NAMESPACE = "6f1c8a34-0d0e-5c57-9a52-3b7f3f6f2a10";

function foreignEventId({ topicId, partition, offset }: RecordOrigin): string {
  return Bun.randomUUIDv5(`${topicId}/${partition}/${offset}`, FOREIGN_ID_NAMESPACE);
}

// A field of an event, perhaps one within it.
const POINTER_FORM = /^(?:\/[A-Za-z0-9_]{1,64}){0,2}$/;

/** Why ingest rejected the event of a record; null when it did not. */
function rejectionOf(headers: readonly RecordHeader[]): RecordFault | null {
  const text = (name: string): string | undefined =>
    headers.findLast(({ key }) => key === name)?.value?.toString();
  if (!headers.some(({ key }) => key === REJECTED_HEADERS.code)) return null;
  const code = text(REJECTED_HEADERS.code) ?? "";
  const pointer = text(REJECTED_HEADERS.pointer) ?? "";
  // Another producer may write anything there: what is sure is that it is no event.
  return {
    code: isRejectionCode(code) ? code : "record_corrupt",
    pointer: POINTER_FORM.test(pointer) ? pointer : "",
  };
}

/**
 * When ingest received a record, ms since 1970: it published an event, or one that it rejected.
 * Null for a record of another producer.
 */
export function receivedAtOf({ value, headers = [], timestampMs }: SourceRecord): number | null {
  if (headers.some(({ key }) => key === REJECTED_HEADERS.code)) return timestampMs;
  const plain = value === null ? null : readPlainRecord(value.toString("utf8"));
  return plain === null ? null : Date.parse(plain.receivedAt);
}

/** Whether ingest rejects events for a code: those that are the sender's fault. */
function isRejectionCode(code: string): code is ErrorCode {
  if (!Object.hasOwn(ERRORS, code)) return false;
  const { httpStatus } = ERRORS[code as ErrorCode];
  return httpStatus !== null && httpStatus >= 400 && httpStatus < 500;
}

/** Whether a record is a dead letter that was sent again, as it was. */
export function isResent({ headers = [] }: Pick<SourceRecord, "headers">): boolean {
  return headers.some(({ key }) => key === RESENT_HEADERS.letter);
}

/** The first place of a record: the one in its header if it was resent, else its own. */
export function originOf(record: SourceRecord, topicId: string): RecordOrigin {
  const { partition, offset, timestampMs, headers = [] } = record;
  const header = headers.findLast(({ key }) => key === RESENT_HEADERS.origin);
  const [, id, first, second, third] = ORIGIN_FORM.exec(header?.value?.toString() ?? "") ?? [];
  if (id === undefined || first === undefined || second === undefined) {
    return { topicId, partition, offset, timestampMs };
  }
  return {
    topicId: id,
    partition: Number(first),
    offset: BigInt(second),
    timestampMs: Number(third),
  };
}

/**
 * The headers of a record that is resent: its own, without those of a rejection, and the link to
 * the dead letter.
 */
export function resentHeaders(
  record: SourceRecord,
  { letterId, topicId }: { readonly letterId: string; readonly topicId: string },
): readonly RecordHeader[] {
  const { partition, offset, timestampMs, topicId: id } = originOf(record, topicId);
  const dropped: readonly string[] = [
    ...Object.values(RESENT_HEADERS),
    ...Object.values(REJECTED_HEADERS),
  ];
  const text = (key: string, value: string) => ({ key, value: Buffer.from(value) });
  return [
    ...(record.headers ?? []).filter(({ key }) => !dropped.includes(key)),
    text(RESENT_HEADERS.letter, letterId),
    text(RESENT_HEADERS.origin, `${id}/${partition}/${offset}/${Math.max(-1, timestampMs)}`),
  ];
}
