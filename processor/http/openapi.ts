/** The description of the processor's HTTP interface; a test compares it with the routes. */
import { describeProblem, describeProblems, ERRORS, type ErrorCode } from "@tally/shared";

/** The OpenAPI 3.1 document. */
export function describeApi(): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "Tally processor",
      version: "1",
      description:
        "What became of accepted events: rows, archive objects, dead letters, live figures.",
    },
    paths: {
      "/metrics/stream": get({
        summary: "Server-sent events named `metrics`: a full frame at once and then once a second",
        type: "text/event-stream",
        codes: ["overloaded"],
      }),
      "/events": get({
        summary: "Stored rows, newest first",
        parameters: [
          query("sessionId", { type: "string", minLength: 1, maxLength: 128 }),
          query("eventType", { type: "string", minLength: 1, maxLength: 64 }),
          query("from", TIME, "receivedAt at or after"),
          query("to", TIME, "receivedAt before"),
          ...PAGING,
        ],
        codes: [...LIST_CODES, "query_too_wide"],
      }),
      "/events/{id}/trace": get({
        summary: "One event's way: accepted, log, row, archive object",
        parameters: [ID],
        codes: ["not_found", "overloaded", "database_unavailable"],
      }),
      ...deadLetterPaths(),
      "/archive/objects": get({
        summary: "Ranges of the log that the archive has planned and stored",
        parameters: [
          query("partition", PARTITION),
          query("state", { type: "string", enum: ["planned", "stored"] }),
          ...PAGING,
        ],
        codes: LIST_CODES,
      }),
      "/health/live": get({ summary: "The process runs" }),
      "/health/ready": get({
        summary: "Kafka and PostgreSQL answer, and the service isn't stopping",
      }),
      "/actuator/health": get({ summary: "Every dependency by name" }),
      "/metrics": get({ summary: "Prometheus' text form", type: "text/plain" }),
      "/openapi.json": get({ summary: "This document" }),
    },
    components: { schemas: { Problem: describeProblem(CODES) } },
  };
}

/** What can be asked about records set aside, and done with them. */
function deadLetterPaths(): Record<string, object> {
  return {
    "/dead-letters": get({
      summary: "Records set aside, newest first, without their bytes",
      parameters: [query("code", CODE), query("partition", PARTITION), ...PAGING],
      codes: LIST_CODES,
    }),
    "/dead-letters/codes": get({
      summary: "Records set aside, counted by code: all, those left to do, first and last seen",
      codes: ["overloaded", "database_unavailable"],
    }),
    "/dead-letters/{id}": get({
      summary:
        "One record set aside: the exact bytes of key, value and headers until they are cleared (`clearedAt`), and what became of each resend",
      parameters: [ID],
      codes: ["not_found", "overloaded", "database_unavailable"],
    }),
    "/dead-letters/{id}/resend": post({
      summary:
        "Sends one record again; 202 when Kafka has it. Any number of times: its event keeps its id. One whose cause is still there becomes a dead letter again: an `id_conflict` always, and what can't be decoded, unless a newer version can",
      parameters: [ID],
      codes: ["not_found", "dead_letter_cleared", "dead_letter_too_large", ...RESEND_CODES],
    }),
    "/dead-letters/resend": post({
      summary:
        "Sends the records of one code again, oldest first, that are not resolved and not on their way; `next` says that more are left, and goes on behind these as `after`",
      parameters: [{ ...query("code", CODE), required: true }, ...PAGING],
      codes: ["invalid_parameter", ...RESEND_CODES],
    }),
  };
}

const CODES = Object.keys(ERRORS) as ErrorCode[];

const LIST_CODES = [
  "invalid_parameter",
  "overloaded",
  "database_unavailable",
] as const satisfies readonly ErrorCode[];

const RESEND_CODES = [
  "unsupported_type",
  "overloaded",
  "broker_unavailable",
  "database_unavailable",
] as const satisfies readonly ErrorCode[];

const CODE = { type: "string", enum: CODES };
const PARTITION = { type: "integer", minimum: 0 };
const TIME = { type: "string", format: "date-time" };
const ID = { name: "id", in: "path", required: true, schema: { type: "string" } };
const PAGING = [
  query("limit", { type: "integer", minimum: 1, maximum: 1000, default: 100 }),
  query("after", { type: "string" }, "`next` of the page before"),
];

function query(name: string, schema: object, description?: string) {
  return { name, in: "query", schema, ...(description === undefined ? {} : { description }) };
}

interface Operation {
  readonly summary: string;
  readonly type?: string;
  readonly parameters?: readonly object[];
  readonly codes?: readonly ErrorCode[];
}

function get(operation: Operation): object {
  return { get: describe(operation, 200) };
}

/** The content type is asked for, so that a page of another origin can't send it by itself. */
function post(operation: Operation): object {
  const requestBody = { required: false, content: { "application/json": {} } };
  return { post: { ...describe(operation, 202), requestBody } };
}

function describe(
  { summary, type = "application/json", parameters = [], codes = [] }: Operation,
  status: number,
): object {
  return {
    summary,
    parameters,
    responses: {
      [status]: { description: summary, content: { [type]: {} } },
      ...describeProblems(codes),
    },
  };
}
