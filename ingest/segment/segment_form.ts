/**
 * The forms of Segment's HTTP API: a path for each type of message, and one for batches. The
 * success that its SDKs wait for is answered only when Kafka has every event; a 503 makes them
 * send again. An SDK drops what gets another status of 400 and above.
 */
import { isNestedDeeper, isObject, readEncoding, readMediaType } from "@tally/shared";
import { createEventIds } from "../form/id.ts";
import { readJson } from "../form/json_body.ts";
import { rejectedEvent, type RejectedEvent } from "../form/rejected_event.ts";
import { refusalResponse, refuse, type Refusal } from "../form/refusal.ts";
import type { ParsedBody, RequestForm, RequestHead } from "../form/request_form.ts";
import { createJudge, type JudgeContext, type Verdicts } from "../form/verdicts.ts";
import { readMessage, readMessages, type BodyText, type Message } from "./messages.ts";

/** The types that JSON comes under. */
const TYPES: ReadonlySet<string> = new Set([
  "application/json",
  // A browser sends text: it then needs no preflight.
  "text/plain",
  // RudderStack's SDK for Node leaves it to its HTTP client, which says this of bytes in gzip.
  "application/x-www-form-urlencoded",
  "",
]);

/** Paths by type of message, null for batches. Browsers send to the first letter of the type. */
const PATHS: readonly (readonly [type: string | null, paths: readonly string[]])[] = [
  [null, ["/v1/batch", "/v1/import", "/v1/b"]],
  ["track", ["/v1/track", "/v1/t"]],
  ["page", ["/v1/page", "/v1/p"]],
  ["screen", ["/v1/screen", "/v1/s"]],
  ["identify", ["/v1/identify", "/v1/i"]],
  ["group", ["/v1/group", "/v1/g"]],
  ["alias", ["/v1/alias", "/v1/a"]],
];

/** The form of a path of Segment's API. */
export interface SegmentForm extends RequestForm {
  /** The type of every message; null for batches, whose messages have their own. */
  readonly type: string | null;
}

/** The forms by path. */
export const SEGMENT_FORMS = PATHS.flatMap(([type, paths]) => {
  const form = segmentForm(type);
  return paths.map((path): readonly [path: string, form: SegmentForm] => [path, form]);
});

function segmentForm(type: string | null): SegmentForm {
  return {
    type,
    keepsRejected: true,
    readHead,
    parse: (body) => parse(body, type),
    answer: (outcome, requestId) =>
      outcome.kind === "refused" ? refusalResponse(outcome, requestId) : success(requestId),
  };
}

function readHead({ headers }: Request): RequestHead | Refusal {
  const type = readMediaType(headers.get("content-type"));
  if (type === null || !TYPES.has(type)) return refuse("unsupported_type");
  const encoding = readEncoding(headers.get("content-encoding"));
  return encoding === null ? refuse("unsupported_encoding") : { kind: "head", encoding };
}

function parse(body: Buffer, type: string | null): ParsedBody | Refusal {
  const json = readJson(body);
  if (json === null || !isObject(json.value)) return refuse("invalid_body");
  const { text, value } = json;
  const { writeKey, batch } = value;
  if (type === null && !Array.isArray(batch)) return refuse("invalid_body");
  return {
    kind: "parsed",
    writeKey: typeof writeKey === "string" ? writeKey : null,
    judge: (context) => judgeMessages({ text, value }, type, context),
  };
}

function judgeMessages(
  body: BodyText,
  type: string | null,
  context: JudgeContext,
): Verdicts | Refusal {
  const read = type === null ? readBatch(body, context) : readSingle(body, type);
  if (read.kind === "refused") return read;
  const { messages, copiedBytes } = read;
  const newId = createEventIds(null, context.source);
  const judge = createJudge(context, type !== null, newId);
  const kept: RejectedEvent[] = [];
  for (const [index, message] of messages.entries()) {
    const rejections = judge.rejections.length;
    judge.take(message.raw, message.hasBadNumber);
    const rejection = judge.rejections[rejections];
    if (rejection === undefined || context.keepsRejected !== true) continue;
    const options = { valueBytesMax: context.limits.eventBytesMax, source: context.source };
    // What JSON.parse has made of a bad number would pass when it is judged again.
    const raw = message.hasBadNumber ? message.quoted() : message.raw;
    kept.push(rejectedEvent(raw, rejection, { ...options, newId: () => newId(index) }));
  }
  return { ...judge, ...(kept.length > 0 && { kept }), ...(copiedBytes > 0 && { copiedBytes }) };
}

/** The messages of a body. */
interface Messages {
  readonly kind: "messages";
  readonly messages: readonly Message[];
  /** Bytes of the context of a batch in its messages, but for the one time in the body. */
  readonly copiedBytes: number;
}

function readSingle(body: BodyText, type: string): Messages {
  return { kind: "messages", messages: [readMessage(body, type)], copiedBytes: 0 };
}

/**
 * The context of a batch becomes a part of each of its messages. Its copies may have this many
 * bytes in all, so that a small body does not become events without end. // chosen
 */
const CONTEXT_COPIES_BYTES_MAX = 8 * 1024 * 1024;
/** No event may be nested deeper, whatever the options say. */
const CONTEXT_LEVELS_MAX = 128;

function readBatch(body: BodyText, { batchEventsMax }: JudgeContext): Messages | Refusal {
  const { batch, context } = body.value;
  if (!Array.isArray(batch) || batch.length === 0) return refuse("batch_empty");
  if (batch.length > batchEventsMax) return refuse("batch_too_large");
  const contextBytes = bytesOf(context);
  const isLarge = contextBytes * batch.length > CONTEXT_COPIES_BYTES_MAX;
  if (isLarge) return refuse("body_too_large");
  const copiedBytes = contextBytes * (batch.length - 1);
  return { kind: "messages", messages: readMessages(body, batch), copiedBytes };
}

/** Bytes of a value as JSON; no end when it is nested deeper than any event may be. */
function bytesOf(value: unknown): number {
  if (value === undefined) return 0;
  const isDeep = isNestedDeeper(value, CONTEXT_LEVELS_MAX);
  return isDeep ? Number.POSITIVE_INFINITY : Buffer.byteLength(JSON.stringify(value));
}

function success(requestId: string): Response {
  return new Response('{"success":true}', {
    headers: { "content-type": "application/json", "x-request-id": requestId },
  });
}
