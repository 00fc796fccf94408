/**
 * The one table of errors. Retry, HTTP status, title and log level of every
 * failure derive from here, so that the same cause gets the same treatment
 * wherever it ends.
 */

/** What the system does about an error of one code. */
export interface ErrorRow {
  /** Whether the same call can succeed later without a change by anybody. */
  readonly retryable: boolean;
  /** Status of the HTTP answer; null when the error never reaches a caller. */
  readonly httpStatus: number | null;
  /** Fixed title of the problem document; says nothing about the sender's values. */
  readonly title: string;
  /** Level at which the end of the flow logs it; null: the caller's fault, counted only. */
  readonly level: "warn" | "error" | null;
}

const caller = (httpStatus: number, title: string): ErrorRow => ({
  retryable: false,
  httpStatus,
  title,
  level: null,
});

/** Every code of the system, with what follows from it. */
export const ERRORS = {
  // The caller's fault: the request as a whole.
  invalid_body: caller(400, "The body can't be read"),
  invalid_host: caller(400, "The Host header is malformed"),
  invalid_parameter: caller(400, "A query parameter or header is invalid"),
  not_found: caller(404, "There is nothing here"),
  method_not_allowed: caller(405, "This method is not allowed here"),
  dead_letter_cleared: caller(410, "The dead letter's bytes were cleared after it was resolved"),
  dead_letter_too_large: caller(422, "The dead letter is larger than the topic takes"),
  body_too_slow: caller(408, "The body came too slowly"),
  body_too_large: caller(413, "The body is too large"),
  batch_too_large: caller(413, "The batch has too many events"),
  unsupported_type: caller(415, "The content type is not supported"),
  unsupported_encoding: caller(415, "The content encoding is not supported"),
  batch_empty: caller(422, "The batch is empty"),
  batch_rejected: caller(422, "Every event of the batch was rejected"),
  query_too_wide: caller(422, "The question reads too many rows: narrow it by from and to"),
  // The caller's fault: one event.
  invalid_event: caller(422, "The event is not a JSON object"),
  invalid_line: caller(422, "The line is not JSON"),
  field_missing: caller(422, "A required field is missing"),
  field_unknown: caller(422, "The event has a field that is not known"),
  field_invalid: caller(422, "A field has the wrong type, length or characters"),
  timestamp_invalid: caller(422, "The timestamp is not an RFC 3339 date with a zone"),
  timestamp_out_of_range: caller(422, "The timestamp is too old or in the future"),
  payload_not_json: caller(422, "The payload is a string that holds no JSON"),
  text_invalid: caller(422, "A string holds a NUL or half of a surrogate pair"),
  number_invalid: caller(422, "A number can't be kept exactly or is out of range"),
  key_forbidden: caller(422, "An object has a key that is not allowed"),
  event_too_large: caller(422, "The event is too large"),
  event_too_deep: caller(422, "The event is nested too deeply"),
  event_too_complex: caller(422, "The event holds too many values"),
  // The world's fault.
  overloaded: {
    retryable: true,
    httpStatus: 503,
    title: "Too much is in flight, repeat later",
    level: "warn",
  },
  broker_unavailable: {
    retryable: true,
    httpStatus: 503,
    title: "Kafka can't store the events now, repeat later",
    level: "warn",
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
  database_unavailable: {
    retryable: true,
    httpStatus: 503,
    title: "The database can't answer now, repeat later",
    level: "warn",
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
  archive_conflict: {
    retryable: false,
    httpStatus: null,
    title: "An archive object of this name holds other lines",
    level: "error",
  },
  position_moved: {
    retryable: true,
    httpStatus: null,
    title: "The position is not where it was expected: somebody else wrote",
    level: "warn",
  },
  log_replaced: {
    retryable: false,
    httpStatus: null,
    title: "The log was truncated or replaced; an operator must decide",
    level: "error",
  },
  // A record that becomes a dead letter, beside the codes of one event above.
  record_corrupt: {
    retryable: false,
    httpStatus: null,
    title: "The record can't be decoded",
    level: "warn",
  },
  id_conflict: {
    retryable: false,
    httpStatus: null,
    title: "Another event with this id is stored already",
    level: "warn",
  },
  // Whoever starts the system.
  config_invalid: {
    retryable: false,
    httpStatus: null,
    title: "The configuration is invalid",
    level: "error",
  },
  internal: { retryable: false, httpStatus: 500, title: "Internal error", level: "error" },
} as const satisfies Record<string, ErrorRow>;

/** A code of the table; also the `code` of problem documents, metrics and dead letters. */
export type ErrorCode = keyof typeof ERRORS;

/** The world's fault: something outside failed. Carries its code and its cause. */
export class PipelineError extends Error {
  readonly code: ErrorCode;

  /** @param message Action, colon, state, wanted state; strings quoted, no stop. */
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "PipelineError";
    this.code = code;
  }
}

/** The code of whatever was thrown; `internal` for what the table doesn't know. */
export function errorCode(error: unknown): ErrorCode {
  return error instanceof PipelineError ? error.code : "internal";
}

/** Whether the same call can succeed later without a change by anybody. */
export function isRetryable(error: unknown): boolean {
  return ERRORS[errorCode(error)].retryable;
}

/** Status for an HTTP answer, 500 for what never should have reached a caller. */
export function httpStatus(code: ErrorCode): number {
  return ERRORS[code].httpStatus ?? 500;
}
