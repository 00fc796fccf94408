/**
 * Problem documents (RFC 9457): how both services answer a request that fails. A
 * document names the error and the field, and never repeats what was sent (promise P9).
 * error.ts has the status and the title of each code.
 */
import { ERRORS, httpStatus, type ErrorCode } from "../error.ts";

/** Why a request fails. */
export interface Problem {
  readonly code: ErrorCode;
  /** JSON pointer to the field of the event, or to the query parameter. */
  readonly pointer?: string;
  /** What is allowed there, or what to change. */
  readonly detail?: string;
  /** Verdicts on the events, when every event of a batch was rejected. */
  readonly rejected?: readonly object[];
}

/** How long a client should wait before it repeats a request after a 503. */
const RETRY_AFTER_SECONDS = 1;

/**
 * The answer: a problem document with the headers of its status.
 *
 * @param headers Further headers; they replace the usual ones of the same name.
 */
export function problemResponse(
  { code, pointer, detail, rejected }: Problem,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const status = httpStatus(code);
  const document = {
    type: `urn:tally:error:${code}`,
    title: ERRORS[code].title,
    status,
    code,
    ...(pointer === undefined ? {} : { pointer }),
    ...(detail === undefined ? {} : { detail }),
    requestId,
    ...(rejected === undefined ? {} : { rejected }),
  };
  return new Response(JSON.stringify(document), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "x-request-id": requestId,
      ...(status === 503 ? { "retry-after": String(RETRY_AFTER_SECONDS) } : {}),
      // The rest of the body may never come: the connection cannot be used again.
      ...(status === 408 ? { connection: "close" } : {}),
      ...headers,
    },
  });
}

/** An OpenAPI schema that a service may add properties to. */
export interface ProblemSchema {
  readonly type: string;
  readonly required: readonly string[];
  readonly properties: object;
}

/** OpenAPI: the schema of problem documents, for `#/components/schemas/Problem`. */
export function describeProblem(codes: readonly ErrorCode[]): ProblemSchema {
  const text = { type: "string" };
  return {
    type: "object",
    required: ["type", "title", "status", "code", "requestId"],
    properties: {
      type: text,
      title: text,
      status: { type: "integer" },
      code: { type: "string", enum: codes },
      pointer: text,
      detail: text,
      requestId: text,
    },
  };
}

/** OpenAPI: one response per status, with all codes of that status. */
export function describeProblems(codes: readonly ErrorCode[]): Record<string, object> {
  const responses: Record<string, object> = {};
  for (const status of new Set(codes.map(httpStatus))) {
    const own = codes.filter((code) => httpStatus(code) === status);
    const lines = own.map((code) => `- \`${code}\`: ${ERRORS[code].title}`);
    responses[status] = {
      description: lines.join("\n"),
      ...(status === 503 ? { headers: { "Retry-After": { schema: { type: "integer" } } } } : {}),
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
    };
  }
  return responses;
}
