/** CloudEvents in the OpenAPI document of ingest. */
import { arrayOf, EVENT_TYPE_LENGTH_MAX, ref, STORABLE_TEXT, type Schema } from "@tally/shared";

/** Text of an attribute that takes part in the identity: no control characters. */
const IDENTITY = { type: "string", minLength: 1, pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$" };
/** Names of attributes; `data` is none, but stands beside them. */
const NAMES = "^(?:[a-z0-9]+|data_base64)$";
const EXTENSION: Schema = {
  anyOf: [
    { type: ["string", "boolean", "null"] },
    { type: "integer", minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  ],
};

/** The bodies with CloudEvents, by content type. */
export const CLOUD_EVENTS_CONTENT: Readonly<Record<string, object>> = {
  "application/cloudevents+json": { schema: ref("CloudEvent") },
  "application/cloudevents-batch+json": {
    // openapi-python-client makes a function of a plain array that fails for every other body.
    schema: { allOf: [{ ...arrayOf(ref("CloudEvent")), minItems: 1 }] },
  },
};

/** One CloudEvent in JSON format. @param jsonValue A JSON value that can be kept. */
export function describeCloudEvent(jsonValue: Schema): Schema {
  return {
    type: "object",
    description: "A CloudEvent 1.0. Only the attributes listed here and `data` are stored.",
    required: ["specversion", "id", "source", "type"],
    properties: {
      specversion: { type: "string", enum: ["1.0"] },
      id: { ...IDENTITY, description: "With `source`, what identifies the event." },
      source: IDENTITY,
      type: {
        type: "string",
        minLength: 1,
        maxLength: EVENT_TYPE_LENGTH_MAX,
        pattern: STORABLE_TEXT,
      },
      subject: {
        type: ["string", "null"],
        minLength: 1,
        pattern: STORABLE_TEXT,
        description: "The session; `source` when absent.",
      },
      time: {
        // PostgreSQL knows no year 0.
        anyOf: [{ type: "string", format: "date-time", pattern: "^(?!0000)" }, { type: "null" }],
      },
      data: { description: "The payload, as it is.", ...anyForGenerators(jsonValue) },
      data_base64: { type: "null", description: "Binary data is not supported." },
    },
    propertyNames: { pattern: NAMES },
    additionalProperties: anyForGenerators(EXTENSION),
  };
}

/** Generators of clients read no conditions and make any JSON value of it, as it should be. */
function anyForGenerators(schema: Schema): Schema {
  return { if: { not: {} }, else: schema };
}
