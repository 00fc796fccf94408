/**
 * An event that breaks a rule, as it is published when its sender would drop it and tell nobody:
 * the processor makes a dead letter of it. The value is the event in our form as far as it could
 * be read, so that a resend judges it again.
 */
import {
  findSessionIdFault,
  isEventId,
  isNestedDeeper,
  isObject,
  REJECTED_HEADERS,
  type RawEvent,
  type RecordHeader,
  type Rejection,
} from "@tally/shared";

/** A record, but for its time. */
export interface RejectedEvent {
  /** The session where the event has a good one, so that it lies beside the others. */
  readonly key: string;
  readonly value: string | Buffer;
  readonly headers: readonly RecordHeader[];
  /** Bytes of key and value. */
  readonly bytes: number;
}

/** What is known besides the event. */
export interface RejectedOptions {
  /** Bytes of the value, at most: it is cut where it is longer. */
  readonly valueBytesMax: number;
  /** The name of the sender's key; null when the sender is not known. */
  readonly source: string | null;
  /** Makes a key where the event has neither a session nor an id. */
  readonly newId: () => string;
}

/** Makes the record. Pure. */
export function rejectedEvent(
  raw: RawEvent,
  { code, pointer }: Rejection,
  { valueBytesMax, source, newId }: RejectedOptions,
): RejectedEvent {
  const text = textOf(raw);
  const bytes = Buffer.byteLength(text);
  const isCut = bytes > valueBytesMax;
  const value = isCut ? begin(text, valueBytesMax) : text;
  const key = keyOf(raw) ?? newId();
  const headers = [header(REJECTED_HEADERS.code, code)];
  if (pointer !== "") headers.push(header(REJECTED_HEADERS.pointer, pointer));
  if (source !== null) headers.push(header(REJECTED_HEADERS.source, source));
  if (isCut) headers.push(header(REJECTED_HEADERS.bytes, String(bytes)));
  return { key, value, headers, bytes: (isCut ? value.length : bytes) + Buffer.byteLength(key) };
}

/** An event that is nested deeper keeps only its plain fields: no honest sender has one. */
const PRINTED_LEVELS_MAX = 1000; // chosen
/** By their names: such an event may have a million others, and to list them takes seconds. */
const PLAIN_FIELDS = ["eventId", "sessionId", "eventType", "ts"];

function textOf(raw: RawEvent): string {
  if (!isNestedDeeper(raw, PRINTED_LEVELS_MAX)) return JSON.stringify(raw);
  if (!isObject(raw)) return "[]";
  const plain = PLAIN_FIELDS.filter((name) => typeof raw[name] !== "object");
  return JSON.stringify(raw, plain);
}

function keyOf(raw: RawEvent): string | null {
  if (typeof raw !== "object" || raw === null) return null;
  const { sessionId, eventId } = raw as {
    readonly sessionId?: unknown;
    readonly eventId?: unknown;
  };
  if (findSessionIdFault(sessionId) === null) return sessionId as string;
  return isEventId(eventId) ? eventId : null;
}

/** The first bytes of a text in UTF-8; no character is cut in two. */
function begin(text: string, bytesMax: number): Buffer {
  const bytes = Buffer.alloc(bytesMax);
  const { written } = new TextEncoder().encodeInto(text, bytes);
  return bytes.subarray(0, written);
}

function header(key: string, text: string): RecordHeader {
  return { key, value: Buffer.from(text) };
}
