/**
 * A CloudEvent 1.0 becomes an event of `POST /events` and is judged as one. Pure. Identity is
 * `source` and `id`, the session is `subject` or else `source`, the payload is `data` alone: other
 * attributes may change from one send to the next (`traceparent`), and a repeat must stay equal.
 */
import {
  isRejection,
  parseEvent,
  type ErrorCode,
  type JudgedEvent,
  type ParseContext,
  type RawEvent,
  type Rejection,
} from "@tally/shared";
import { eventIdOf, sessionIdOf } from "./identity.ts";

/** The only version that is taken. Version 0.3 names and means its attributes otherwise. */
const SPEC_VERSION = "1.0";
/** The rule of the specification for names; content under another name would be lost. */
const ATTRIBUTE_NAME = /^[a-z0-9]+$/;
/** Characters that no attribute may hold; a line feed would make identities ambiguous. */
const CONTROL_CHARACTER = /\p{Cc}/u;
const INTEGER_MIN = -(2 ** 31);
const INTEGER_MAX = 2 ** 31 - 1;

/** The attribute that each field of an event is made of. */
const POINTERS: Readonly<Record<string, string>> = {
  "/eventType": "/type",
  "/ts": "/time",
  "/payload": "/data",
};

/** A CloudEvent in JSON format, parsed. */
interface Attributes {
  readonly [name: string]: unknown;
}

/**
 * Judges one CloudEvent in JSON format. A rejection points to the attribute.
 *
 * @param badNumber Whether the event's own text holds a number that can't be kept.
 */
export function judgeCloudEvent(
  raw: RawEvent,
  context: ParseContext,
  badNumber: boolean,
): JudgedEvent | Rejection {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    return { code: "invalid_event", pointer: "" };
  }
  const attributes = raw as Attributes;
  const fault = findVersionFault(attributes.specversion) ?? findIdentityFault(attributes);
  if (fault !== null) return fault;
  const { id, source, type, data } = attributes;
  const eventId = eventIdOf({ source: source as string, id: id as string });
  const otherFault = findOtherFault(attributes);
  if (otherFault !== null) return { ...otherFault, eventId };

  const subject = attributes.subject ?? source;
  const event = {
    eventId,
    sessionId: typeof subject === "string" ? sessionIdOf(subject) : subject,
    eventType: type,
    ts: attributes.time,
    // A string is data as it is here, and would be parsed as JSON there.
    payload: typeof data === "string" ? JSON.stringify(data) : (data ?? null),
  };
  const verdict = parseEvent(event, context, badNumber);
  if (!isRejection(verdict)) return verdict;
  const isOfSession = verdict.pointer === "/sessionId";
  const pointer = isOfSession ? "/subject" : (POINTERS[verdict.pointer] ?? verdict.pointer);
  return { ...verdict, pointer };
}

/** First of all: of another version nothing else can be said. */
function findVersionFault(version: unknown): Rejection | null {
  const pointer = "/specversion";
  if (isAbsent(version)) return { code: "field_missing", pointer };
  return version === SPEC_VERSION ? null : { code: "specversion_unsupported", pointer };
}

function findIdentityFault(attributes: Attributes): Rejection | null {
  for (const name of ["id", "source"] as const) {
    const code = findTextFault(attributes[name]);
    if (code !== null) return { code, pointer: `/${name}` };
  }
  return null;
}

function findTextFault(value: unknown): ErrorCode | null {
  if (isAbsent(value)) return "field_missing";
  if (typeof value !== "string" || value === "") return "field_invalid";
  if (!value.isWellFormed()) return "text_invalid";
  return CONTROL_CHARACTER.test(value) ? "field_invalid" : null;
}

/** What is wrong with the rest, except for what `parseEvent` finds. */
function findOtherFault(attributes: Attributes): Rejection | null {
  if (isAbsent(attributes.type)) return { code: "field_missing", pointer: "/type" };
  if (!isAbsent(attributes.data_base64)) {
    return { code: "data_base64_unsupported", pointer: "/data_base64" };
  }
  const { time } = attributes;
  if (!isAbsent(time) && typeof time !== "string") {
    return { code: "timestamp_invalid", pointer: "/time" };
  }
  for (const name in attributes) {
    if (name === "data" || name === "data_base64") continue;
    // No pointer: it would echo a name that the sender chose.
    if (!ATTRIBUTE_NAME.test(name)) return { code: "field_unknown", pointer: "" };
    if (!isAttributeValue(attributes[name])) return { code: "field_invalid", pointer: "" };
  }
  return null;
}

/** Whether the value has a type of CloudEvents: an object here is content in the wrong place. */
function isAttributeValue(value: unknown): boolean {
  if (typeof value === "number") {
    return Number.isInteger(value) && value >= INTEGER_MIN && value <= INTEGER_MAX;
  }
  return typeof value !== "object" || value === null;
}

/** `null` counts as absent, by the JSON format. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
