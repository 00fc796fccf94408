/**
 * Problem documents (RFC 9457): the answer of both services to a request that
 * can't have what it asks for. They say what and where, and never echo what was
 * sent (promise P9).
 */
import { ERRORS, httpStatus, type ErrorCode } from "./error.ts";

/** Why a request gets no answer of its own. */
export interface Problem {
  readonly code: ErrorCode;
  /** What to blame, as JSON pointer: a field of the event, or a query parameter. */
  readonly pointer?: string;
  /** Verdicts on the parts, when all of a batch was rejected. */
  readonly rejected?: readonly object[];
}

/** How soon a client may ask again after a 503. */
const RETRY_AFTER_SECONDS = 1;

/**
 * The answer: a problem document, and the headers that belong to its status.
 *
 * @param headers Those of the code's own; they win over the usual ones.
 */
export function problemResponse(
  { code, pointer, rejected }: Problem,
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
    requestId,
    ...(rejected === undefined ? {} : { rejected }),
  };
  return new Response(JSON.stringify(document), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "x-request-id": requestId,
      ...(status === 503 ? { "retry-after": String(RETRY_AFTER_SECONDS) } : {}),
      ...headers,
    },
  });
}

/** A schema of OpenAPI that a service may add properties to. */
export interface ProblemSchema {
  readonly type: string;
  readonly required: readonly string[];
  readonly properties: object;
}

/** OpenAPI: the document's schema, under `#/components/schemas/Problem`. */
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
      requestId: text,
    },
  };
}

/** OpenAPI: one response a status, with all the codes that lead to it. */
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
