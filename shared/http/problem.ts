/**
 * Problem documents (RFC 9457): how both services answer a request that fails. A
 * document names the error and the field, and never repeats what was sent (promise P9).
 * error.ts has the status and the title of each code.
 */
import { ERRORS, httpStatus, type ErrorCode, type ErrorRow } from "../error.ts";

/** Why a request fails. */
export interface Problem {
  readonly code: ErrorCode;
  /** JSON pointer to the field of the event, or to the query parameter. */
  readonly pointer?: string;
  /** What is allowed there, or what to change. */
  readonly detail?: string;
  /** Verdicts on the events, when every event of a batch was rejected. */
  readonly rejected?: readonly object[];
  /** Names of the quotas that are used up, as in the header field `RateLimit-Policy`. */
  readonly violatedPolicies?: readonly string[];
  /** Seconds to wait before the request is repeated, when they are known. */
  readonly retryAfter?: number;
}

/** How long a client should wait before it repeats a request after a 503. */
const RETRY_AFTER_SECONDS = 1;

/**
 * The answer: a problem document with the headers of its status.
 *
 * @param headers Further headers; they replace the usual ones of the same name.
 */
export function problemResponse(
  { code, pointer, detail, rejected, violatedPolicies, retryAfter }: Problem,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const status = httpStatus(code);
  const { title, problemType }: ErrorRow = ERRORS[code];
  const document = {
    type: problemType ?? `urn:tally:error:${code}`,
    title,
    status,
    code,
    ...(pointer === undefined ? {} : { pointer }),
    ...(detail === undefined ? {} : { detail }),
    requestId,
    ...(violatedPolicies === undefined ? {} : { "violated-policies": violatedPolicies }),
    ...(rejected === undefined ? {} : { rejected }),
  };
  return new Response(JSON.stringify(document), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "x-request-id": requestId,
      ...(status === 401 ? { "www-authenticate": 'Bearer realm="tally"' } : {}),
      ...(status === 503 ? { "retry-after": String(RETRY_AFTER_SECONDS) } : {}),
      // The rest of the body may never come: the connection cannot be used again.
      ...(status === 408 ? { connection: "close" } : {}),
      ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
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

/** OpenAPI: the header fields of an answer to a key that has a quota. */
export const RATE_LIMIT_HEADERS = {
  "RateLimit-Policy": {
    description: "What the key may use: `q` in each `w` seconds, and as much at once.",
    schema: { type: "string" },
  },
  RateLimit: {
    description: "What is left: `r`, and the seconds until there is more, `t`.",
    schema: { type: "string" },
  },
} as const;

/** OpenAPI: one response per status, with all codes of that status. */
export function describeProblems(codes: readonly ErrorCode[]): Record<string, object> {
  const responses: Record<string, object> = {};
  for (const status of new Set(codes.map(httpStatus))) {
    const own = codes.filter((code) => httpStatus(code) === status);
    const lines = own.map((code) => `- \`${code}\`: ${ERRORS[code].title}`);
    responses[status] = {
      description: lines.join("\n"),
      ...describeHeaders(status),
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
    };
  }
  return responses;
}

/** The headers of a status that asks to be repeated later. */
function describeHeaders(status: number): object {
  const retryAfter = { "Retry-After": { schema: { type: "integer" } } };
  if (status === 503) return { headers: retryAfter };
  return status === 429 ? { headers: { ...retryAfter, ...RATE_LIMIT_HEADERS } } : {};
}
