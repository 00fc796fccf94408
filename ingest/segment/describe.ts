/** The part of the OpenAPI document that describes Segment's HTTP API. */
import { FLAG, objectOf, RATE_LIMIT_HEADERS, response, TEXT, type Schema } from "@tally/shared";
import { SEGMENT_FORMS } from "./segment_form.ts";
import { SETTINGS_PATH } from "./settings.ts";

/** What the descriptions depend on. */
export interface SegmentOptions {
  readonly bodyBytesMax: number;
  readonly batchEventsMax: number;
  /** How the routes that take events want a key. */
  readonly security: object;
  /** Responses of a request that fails, for a route of events and for one to read. */
  readonly failures: { readonly sending: object; readonly reading: object };
}

const MESSAGE: Schema = {
  type: "object",
  description: "A message of Segment's spec. `docs/api.md` says which event it becomes.",
  properties: { messageId: {}, anonymousId: {}, userId: {}, type: {}, timestamp: {} },
};

/** The paths by name. */
export function describeSegment(options: SegmentOptions): Record<string, object> {
  const { batchEventsMax, failures } = options;
  const batch: Schema = {
    type: "object",
    required: ["batch"],
    properties: {
      // Any items: one that is no message becomes a dead letter.
      batch: {
        type: "array",
        items: {},
        minItems: 1,
        description: "Messages, each with its `type`.",
        // Not `maxItems`: more of them get 413, whatever the messages are.
        "x-limits": { maxItems: batchEventsMax },
      },
      // Any value: one that is no object holds for no message.
      context: { description: "An object that holds for every message without its own value." },
    },
  };
  const paths = SEGMENT_FORMS.map(([path, { type }]) => [
    path,
    { post: describeRoute(path, type === null ? batch : MESSAGE, options) },
  ]);
  const get = {
    operationId: "getSegmentSettings",
    summary: "What Segment's SDK for browsers reads before it sends; the same for every key",
    parameters: [{ name: "key", in: "path", required: true, schema: KEY }],
    responses: { "200": response("The settings", { type: "object" }), ...failures.reading },
  };
  const settingsPath = SETTINGS_PATH.replace(":key", "{key}");
  return { ...Object.fromEntries(paths), [settingsPath]: { get } };
}

const KEY: Schema = { ...TEXT, pattern: "^[A-Za-z0-9_-]{1,128}$" };

function describeRoute(path: string, schema: Schema, options: SegmentOptions): object {
  const { bodyBytesMax, security, failures } = options;
  const name = path.slice("/v1/".length);
  return {
    operationId: `segment${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    summary: "Publishes what an SDK of Segment sends",
    description:
      `Body at most ${bodyBytesMax} bytes, decompressed. Content-Encoding gzip or zstd. ` +
      "text/plain is read as JSON. A 503 is safe to repeat with the same message ids.",
    security,
    requestBody: {
      required: true,
      content: { "application/json": { schema } },
    },
    responses: {
      "200": {
        ...response("Stored by all in-sync replicas", objectOf({ success: FLAG })),
        headers: RATE_LIMIT_HEADERS,
      },
      ...failures.sending,
    },
  };
}
