/**
 * The OpenAPI document of ingest, built from its options and the table of errors,
 * so that it always states what they do.
 */
import {
  describeProblem,
  describeProblems,
  EVENT_TYPE_LENGTH_MAX,
  SESSION_ID_LENGTH_MAX,
  type Config,
  type ErrorCode,
} from "@tally/shared";

type Limits = Config<"ingest">["ingest"];

/** The codes of `POST /events` as a whole. */
export const REQUEST_CODES = [
  "invalid_body",
  "invalid_parameter",
  "not_found",
  "method_not_allowed",
  "body_too_slow",
  "body_too_large",
  "batch_too_large",
  "unsupported_type",
  "unsupported_encoding",
  "batch_empty",
  "batch_rejected",
  "overloaded",
  "broker_unavailable",
  "broker_misconfigured",
  "internal",
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
] as const satisfies readonly ErrorCode[];

const CODES: readonly ErrorCode[] = [...REQUEST_CODES, ...EVENT_CODES];

/** The OpenAPI 3.1 document. */
export function describeApi(limits: Limits): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "Tally ingest",
      version: "1",
      description: "A 202 means: every accepted event is in the log on all in-sync replicas.",
    },
    paths: {
      "/events": { post: describeEvents(limits) },
      "/health/live": view("The process runs", "application/json"),
      "/health/ready": view(
        "Kafka is reachable and the service isn't stopping",
        "application/json",
      ),
      "/actuator/health": view("State of each component", "application/json"),
      "/metrics": view("Metrics in Prometheus' text form", "text/plain"),
      "/openapi.json": view("This document", "application/json"),
    },
    components: { schemas: describeSchemas(limits) },
  };
}

function describeEvents(limits: Limits): object {
  const event = { $ref: "#/components/schemas/Event" };
  const batch = { type: "array", items: event, minItems: 1, maxItems: limits.batchEventsMax };
  const text = (description: string) => ({ type: "string", description });
  return {
    summary: "Publishes one event or a batch",
    description:
      `Body at most ${limits.bodyBytesMax} bytes, decompressed; ${limits.batchEventsMax} events. ` +
      `Content-Encoding gzip or zstd. An answer within ${limits.requestDeadlineMs} ms. ` +
      "Anything but a 202 is safe to repeat with the same event ids or the same Idempotency-Key.",
    parameters: [
      header("Idempotency-Key", "Makes the ids of events without one; 1 to 255 characters."),
      header("Prefer", "`return=minimal` leaves out `results`."),
    ],
    requestBody: {
      required: true,
      content: {
        "application/json": { schema: { anyOf: [event, batch] } },
        "application/x-ndjson": { schema: text("One event per line.") },
      },
    },
    responses: {
      "202": {
        description: "Stored by all in-sync replicas",
        content: {
          "application/json": {
            schema: {
              anyOf: [
                { $ref: "#/components/schemas/Place" },
                { $ref: "#/components/schemas/BatchAnswer" },
              ],
            },
          },
        },
      },
      ...describeProblems(CODES),
    },
  };
}

function describeSchemas(limits: Limits): object {
  const eventId = { type: "string", pattern: "^(?!\\.+$)[A-Za-z0-9._:-]{1,64}$" };
  const index = { type: "integer", minimum: 0 };
  const place = {
    eventId,
    partition: { type: "integer", minimum: 0 },
    offset: { type: "string", pattern: "^[0-9]+$" },
  };
  const rejection = {
    type: "object",
    required: ["index", "code", "pointer"],
    properties: { index, eventId, code: { enum: EVENT_CODES }, pointer: { type: "string" } },
  };
  const rejected = { type: "array", items: rejection };
  const problem = describeProblem(CODES);
  const result = { type: "object", properties: { index, ...place } };
  return {
    Event: describeEvent(limits, eventId),
    Place: { type: "object", required: ["eventId", "partition", "offset"], properties: place },
    BatchAnswer: {
      type: "object",
      required: ["accepted", "rejected"],
      properties: {
        accepted: { type: "integer", minimum: 1 },
        rejected,
        results: { type: "array", items: result },
      },
    },
    Problem: { ...problem, properties: { ...problem.properties, rejected } },
  };
}

function describeEvent(limits: Limits, eventId: object): object {
  return {
    type: "object",
    description: `At most ${limits.eventBytesMax} bytes.`,
    additionalProperties: false,
    required: ["sessionId", "eventType", "payload"],
    properties: {
      sessionId: { type: "string", minLength: 1, maxLength: SESSION_ID_LENGTH_MAX },
      eventType: { type: "string", minLength: 1, maxLength: EVENT_TYPE_LENGTH_MAX },
      payload: {
        description:
          "Any JSON value, or a string that holds JSON. " +
          `At most ${limits.nestingMax} levels and ${limits.valuesMax} values; ` +
          "no NUL, no lone surrogate, no key __proto__, constructor or prototype; " +
          "integers must be exact as doubles.",
      },
      eventId,
      ts: {
        type: "string",
        format: "date-time",
        description:
          `From ${limits.pastDaysMax} days back to ${limits.futureMinutesMax} minutes ahead; ` +
          "the receive time when absent.",
      },
    },
  };
}

function header(name: string, description: string): object {
  return { name, in: "header", required: false, description, schema: { type: "string" } };
}

function view(description: string, type: string): object {
  return { get: { responses: { "200": { description, content: { [type]: {} } } } } };
}
