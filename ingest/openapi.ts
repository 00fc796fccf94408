/**
 * The OpenAPI document of ingest, built from its options and the table of errors,
 * so that it always states what they do.
 */
import {
  arrayOf,
  COUNT,
  describeProblem,
  describeViews,
  EPOCH_MS_MIN,
  EVENT_ID_PATTERN,
  EVENT_TYPE_LENGTH_MAX,
  EVERY_ROUTE,
  FLAG,
  HEALTH_SCHEMAS,
  KEY_CODES,
  KEY_SCHEMES,
  keySecurity,
  mapOf,
  OFFSET,
  problems,
  RATE_LIMIT_HEADERS,
  objectOf,
  ref,
  response,
  SESSION_ID_LENGTH_MAX,
  STORABLE_TEXT,
  TEXT,
  YEAR_9999_END_MS,
  type Config,
  type ErrorCode,
  type Schema,
} from "@tally/shared";
import { CLOUD_EVENTS_CONTENT, describeCloudEvent } from "./cloudevents/describe.ts";
import { describeClientFiles } from "./client_files.ts";
import { describeSegment } from "./segment/describe.ts";

type Limits = Config<"ingest">["ingest"];

/** The codes of a request that sends events, as a whole. */
export const REQUEST_CODES = [
  ...EVERY_ROUTE,
  ...KEY_CODES,
  "origin_not_allowed",
  "invalid_body",
  "json_lines",
  "invalid_parameter",
  "body_too_slow",
  "body_too_large",
  "batch_too_large",
  "unsupported_type",
  "unsupported_encoding",
  "batch_empty",
  "batch_rejected",
  "quota_exceeded",
  "overloaded",
  "broker_unavailable",
  "broker_misconfigured",
] as const satisfies readonly ErrorCode[];

/** The codes of one event; the 202 of a batch lists them beside the accepted events. */
export const EVENT_CODES = [
  "invalid_event",
  "invalid_line",
  "field_missing",
  "field_unknown",
  "field_invalid",
  "timestamp_invalid",
  "timestamp_out_of_range",
  "payload_not_json",
  "text_invalid",
  "number_invalid",
  "key_forbidden",
  "event_too_large",
  "event_too_deep",
  "event_too_complex",
  "event_type_not_allowed",
  "specversion_unsupported",
  "data_base64_unsupported",
] as const satisfies readonly ErrorCode[];

const CODES: readonly ErrorCode[] = [...REQUEST_CODES, ...EVENT_CODES];
/** The codes of the routes whose rejected events become dead letters. */
const SEGMENT_CODES: readonly ErrorCode[] = [...CODES, "rejected_quota_exceeded"];

/** The largest number up to which each integer is exact as a double. */
const INTEGER_MAX = 2 ** 53;
/** Strings that hold a number or a literal. No pattern can describe all strings that hold JSON. */
const JSON_TEXT = "^[ \\t\\r\\n]*(?:-?(?:0|[1-9][0-9]{0,14})|true|false|null)[ \\t\\r\\n]*$";
const PART_REF: Schema = { $ref: "#/components/x-values/JsonPart" };
/** Any JSON value but a string. */
const JSON_VALUE: Schema = {
  anyOf: [
    { type: ["boolean", "null"] },
    { type: "number", minimum: -INTEGER_MAX, maximum: INTEGER_MAX },
    arrayOf(PART_REF),
    { ...mapOf(PART_REF), propertyNames: { pattern: STORABLE_TEXT } },
  ],
};
/** What a JSON value may hold. */
const JSON_PART: Schema = {
  anyOf: [{ $ref: "#/components/x-values/JsonValue" }, { type: "string", pattern: STORABLE_TEXT }],
};

/** The OpenAPI 3.1 document. */
export function describeApi(limits: Limits, keysOn: boolean): object {
  const security = keySecurity(keysOn);
  const views = describeViews("Kafka stores events and the service isn't stopping");
  const { get: metrics } = views["/metrics"] as { readonly get: { readonly responses: object } };
  const protectedMetrics = {
    ...metrics,
    security,
    responses: { ...metrics.responses, ...problems(KEY_CODES) },
  };
  return {
    openapi: "3.1.0",
    info: {
      title: "Tally ingest",
      version: "1",
      description: "A 202 means: every accepted event is in the log on all in-sync replicas.",
    },
    paths: {
      "/events": { post: { ...describeEvents(limits), security } },
      ...describeSegment({
        bodyBytesMax: limits.bodyBytesMax,
        batchEventsMax: limits.batchEventsMax,
        security,
        failures: { sending: problems(SEGMENT_CODES), reading: problems() },
      }),
      ...describeClientFiles(problems()),
      ...views,
      "/metrics": { get: protectedMetrics },
    },
    components: {
      schemas: { ...describeSchemas(limits), ...HEALTH_SCHEMAS },
      // Not among the schemas: some generators of clients can't make a type that holds itself.
      securitySchemes: KEY_SCHEMES,
      "x-values": { JsonValue: JSON_VALUE, JsonPart: JSON_PART },
    },
  };
}

function describeEvents(limits: Limits): object {
  const event = ref("Event");
  const batch = { ...arrayOf(event), minItems: 1 };
  const text = (description: string) => ({ schema: { ...TEXT, description } });
  const answer = { anyOf: [ref("Place"), ref("BatchAnswer")] };
  return {
    operationId: "sendEvents",
    summary: "Publishes one event or a batch",
    description:
      `Body at most ${limits.bodyBytesMax} bytes, decompressed; ${limits.batchEventsMax} events. ` +
      "Content-Encoding gzip or zstd. text/plain is read as JSON, for beacons of browsers. " +
      "With the header ce-specversion the body is the data of a CloudEvent in binary mode. " +
      `An answer within ${limits.requestDeadlineMs} ms. ` +
      "Anything but a 202 is safe to repeat with the same event ids or the same Idempotency-Key.",
    // Not in the schema of the body: what breaks these gets 413, whatever the events are.
    "x-limits": { maxItems: limits.batchEventsMax, maxBytes: limits.bodyBytesMax },
    parameters: [
      header("Idempotency-Key", {
        description: "Makes the ids of events without one, so that a repeat is safe.",
        pattern: "^[\\x21-\\x7e](?:[\\x20-\\x7e]{0,253}[\\x21-\\x7e])?$",
      }),
      header("Prefer", { description: "`return=minimal` leaves out `results`." }),
    ],
    requestBody: {
      required: true,
      content: {
        "application/json": { schema: { anyOf: [event, batch, ref("KeyedBatch")] } },
        "application/x-ndjson": text("One event per line."),
        ...CLOUD_EVENTS_CONTENT,
      },
    },
    responses: {
      "202": {
        ...response("Stored by all in-sync replicas", answer),
        headers: RATE_LIMIT_HEADERS,
      },
      ...problems(CODES),
    },
  };
}

function describeSchemas(limits: Limits): Record<string, Schema> {
  const eventId = { type: "string", pattern: EVENT_ID_PATTERN };
  const place = { eventId, partition: COUNT, offset: OFFSET };
  const tsReplaced = { ...FLAG, description: "Its `ts` was outside the window" };
  const rejected = arrayOf(
    objectOf(
      { index: COUNT, code: { type: "string", enum: EVENT_CODES }, pointer: TEXT },
      { eventId },
    ),
  );
  const problem = describeProblem(SEGMENT_CODES);
  return {
    Event: describeEvent(limits),
    KeyedBatch: {
      ...objectOf({ writeKey: TEXT, events: { ...arrayOf(ref("Event")), minItems: 1 } }),
      additionalProperties: false,
      description: "A batch with its key, for pages whose beacons can set no header.",
    },
    CloudEvent: describeCloudEvent(PART_REF),
    Place: objectOf(place, { tsReplaced }),
    Result: objectOf({ index: COUNT, ...place }, { tsReplaced }),
    BatchAnswer: objectOf(
      { accepted: { type: "integer", minimum: 1 }, rejected },
      {
        results: arrayOf(ref("Result")),
        tsReplaced: { ...COUNT, description: "How many `ts` were replaced; without `results`" },
      },
    ),
    Problem: {
      ...problem,
      properties: { ...problem.properties, rejected, "violated-policies": arrayOf(TEXT) },
    },
  };
}

function describeEvent(limits: Limits): Schema {
  const text = (maxLength: number) => ({ minLength: 1, maxLength, pattern: STORABLE_TEXT });
  return {
    type: "object",
    description: `At most ${limits.eventBytesMax} bytes. null in an optional field means absent.`,
    additionalProperties: false,
    required: ["sessionId", "eventType", "payload"],
    properties: {
      sessionId: { type: "string", ...text(SESSION_ID_LENGTH_MAX) },
      eventType: { type: "string", ...text(EVENT_TYPE_LENGTH_MAX) },
      payload: {
        description:
          "Any JSON value but a string, or a string that holds JSON. " +
          `At most ${limits.nestingMax} levels and ${limits.valuesMax} values; no NUL, no lone ` +
          "surrogate, no key `__proto__`, no `constructor` that holds `prototype`; " +
          "an integer must be exact as a double.",
        // Generators of clients read no conditions and make any JSON value of it, as it should be.
        pattern: JSON_TEXT,
        if: { type: "string" },
        else: { $ref: "#/components/x-values/JsonValue" },
      },
      eventId: { type: ["string", "null"], pattern: EVENT_ID_PATTERN },
      ts: {
        description:
          `RFC 3339 with a zone, or milliseconds since 1970; the receive time when absent. ` +
          `From ${limits.pastDaysMax} days back to ${limits.futureMinutesMax} minutes ahead; ` +
          `outside of it ${limits.tsOutside === "replace" ? "the receive time replaces it" : "it is refused"}.`,
        anyOf: [
          // PostgreSQL knows no year 0.
          { type: "string", format: "date-time", pattern: "^(?!0000)" },
          { type: "integer", minimum: EPOCH_MS_MIN, maximum: YEAR_9999_END_MS },
          { type: "null" },
        ],
      },
    },
  };
}

function header(name: string, { description, ...schema }: Record<string, string>): object {
  return { name, in: "header", required: false, description, schema: { ...TEXT, ...schema } };
}
