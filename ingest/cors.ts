/** Which pages may call ingest from a browser: an allow-list of origins, nothing else. */

/** Answers the browser's questions for the origins of the list. */
export interface Cors {
  /** Adds to an answer what the browser of its request needs to see. */
  mark(request: Request, response: Response): Response;
  /** The answer to a preflight, to be marked like the others. */
  preflight(request: Request, methods: string): Response;
}

const REQUEST_HEADERS = "content-type, content-encoding, idempotency-key, prefer";
const EXPOSED_HEADERS = "x-request-id, retry-after";
const MAX_AGE_SECONDS = 600;

/** @param origins As browsers send them: scheme, host, port. */
export function createCors(origins: readonly string[]): Cors {
  const allowed: ReadonlySet<string> = new Set(origins);
  return {
    mark(request, response) {
      const origin = request.headers.get("origin");
      if (origin === null) return response;
      response.headers.set("vary", "origin");
      if (!allowed.has(origin)) return response;
      response.headers.set("access-control-allow-origin", origin);
      response.headers.set("access-control-expose-headers", EXPOSED_HEADERS);
      return response;
    },
    preflight(request, methods) {
      const headers: Record<string, string> = { allow: methods };
      const origin = request.headers.get("origin");
      if (origin !== null && allowed.has(origin)) {
        headers["access-control-allow-methods"] = methods;
        headers["access-control-allow-headers"] = REQUEST_HEADERS;
        headers["access-control-max-age"] = String(MAX_AGE_SECONDS);
      }
      return new Response(null, { status: 204, headers });
    },
  };
}
