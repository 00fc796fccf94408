/**
 * Step 0 of `POST /events`: the headers that say how to read the body and how to answer. A 415 is
 * decided here.
 */
import { readEncoding, readMediaType } from "@tally/shared";
import { refuse, type Refusal } from "../form/refusal.ts";
import type { BodyType } from "./accept.ts";
import type { AnswerHead } from "./answer.ts";

/** The headers that matter, read. */
export interface EventsHead extends AnswerHead {
  readonly type: BodyType;
  /** Makes the ids of events without one, so that repeating the request is safe. */
  readonly idempotencyKey: string | null;
}

const IDEMPOTENCY_KEY = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;
const RETURN_MINIMAL = /(?:^|[,;\s])return="?minimal"?(?:$|[,;\s])/i;

/** The types of JSON lines; none of them is registered, and libraries use all of these. */
const LINES = /^application\/(?:x-)?(?:ndjson|jsonl|jsonlines)$/;
/** A browser sends a beacon of text as `text/plain`: it needs no preflight then. */
const JSON_TYPES: ReadonlySet<string> = new Set(["application/json", "text/plain"]);

/** Reads the headers; refuses a body of an unknown type or encoding. */
export function readHead(headers: Headers): EventsHead | Refusal {
  const type = readType(headers.get("content-type"));
  if (type === null) return refuse("unsupported_type");
  const encoding = readEncoding(headers.get("content-encoding"));
  if (encoding === null) return refuse("unsupported_encoding");
  const idempotencyKey = headers.get("idempotency-key");
  if (!isIdempotencyKey(idempotencyKey)) return refuse("invalid_parameter");
  return { kind: "head", type, encoding, isMinimal: asksMinimal(headers), idempotencyKey };
}

/** Whether an `Idempotency-Key` can be used, or is absent. */
export function isIdempotencyKey(header: string | null): boolean {
  return header === null || IDEMPOTENCY_KEY.test(header);
}

/** Whether the client wants no list of places. */
export function asksMinimal(headers: Headers): boolean {
  const prefer = headers.get("prefer");
  return prefer !== null && RETURN_MINIMAL.test(prefer);
}

/** How to read a body, or null when its type is not supported. */
function readType(header: string | null): BodyType | null {
  const name = readMediaType(header);
  if (name === null) return null;
  if (JSON_TYPES.has(name)) return "json";
  return LINES.test(name) ? "ndjson" : null;
}
