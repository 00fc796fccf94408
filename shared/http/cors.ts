/**
 * Which pages may call a service from a browser (an allow-list of origins, nothing
 * else), and what a path allows.
 */

/** The `Allow` header of a path that can only be read. */
export const ALLOW_READS = "GET, HEAD, OPTIONS";
/** The `Allow` header of a path that changes something. */
export const ALLOW_CHANGES = "POST, OPTIONS";
/** The `Allow` header of a path where there is nothing to read. */
export const ALLOW_OPTIONS = "OPTIONS";

/** Answers to browsers, for the listed origins. */
export interface Cors {
  /** Adds the headers to an answer that the browser of its request checks. */
  mark(request: Request, response: Response): Response;
  /** Whether the page that sends a request may change something: its own page, or a listed one. */
  mayChange(request: Request): boolean;
  /** The answer to a preflight; the caller marks it like every other answer. */
  preflight(request: Request, methods: string): Response;
}

const EXPOSED_HEADERS = "x-request-id, retry-after, ratelimit, ratelimit-policy";
const PREFLIGHT_SECONDS_MAX = 600;
/** Most headers that a preflight may ask for, and their longest name; more are not allowed. */
const ASKED_HEADERS_MAX = 50; // chosen
const ASKED_HEADER = /^[!#$%&'*+.^_`|~0-9a-z-]{1,64}$/;

/** What pages of the listed origins may do. */
export interface CorsOptions {
  /** Headers that a page may set, besides those that its preflight asks for. */
  readonly requestHeaders?: readonly string[];
  /** Whether a page may send cookies. A beacon of JSON always does, and fails when it may not. */
  readonly allowsCredentials?: boolean;
  /** Origins besides those of the list, which may change while the service runs. */
  readonly alsoAllows?: (origin: string) => boolean;
}

/**
 * Makes the answers for a list of origins.
 *
 * @param origins As browsers send them: scheme, host, port.
 */
export function createCors(
  origins: readonly string[],
  {
    requestHeaders = ["content-type"],
    allowsCredentials = false,
    alsoAllows = () => false,
  }: CorsOptions = {},
): Cors {
  const listed: ReadonlySet<string> = new Set(origins);
  const isAllowed = (origin: string): boolean => listed.has(origin) || alsoAllows(origin);
  return {
    mark(request, response) {
      response.headers.set("x-content-type-options", "nosniff");
      const origin = request.headers.get("origin");
      if (origin === null) return response;
      response.headers.set("vary", "origin");
      if (!isAllowed(origin)) return response;
      response.headers.set("access-control-allow-origin", origin);
      response.headers.set("access-control-expose-headers", EXPOSED_HEADERS);
      if (allowsCredentials) response.headers.set("access-control-allow-credentials", "true");
      return response;
    },
    mayChange(request) {
      const origin = request.headers.get("origin");
      // Only browsers send an origin. That of a sandbox or a file is "null".
      return origin === null || isAllowed(origin) || isOwnOrigin(origin, request);
    },
    preflight(request, methods) {
      const headers: Record<string, string> = { allow: methods };
      const origin = request.headers.get("origin");
      if (origin !== null && isAllowed(origin)) {
        headers["access-control-allow-methods"] = methods;
        const names = new Set([...requestHeaders, ...askedHeaders(request)]);
        headers["access-control-allow-headers"] = [...names].join(", ");
        headers["access-control-max-age"] = String(PREFLIGHT_SECONDS_MAX);
      }
      return new Response(null, { status: 204, headers });
    },
  };
}

/** A proxy may have added TLS. */
const SCHEMES = ["http:", "https:"];

/**
 * Whether the page comes from the host that the request goes to. A proxy may name the default port
 * in `Host` (`localhost:443`); no browser names it in `Origin`.
 */
function isOwnOrigin(origin: string, { headers, url }: Request): boolean {
  const host = headers.get("host") ?? URL.parse(url)?.host ?? "";
  return SCHEMES.some((scheme) => {
    const own = URL.parse(`${scheme}//${host}`);
    // A host that holds more than a name and a port is none.
    return own !== null && own.origin === origin && own.href === `${origin}/`;
  });
}

/**
 * The headers that a preflight asks for. Libraries that trace requests add their own to every
 * request of a page (`traceparent`, `baggage`, `sentry-trace`, `x-datadog-trace-id`).
 */
function askedHeaders(request: Request): readonly string[] {
  const text = request.headers.get("access-control-request-headers") ?? "";
  const names = text.split(",", ASKED_HEADERS_MAX).map((name) => name.trim().toLowerCase());
  return names.filter((name) => ASKED_HEADER.test(name));
}
