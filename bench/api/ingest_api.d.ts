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
     * @description Body at most 5242880 bytes, decompressed; 5000 events. Content-Encoding gzip or zstd. text/plain is read as JSON, for beacons of browsers. An answer within 10000 ms. Anything but a 202 is safe to repeat with the same event ids or the same Idempotency-Key.
     */
    post: operations["sendEvents"];
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
          | "event_too_complex";
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
        | "not_found"
        | "method_not_allowed"
        | "host_not_allowed"
        | "internal"
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
        | "event_too_complex";
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
          | "event_too_complex";
        pointer: string;
        eventId?: string;
      }[];
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
        "application/json": components["schemas"]["Event"] | components["schemas"]["Event"][];
        "application/x-ndjson": string;
      };
    };
    responses: {
      /** @description Stored by all in-sync replicas */
      202: {
        headers: {
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
       */
      422: {
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
      /**
       * @description - `overloaded`: The service is overloaded, repeat later
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
