/**
 * A message of Segment's HTTP API as an event. Pure, and the same for every send of a message:
 * what an SDK changes between two sends is left out, or the second would be another event with
 * the same id. Nothing is judged here: a field of a wrong type stays for shared/event.ts to reject.
 */
import { isEventId, isObject, isStorableText, type RawEvent } from "@tally/shared";

/** What is known of a message besides its own fields. */
export interface MessageOptions {
  /** The type that its path names; null when the message has its own, as in a batch. */
  readonly type: string | null;
  /** The `context` of its batch, which holds for every message without its own value. */
  readonly batchContext?: unknown;
}

/** A JSON object. */
export interface JsonObject {
  readonly [name: string]: unknown;
}

/** About the delivery, not about what happened; most of them change from one send to the next. */
const DELIVERY_FIELDS = ["sentAt", "receivedAt", "writeKey", "_metadata", "integrations"];
/** Types whose content is `traits`; that of all others is `properties`. */
const TRAITS_TYPES: ReadonlySet<unknown> = new Set(["identify", "group"]);
/** Namespace of the ids made of message ids; chosen once, part of the contract. */
const MESSAGE_ID_NAMESPACE = "0f6d7c52-5c0e-5d0b-9d35-7b1e2f6c8a41";

/** The event that a message stands for; a message that is no object is returned as it is. */
export function translate(message: unknown, { type, batchContext }: MessageOptions): RawEvent {
  if (!isObject(message)) return message;
  const messageType = type ?? message["type"];
  const isTrack = messageType === "track";
  const eventId = eventIdOf(message["messageId"]);
  const timeField = isGiven(message["timestamp"]) ? "timestamp" : "originalTimestamp";
  const sessionField = isGiven(message["anonymousId"]) ? "anonymousId" : "userId";
  const used = [timeField, "anonymousId", ...DELIVERY_FIELDS];
  if (isTrack) used.push("event");
  if (eventId === message["messageId"]) used.push("messageId");
  return {
    eventId,
    sessionId: textOf(message[sessionField]),
    eventType: textOf(isTrack ? message["event"] : messageType),
    ts: isGiven(message[timeField]) ? message[timeField] : undefined,
    payload: payloadOf(message, { messageType, batchContext, used }),
  };
}

/** Senders write an empty text as well as null for what they do not know. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

/** Ids are texts; many senders have numbers. Undefined when it is not given. */
function textOf(value: unknown): unknown {
  if (!isGiven(value)) return undefined;
  return typeof value === "number" ? String(value) : value;
}

function eventIdOf(messageId: unknown): unknown {
  const id = textOf(messageId);
  if (typeof id !== "string" || isEventId(id) || !isStorableText(id)) return id;
  return Bun.randomUUIDv5(id, MESSAGE_ID_NAMESPACE);
}

interface PayloadOptions {
  readonly messageType: unknown;
  readonly batchContext: unknown;
  /** Fields of the message that are elsewhere in the event, or nowhere. */
  readonly used: readonly string[];
}

/**
 * The properties (or traits) at the top, and the rest of the message under `segment`. What has no
 * place at the top stays below `segment`, under its own name: properties that are no object, and
 * a property named `segment`.
 */
function payloadOf(
  message: JsonObject,
  { messageType, batchContext, used }: PayloadOptions,
): JsonObject {
  const name = TRAITS_TYPES.has(messageType) ? "traits" : "properties";
  const content = message[name];
  const omitted = new Set([...used, name, "type", "context"]);
  const context = contextOf(message["context"], batchContext);
  // Not by assignment: that would take a key `__proto__` for the prototype.
  const rest = Object.fromEntries([
    ...Object.entries(message).filter(([field, value]) => !omitted.has(field) && value !== null),
    ...(isGiven(messageType) ? [["type", messageType] as const] : []),
    ...(isGiven(context) ? [["context", context] as const] : []),
  ]);
  if (!isObject(content)) {
    return { segment: isGiven(content) ? { ...rest, [name]: content } : rest };
  }
  if (!Object.hasOwn(content, "segment")) return { ...content, segment: rest };
  const { segment, ...others } = content;
  return { ...others, segment: { ...rest, [name]: { segment } } };
}

function contextOf(own: unknown, ofBatch: unknown): unknown {
  if (!isObject(ofBatch)) return own;
  return isObject(own) ? { ...ofBatch, ...own } : (own ?? ofBatch);
}
