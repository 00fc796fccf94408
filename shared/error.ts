/**
 * The one table of errors. Each code has one title, HTTP status and log level, and states
 * whether a retry can succeed, so that the same failure is treated alike everywhere.
 */

/** What the system does about an error of one code. */
export interface ErrorRow {
  /** Whether the same call can succeed later, with nothing changed in this process. */
  readonly retryable: boolean;
  /** True when waiting never helps: an operator must change a right, a setting or an option. */
  readonly needsOperator?: true;
  /** Status of the HTTP answer; null when the error never reaches a caller. */
  readonly httpStatus: number | null;
  /** Fixed title of the problem document; never holds a value of the sender. */
  readonly title: string;
  /** Level at which the end of the flow logs it, or null when it is only counted. */
  readonly level: "warn" | "error" | null;
  /** The type of the problem document, when a standard names one; else `urn:tally:error:<code>`. */
  readonly problemType?: string;
}

const caller = (httpStatus: number, title: string): ErrorRow => ({
  retryable: false,
  httpStatus,
  title,
  level: null,
});

/** Every code of the system. */
export const ERRORS = {
  // The caller's fault: the request as a whole.
  invalid_body: caller(400, "The body can't be read"),
  json_lines: caller(400, "The body holds JSON lines: send them as application/x-ndjson"),
  invalid_host: caller(400, "The Host header is malformed or missing"),
  invalid_parameter: caller(400, "A query parameter or header is invalid"),
  key_missing: caller(401, "A key is needed: send it as Authorization: Bearer"),
  key_unknown: caller(401, "There is no such key, or it was revoked"),
  key_scope: caller(403, "This key is not meant for this, or not for this place"),
  origin_not_allowed: caller(403, "Pages of this origin may change nothing here"),
  proxied_without_keys: caller(
    403,
    "The request came through a proxy, but the service is open to this machine alone",
  ),
  not_found: caller(404, "There is nothing here"),
  method_not_allowed: caller(405, "This method is not allowed here"),
  dead_letter_superseded: caller(409, "A newer dead letter has replaced this one: send that one"),
  dead_letter_resent: caller(409, "A copy of this dead letter is on its way already"),
  dead_letter_cleared: caller(410, "The dead letter's bytes were cleared after it was resolved"),
  dead_letter_too_large: caller(422, "The dead letter is larger than the topic accepts"),
  body_too_slow: caller(408, "The body came too slowly"),
  body_too_large: caller(413, "The body is too large"),
  batch_too_large: caller(413, "The batch has too many events"),
  unsupported_type: caller(415, "The content type is not supported"),
  unsupported_encoding: caller(415, "The content encoding is not supported"),
  host_not_allowed: caller(421, "This service does not answer for the host in the Host header"),
  sign_in_limited: {
    ...caller(429, "Too many failed sign-ins from this address, try again later"),
    retryable: true,
  },
  batch_empty: caller(422, "The batch is empty"),
  batch_rejected: caller(422, "Every event of the batch was rejected"),
  invalid_query: caller(400, "A field of the query has a wrong form"),
  invalid_date_range: caller(400, "The date range can't be used"),
  invalid_pattern: caller(400, "The regular expression can't be used"),
  unknown_metric: caller(400, "There is no such metric"),
  unknown_dimension: caller(400, "There is no such dimension"),
  unknown_operator: caller(400, "There is no such operator of filters"),
  unknown_time_zone: caller(400, "There is no such time zone"),
  too_many_buckets: caller(422, "The range has too many buckets of this length"),
  query_too_wide: caller(422, "The query reads too many rows: narrow its range"),
  quota_exceeded: {
    retryable: true,
    httpStatus: 429,
    // As draft-ietf-httpapi-ratelimit-headers-11 has them.
    title: "Request cannot be satisfied as assigned quota has been exceeded",
    level: null,
    problemType: "https://iana.org/assignments/http-problem-types#quota-exceeded",
  },
  rejected_quota_exceeded: {
    retryable: true,
    httpStatus: 429,
    title: "Too much of what this sender sends breaks a rule: look at the dead letters",
    level: null,
  },
  // The caller's fault: one event.
  invalid_event: caller(422, "The event is not a JSON object"),
  invalid_line: caller(422, "The line is not JSON"),
  field_missing: caller(422, "A required field is missing"),
  field_unknown: caller(422, "The event has a field that is not known"),
  field_invalid: caller(422, "A field has the wrong type, length or characters"),
  timestamp_invalid: caller(
    422,
    "The timestamp is neither an RFC 3339 date with a zone nor milliseconds since 1970",
  ),
  timestamp_out_of_range: caller(422, "The timestamp is too old or in the future"),
  payload_not_json: caller(422, "The payload is a string that is not JSON"),
  text_invalid: caller(422, "A string holds a NUL or half of a surrogate pair"),
  number_invalid: caller(422, "A number can't be kept exactly or is out of range"),
  key_forbidden: caller(422, "An object has a key that is not allowed"),
  event_too_large: caller(422, "The event is too large"),
  event_too_deep: caller(422, "The event is nested too deeply"),
  event_too_complex: caller(422, "The event holds too many values"),
  event_type_not_allowed: caller(422, "The key may not send events of this type"),
  specversion_unsupported: caller(422, "Only version 1.0 of CloudEvents is supported"),
  data_base64_unsupported: caller(422, "Binary data is not supported: send JSON or text as `data`"),
  // Failures outside this program.
  overloaded: {
    retryable: true,
    httpStatus: 503,
    title: "The service is overloaded, repeat later",
    level: "warn",
  },
  broker_unavailable: {
    retryable: true,
    httpStatus: 503,
    title: "Kafka can't store the events now, repeat later",
    level: "warn",
  },
  broker_misconfigured: {
    retryable: true,
    needsOperator: true,
    httpStatus: 503,
    title: "Kafka refuses the events until an operator has changed something, repeat later",
    level: "error",
  },
  broker_rejected: {
    retryable: false,
    httpStatus: 500,
    title: "Kafka refused the record",
    level: "error",
  },
  client_unavailable: {
    retryable: false,
    httpStatus: 500,
    title: "The Kafka client can't be built or loaded on this machine",
    level: "error",
  },
  keys_unavailable: {
    retryable: true,
    httpStatus: 503,
    title: "The keys can't be checked now, repeat later",
    level: "warn",
  },
  database_unavailable: {
    retryable: true,
    httpStatus: 503,
    title: "The database can't answer now, repeat later",
    level: "warn",
  },
  database_read_only: {
    retryable: true,
    httpStatus: 503,
    title: "The database takes no writes now, repeat later",
    level: "warn",
  },
  database_misconfigured: {
    retryable: true,
    needsOperator: true,
    httpStatus: 503,
    title: "The database refuses until a right or a setting is changed",
    level: "error",
  },
  database_rejected: {
    retryable: false,
    httpStatus: null,
    title: "PostgreSQL refuses a row",
    level: "warn",
  },
  archive_unavailable: {
    retryable: true,
    httpStatus: 503,
    title: "The archive's store can't answer now",
    level: "warn",
  },
  archive_misconfigured: {
    retryable: true,
    needsOperator: true,
    httpStatus: null,
    title: "The archive's store refuses until a right, a setting or an option is changed",
    level: "error",
  },
  archive_conflict: {
    retryable: false,
    httpStatus: null,
    title: "The archive has an object with this key that holds other lines",
    level: "error",
  },
  position_moved: {
    retryable: true,
    httpStatus: null,
    title: "Another process has moved the position",
    level: "warn",
  },
  log_replaced: {
    retryable: false,
    httpStatus: null,
    title: "The log was truncated or replaced; an operator must decide",
    level: "error",
  },
  topic_recreated: {
    retryable: false,
    httpStatus: null,
    title: "The topic was deleted and created again; the process starts again with its new log",
    level: "error",
  },
  // A record becomes a dead letter for one of these, or for a code of one event above.
  record_corrupt: {
    retryable: false,
    httpStatus: null,
    title: "The record can't be decoded",
    level: "warn",
  },
  // Two different events were sent with one id, usually by a client that reuses ids. The first is
  // a row; this one is a dead letter, and becomes a dead letter again each time it is resent.
  id_conflict: {
    retryable: false,
    httpStatus: null,
    title: "A different event with this id is already stored",
    level: "warn",
  },
  // The fault of the operator who starts the system.
  config_invalid: {
    retryable: false,
    httpStatus: null,
    title: "The configuration is invalid",
    level: "error",
  },
  internal: { retryable: false, httpStatus: 500, title: "Internal error", level: "error" },
} as const satisfies Record<string, ErrorRow>;

/** A code of the table: the `code` of problem documents, metrics and dead letters. */
export type ErrorCode = keyof typeof ERRORS;

/** A failure outside this program, with its code and its cause. */
export class PipelineError extends Error {
  readonly code: ErrorCode;
  /** What an operator has to change, as one sentence; null when waiting can help. */
  readonly remedy: string | null;

  /** @param message Action, colon, state, wanted state; strings quoted, no full stop. */
  constructor(
    code: ErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly remedy?: string },
  ) {
    super(message, options);
    this.name = "PipelineError";
    this.code = code;
    this.remedy = options?.remedy ?? null;
  }
}

/** The code of a thrown value; `internal` for everything but a PipelineError. */
export function errorCode(error: unknown): ErrorCode {
  return error instanceof PipelineError ? error.code : "internal";
}

/** Whether the same call can succeed later, with nothing changed. */
export function isRetryable(error: unknown): boolean {
  return ERRORS[errorCode(error)].retryable;
}

/** Whether waiting alone never helps: an operator must change a right, a setting or an option. */
export function needsOperator(error: unknown): boolean {
  const row: ErrorRow = ERRORS[errorCode(error)];
  return row.needsOperator === true;
}

/** Status for an HTTP answer; 500 for a code that should never reach a caller. */
export function httpStatus(code: ErrorCode): number {
  return ERRORS[code].httpStatus ?? 500;
}
