/**
 * The address of a request. Bun builds `request.url` from the Host header. When that
 * is absent or malformed, the result is not a URL and `new URL()` throws.
 */

/** Answers one request. */
export type Answer = (request: Request) => Response | Promise<Response>;

/** The origin of a request without a Host header. */
const OWN_ORIGIN = "http://localhost";

/**
 * Wraps a server so that `new URL(request.url)` never throws in it.
 *
 * A request without a Host header (HTTP/1.0) is answered as one for `localhost`. A malformed Host
 * header is refused (RFC 9112, section 3.2: status 400).
 */
export function requireReadableUrl(answer: Answer, refuse: Answer): Answer {
  return (request) => {
    if (URL.canParse(request.url)) return answer(request);
    const hasHost = (request.headers.get("host") ?? "") !== "";
    if (hasHost || !request.url.startsWith("/")) return refuse(request);
    // Not a copy: Bun knows the connection (its time-outs, its end) by the request object.
    return answer(Object.defineProperty(request, "url", { value: OWN_ORIGIN + request.url }));
  };
}
