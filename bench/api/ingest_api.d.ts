/** Made of the OpenAPI document of ingest by `bun run doc`. */
export interface paths {
  "/events": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes one event or a batch
     * @description Body at most 5242880 bytes, decompressed; 5000 events. Content-Encoding gzip or zstd. text/plain is read as JSON, for beacons of browsers. With the header ce-specversion the body is the data of a CloudEvent in binary mode. An answer within 10000 ms. Anything but a 202 is safe to repeat with the same event ids or the same Idempotency-Key.
     */
    post: operations["sendEvents"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/batch": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes what an SDK of Segment sends
     * @description Body at most 5242880 bytes, decompressed. Content-Encoding gzip or zstd. text/plain is read as JSON. A 503 is safe to repeat with the same message ids.
     */
    post: operations["segmentBatch"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/import": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes what an SDK of Segment sends
     * @description Body at most 5242880 bytes, decompressed. Content-Encoding gzip or zstd. text/plain is read as JSON. A 503 is safe to repeat with the same message ids.
     */
    post: operations["segmentImport"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/b": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes what an SDK of Segment sends
     * @description Body at most 5242880 bytes, decompressed. Content-Encoding gzip or zstd. text/plain is read as JSON. A 503 is safe to repeat with the same message ids.
     */
    post: operations["segmentB"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/track": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes what an SDK of Segment sends
     * @description Body at most 5242880 bytes, decompressed. Content-Encoding gzip or zstd. text/plain is read as JSON. A 503 is safe to repeat with the same message ids.
     */
    post: operations["segmentTrack"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/t": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes what an SDK of Segment sends
     * @description Body at most 5242880 bytes, decompressed. Content-Encoding gzip or zstd. text/plain is read as JSON. A 503 is safe to repeat with the same message ids.
     */
    post: operations["segmentT"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/page": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes what an SDK of Segment sends
     * @description Body at most 5242880 bytes, decompressed. Content-Encoding gzip or zstd. text/plain is read as JSON. A 503 is safe to repeat with the same message ids.
     */
    post: operations["segmentPage"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/p": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes what an SDK of Segment sends
     * @description Body at most 5242880 bytes, decompressed. Content-Encoding gzip or zstd. text/plain is read as JSON. A 503 is safe to repeat with the same message ids.
     */
    post: operations["segmentP"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/screen": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes what an SDK of Segment sends
     * @description Body at most 5242880 bytes, decompressed. Content-Encoding gzip or zstd. text/plain is read as JSON. A 503 is safe to repeat with the same message ids.
     */
    post: operations["segmentScreen"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/s": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes what an SDK of Segment sends
     * @description Body at most 5242880 bytes, decompressed. Content-Encoding gzip or zstd. text/plain is read as JSON. A 503 is safe to repeat with the same message ids.
     */
    post: operations["segmentS"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/identify": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes what an SDK of Segment sends
     * @description Body at most 5242880 bytes, decompressed. Content-Encoding gzip or zstd. text/plain is read as JSON. A 503 is safe to repeat with the same message ids.
     */
    post: operations["segmentIdentify"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/i": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes what an SDK of Segment sends
     * @description Body at most 5242880 bytes, decompressed. Content-Encoding gzip or zstd. text/plain is read as JSON. A 503 is safe to repeat with the same message ids.
     */
    post: operations["segmentI"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/group": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes what an SDK of Segment sends
     * @description Body at most 5242880 bytes, decompressed. Content-Encoding gzip or zstd. text/plain is read as JSON. A 503 is safe to repeat with the same message ids.
     */
    post: operations["segmentGroup"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/g": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes what an SDK of Segment sends
     * @description Body at most 5242880 bytes, decompressed. Content-Encoding gzip or zstd. text/plain is read as JSON. A 503 is safe to repeat with the same message ids.
     */
    post: operations["segmentG"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/alias": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes what an SDK of Segment sends
     * @description Body at most 5242880 bytes, decompressed. Content-Encoding gzip or zstd. text/plain is read as JSON. A 503 is safe to repeat with the same message ids.
     */
    post: operations["segmentAlias"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/a": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publishes what an SDK of Segment sends
     * @description Body at most 5242880 bytes, decompressed. Content-Encoding gzip or zstd. text/plain is read as JSON. A 503 is safe to repeat with the same message ids.
     */
    post: operations["segmentA"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/projects/{key}/settings": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What Segment's SDK for browsers reads before it sends; the same for every key */
    get: operations["getSegmentSettings"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/client.js": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The client as a script that sets the global `tally` */
    get: operations["clientScript"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/client.mjs": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The client as a module */
    get: operations["clientModule"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/health/live": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The process runs */
    get: operations["getLive"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/health/ready": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Kafka stores events and the service isn't stopping */
    get: operations["getReady"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/actuator/health": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Every dependency by name */
    get: operations["getActuatorHealth"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/metrics": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Metrics in Prometheus' text form */
    get: operations["getMetrics"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/openapi.json": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** This document */
    get: operations["getOpenApi"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @description At most 65536 bytes. null in an optional field means absent. */
    Event: {
      sessionId: string;
      eventType: string;
      /** @description Any JSON value but a string, or a string that holds JSON. At most 32 levels and 1000 values; no NUL, no lone surrogate, no key `__proto__`, no `constructor` that holds `prototype`; an integer must be exact as a double. */
      payload: unknown;
      eventId?: string | null;
      /** @description RFC 3339 with a zone, or milliseconds since 1970; the receive time when absent. From 366 days back to 10 minutes ahead; outside of it the receive time replaces it. */
      ts?: string | number | null;
    };
    /** @description A batch with its key, for pages whose beacons can set no header. */
    KeyedBatch: {
      writeKey: string;
      events: components["schemas"]["Event"][];
    };
    /** @description A CloudEvent 1.0. Only the attributes listed here and `data` are stored. */
    CloudEvent: {
      /** @enum {string} */
      specversion: "1.0";
      /** @description With `source`, what identifies the event. */
      id: string;
      source: string;
      type: string;
      /** @description The session; `source` when absent. */
      subject?: string | null;
      time?: string | null;
      /** @description The payload, as it is. */
      data?: unknown;
      /** @description Binary data is not supported. */
      data_base64?: null;
    } & {
      [key: string]: unknown;
    };
    Place: {
      eventId: string;
      partition: number;
      offset: string;
      /** @description Its `ts` was outside the window */
      tsReplaced?: boolean;
    };
    Result: {
      index: number;
      eventId: string;
      partition: number;
      offset: string;
      /** @description Its `ts` was outside the window */
      tsReplaced?: boolean;
    };
    BatchAnswer: {
      accepted: number;
      rejected: {
        index: number;
        /** @enum {string} */
        code:
          | "invalid_event"
          | "invalid_line"
          | "field_missing"
          | "field_unknown"
          | "field_invalid"
          | "timestamp_invalid"
          | "timestamp_out_of_range"
          | "payload_not_json"
          | "text_invalid"
          | "number_invalid"
          | "key_forbidden"
          | "event_too_large"
          | "event_too_deep"
          | "event_too_complex"
          | "event_type_not_allowed"
          | "specversion_unsupported"
          | "data_base64_unsupported";
        pointer: string;
        eventId?: string;
      }[];
      results?: components["schemas"]["Result"][];
      /** @description How many `ts` were replaced; without `results` */
      tsReplaced?: number;
    };
    Problem: {
      type: string;
      title: string;
      status: number;
      /** @enum {string} */
      code:
        | "invalid_host"
        | "proxied_without_keys"
        | "not_found"
        | "method_not_allowed"
        | "host_not_allowed"
        | "internal"
        | "key_missing"
        | "key_unknown"
        | "key_scope"
        | "keys_unavailable"
        | "origin_not_allowed"
        | "invalid_body"
        | "json_lines"
        | "invalid_parameter"
        | "body_too_slow"
        | "body_too_large"
        | "batch_too_large"
        | "unsupported_type"
        | "unsupported_encoding"
        | "batch_empty"
        | "batch_rejected"
        | "quota_exceeded"
        | "overloaded"
        | "broker_unavailable"
        | "broker_misconfigured"
        | "invalid_event"
        | "invalid_line"
        | "field_missing"
        | "field_unknown"
        | "field_invalid"
        | "timestamp_invalid"
        | "timestamp_out_of_range"
        | "payload_not_json"
        | "text_invalid"
        | "number_invalid"
        | "key_forbidden"
        | "event_too_large"
        | "event_too_deep"
        | "event_too_complex"
        | "event_type_not_allowed"
        | "specversion_unsupported"
        | "data_base64_unsupported"
        | "rejected_quota_exceeded";
      pointer?: string;
      detail?: string;
      requestId: string;
      rejected?: {
        index: number;
        /** @enum {string} */
        code:
          | "invalid_event"
          | "invalid_line"
          | "field_missing"
          | "field_unknown"
          | "field_invalid"
          | "timestamp_invalid"
          | "timestamp_out_of_range"
          | "payload_not_json"
          | "text_invalid"
          | "number_invalid"
          | "key_forbidden"
          | "event_too_large"
          | "event_too_deep"
          | "event_too_complex"
          | "event_type_not_allowed"
          | "specversion_unsupported"
          | "data_base64_unsupported";
        pointer: string;
        eventId?: string;
      }[];
      "violated-policies"?: string[];
    };
    Health: {
      /** @enum {string} */
      status: "UP" | "DOWN";
      reason?: string;
    };
    ComponentHealth: {
      status: string;
      details?: Record<string, never>;
    };
    ActuatorHealth: {
      /** @enum {string} */
      status: "UP" | "DOWN";
      components: {
        [key: string]: components["schemas"]["ComponentHealth"];
      };
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  sendEvents: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes the ids of events without one, so that a repeat is safe. */
        "Idempotency-Key"?: string;
        /** @description `return=minimal` leaves out `results`. */
        Prefer?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json":
          | components["schemas"]["Event"]
          | components["schemas"]["Event"][]
          | components["schemas"]["KeyedBatch"];
        "application/x-ndjson": string;
        "application/cloudevents+json": components["schemas"]["CloudEvent"];
        "application/cloudevents-batch+json": components["schemas"]["CloudEvent"][];
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      202: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Place"] | components["schemas"]["BatchAnswer"];
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  segmentBatch: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @description Messages, each with its `type`. */
          batch: unknown[];
          /** @description An object that holds for every message without its own value. */
          context?: unknown;
        };
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      200: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded
       *     - `rejected_quota_exceeded`: Too much of what this sender sends breaks a rule: look at the dead letters
       */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  segmentImport: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @description Messages, each with its `type`. */
          batch: unknown[];
          /** @description An object that holds for every message without its own value. */
          context?: unknown;
        };
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      200: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded
       *     - `rejected_quota_exceeded`: Too much of what this sender sends breaks a rule: look at the dead letters
       */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  segmentB: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @description Messages, each with its `type`. */
          batch: unknown[];
          /** @description An object that holds for every message without its own value. */
          context?: unknown;
        };
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      200: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded
       *     - `rejected_quota_exceeded`: Too much of what this sender sends breaks a rule: look at the dead letters
       */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  segmentTrack: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          messageId?: unknown;
          anonymousId?: unknown;
          userId?: unknown;
          type?: unknown;
          timestamp?: unknown;
        };
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      200: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded
       *     - `rejected_quota_exceeded`: Too much of what this sender sends breaks a rule: look at the dead letters
       */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  segmentT: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          messageId?: unknown;
          anonymousId?: unknown;
          userId?: unknown;
          type?: unknown;
          timestamp?: unknown;
        };
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      200: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded
       *     - `rejected_quota_exceeded`: Too much of what this sender sends breaks a rule: look at the dead letters
       */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  segmentPage: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          messageId?: unknown;
          anonymousId?: unknown;
          userId?: unknown;
          type?: unknown;
          timestamp?: unknown;
        };
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      200: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded
       *     - `rejected_quota_exceeded`: Too much of what this sender sends breaks a rule: look at the dead letters
       */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  segmentP: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          messageId?: unknown;
          anonymousId?: unknown;
          userId?: unknown;
          type?: unknown;
          timestamp?: unknown;
        };
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      200: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded
       *     - `rejected_quota_exceeded`: Too much of what this sender sends breaks a rule: look at the dead letters
       */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  segmentScreen: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          messageId?: unknown;
          anonymousId?: unknown;
          userId?: unknown;
          type?: unknown;
          timestamp?: unknown;
        };
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      200: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded
       *     - `rejected_quota_exceeded`: Too much of what this sender sends breaks a rule: look at the dead letters
       */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  segmentS: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          messageId?: unknown;
          anonymousId?: unknown;
          userId?: unknown;
          type?: unknown;
          timestamp?: unknown;
        };
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      200: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded
       *     - `rejected_quota_exceeded`: Too much of what this sender sends breaks a rule: look at the dead letters
       */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  segmentIdentify: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          messageId?: unknown;
          anonymousId?: unknown;
          userId?: unknown;
          type?: unknown;
          timestamp?: unknown;
        };
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      200: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded
       *     - `rejected_quota_exceeded`: Too much of what this sender sends breaks a rule: look at the dead letters
       */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  segmentI: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          messageId?: unknown;
          anonymousId?: unknown;
          userId?: unknown;
          type?: unknown;
          timestamp?: unknown;
        };
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      200: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded
       *     - `rejected_quota_exceeded`: Too much of what this sender sends breaks a rule: look at the dead letters
       */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  segmentGroup: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          messageId?: unknown;
          anonymousId?: unknown;
          userId?: unknown;
          type?: unknown;
          timestamp?: unknown;
        };
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      200: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded
       *     - `rejected_quota_exceeded`: Too much of what this sender sends breaks a rule: look at the dead letters
       */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  segmentG: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          messageId?: unknown;
          anonymousId?: unknown;
          userId?: unknown;
          type?: unknown;
          timestamp?: unknown;
        };
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      200: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded
       *     - `rejected_quota_exceeded`: Too much of what this sender sends breaks a rule: look at the dead letters
       */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  segmentAlias: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          messageId?: unknown;
          anonymousId?: unknown;
          userId?: unknown;
          type?: unknown;
          timestamp?: unknown;
        };
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      200: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded
       *     - `rejected_quota_exceeded`: Too much of what this sender sends breaks a rule: look at the dead letters
       */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  segmentA: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          messageId?: unknown;
          anonymousId?: unknown;
          userId?: unknown;
          type?: unknown;
          timestamp?: unknown;
        };
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      200: {
        headers: {
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            success: boolean;
          };
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `json_lines`: The body holds JSON lines: send them as application/x-ndjson
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `body_too_large`: The body is too large
       *     - `batch_too_large`: The batch has too many events
       */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `batch_empty`: The batch is empty
       *     - `batch_rejected`: Every event of the batch was rejected
       *     - `invalid_event`: The event is not a JSON object
       *     - `invalid_line`: The line is not JSON
       *     - `field_missing`: A required field is missing
       *     - `field_unknown`: The event has a field that is not known
       *     - `field_invalid`: A field has the wrong type, length or characters
       *     - `timestamp_invalid`: The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970
       *     - `timestamp_out_of_range`: The timestamp is too old or in the future
       *     - `payload_not_json`: The payload is a string that is not JSON
       *     - `text_invalid`: A string holds a NUL or half of a surrogate pair
       *     - `number_invalid`: A number can't be kept exactly or is out of range
       *     - `key_forbidden`: An object has a key that is not allowed
       *     - `event_too_large`: The event is too large
       *     - `event_too_deep`: The event is nested too deeply
       *     - `event_too_complex`: The event holds too many values
       *     - `event_type_not_allowed`: The key may not send events of this type
       *     - `specversion_unsupported`: Only version 1.0 of CloudEvents is supported
       *     - `data_base64_unsupported`: Binary data is not supported: send JSON or text as `data`
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `quota_exceeded`: Request cannot be satisfied as assigned quota has been exceeded
       *     - `rejected_quota_exceeded`: Too much of what this sender sends breaks a rule: look at the dead letters
       */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `broker_misconfigured`: Kafka refuses the events until an operator has changed something, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getSegmentSettings: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        key: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The settings */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": Record<string, never>;
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  clientScript: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The client as a script that sets the global `tally` */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/javascript": string;
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  clientModule: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The client as a module */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/javascript": string;
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getLive: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The process runs */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Health"];
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getReady: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Kafka stores events and the service isn't stopping */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Health"];
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The service should get no requests now */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Health"];
        };
      };
    };
  };
  getActuatorHealth: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Every dependency is up */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ActuatorHealth"];
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The service should get no requests now */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ActuatorHealth"];
        };
      };
    };
  };
  getMetrics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Prometheus' text form */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/plain": string;
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `keys_unavailable`: The keys can't be checked now, repeat later */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getOpenApi: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description This document */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": Record<string, never>;
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
}
