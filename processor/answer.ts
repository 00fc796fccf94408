/**
 * Answers that every route shares: problem documents, which never echo what was
 * sent, and the headers that tell browsers who may read what.
 */
import { ERRORS, httpStatus, type ErrorCode } from "@tally/shared";

/** Why a request gets no answer of its own. */
export interface Problem {
  readonly code: ErrorCode;
  /** The query parameter to blame, as JSON pointer: `/limit`. */
  readonly pointer?: string;
}

/** How soon a client may ask again after a 503. */
const RETRY_AFTER_SECONDS = 1;

/** A problem document and what belongs to its code. */
export function problemResponse(
  { code, pointer }: Problem,
  requestId: string,
  headers: Record<string, string> = {},
): Response {
  const status = httpStatus(code);
  const { title } = ERRORS[code];
  const document = {
    type: `urn:tally:error:${code}`,
    title,
    status,
    code,
    ...(pointer === undefined ? {} : { pointer }),
    requestId,
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

/** Answers browsers for the origins of the allow-list. */
export interface Cors {
  /** Adds to an answer what the browser of its request needs to see. */
  mark(request: Request, response: Response): Response;
  /** The answer to a preflight, to be marked like the others. */
  preflight(request: Request, allow: string): Response;
}

const PREFLIGHT_SECONDS_MAX = 600;

/** @param origins As browsers send them: scheme, host, port. */
export function createCors(origins: readonly string[]): Cors {
  const allowed: ReadonlySet<string> = new Set(origins);
  return {
    mark(request, response) {
      response.headers.set("x-content-type-options", "nosniff");
      const origin = request.headers.get("origin");
      if (origin === null) return response;
      response.headers.set("vary", "origin");
      if (!allowed.has(origin)) return response;
      response.headers.set("access-control-allow-origin", origin);
      response.headers.set("access-control-expose-headers", "x-request-id, retry-after");
      return response;
    },
    preflight(request, allow) {
      const headers: Record<string, string> = { allow };
      const origin = request.headers.get("origin");
      if (origin !== null && allowed.has(origin)) {
        headers["access-control-allow-methods"] = allow;
        headers["access-control-allow-headers"] = "content-type";
        headers["access-control-max-age"] = String(PREFLIGHT_SECONDS_MAX);
      }
      return new Response(null, { status: 204, headers });
    },
  };
}
