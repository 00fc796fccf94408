/**
 * What every request passes before a route sees it: its Host must be one that the
 * service answers, and from then on `new URL(request.url)` never throws. A service that is
 * open to this machine alone refuses what a proxy passes on.
 */
import { isProxied } from "./client_address.ts";
import { HEALTH_PATHS } from "./health.ts";
import type { HostRule, HostVerdict } from "./host_rule.ts";

/** Answers one request. */
export type Answer = (request: Request) => Response | Promise<Response>;

/** How a service guards its routes. */
export interface GuardOptions {
  readonly hostRule: HostRule;
  /** Called for the first request that a proxy has passed on, when such are refused. */
  readonly onProxied: (() => void) | null;
  readonly refuse: (request: Request, code: GuardCode) => Response;
}

/** Why the guard refuses a request. */
export type GuardCode = HostVerdict["code"] | "method_not_allowed" | "proxied_without_keys";

/** Whether requests through a proxy are refused: they come from others, and all may do all. */
export function refusesProxied(http: {
  readonly keysOn: boolean;
  readonly open: boolean;
}): boolean {
  return !http.keysOn && !http.open;
}

/** What to log of the first request that a proxy has passed on. */
export const PROXIED_MESSAGE =
  "Refused a request that a proxy has passed on: keys are off, so everyone whom the proxy lets in " +
  "could use the service. Set TALLY_KEYS=on and TALLY_TRUSTED_PROXIES (see docs/going-public.md), " +
  "or TALLY_OPEN=yes when the proxy keeps strangers out.";

/** The origin of a request without a Host header. */
const OWN_ORIGIN = "http://localhost";
const SCHEME = "http://";
const METRICS_PATH = "/metrics";

/**
 * Wraps a server's routes. Bun makes `request.url` of the Host header: it is no URL when that is
 * absent or malformed. A client sends the same Host again and again, so the last one that passed
 * costs no more than a comparison of texts.
 */
export function guardRequests(answer: Answer, options: GuardOptions): Answer {
  return guardHosts(options.onProxied === null ? answer : guardProxied(answer, options), options);
}

/** Balancers may add such headers to their checks, so health is answered all the same. */
function guardProxied(answer: Answer, { onProxied, refuse }: GuardOptions): Answer {
  let isSeen = false;
  return (request) => {
    if (!isProxied(request.headers) || HEALTH_PATHS.has(pathOf(request.url) ?? "")) {
      return answer(request);
    }
    if (!isSeen) onProxied?.();
    isSeen = true;
    return refuse(request, "proxied_without_keys");
  };
}

function guardHosts(answer: Answer, { hostRule, refuse }: GuardOptions): Answer {
  let lastAllowed = "";
  return (request) => {
    const { url } = request;
    const host = request.headers.get("host") ?? hostOf(url);
    if (host !== "" && host === lastAllowed && url.startsWith(SCHEME)) return answer(request);
    const { answers, code } = hostRule(host);
    if (answers === "nothing") return refuse(request, code);
    const path = pathOf(url);
    // CONNECT names a host instead of a path.
    if (path === null) return refuse(request, "method_not_allowed");
    if (answers === "everything") {
      lastAllowed = host ?? "";
      return answer(request);
    }
    const isMonitoring = answers === "monitoring" && path === METRICS_PATH;
    const isHealth = HEALTH_PATHS.has(path) || request.method === "OPTIONS";
    if (!isHealth && !isMonitoring) return refuse(request, code);
    if (!url.startsWith("/")) return answer(request);
    // Not a copy: Bun knows the connection (its time-outs, its end) by the request object.
    return answer(Object.defineProperty(request, "url", { value: OWN_ORIGIN + url }));
  };
}

/** The host of a URL; null when there is none. A request without a socket has no Host header. */
function hostOf(url: string): string | null {
  return url.startsWith(SCHEME) ? (url.slice(SCHEME.length).split("/", 1)[0] ?? null) : null;
}

/**
 * The path of what Bun gives as a URL, or null when it has none. One slash at its end is left out:
 * the routes take it for the same path.
 */
function pathOf(url: string): string | null {
  const start = url.startsWith(SCHEME) ? url.indexOf("/", SCHEME.length) : 0;
  if (url[start] !== "/") return null;
  const path = url.slice(start).split("?", 1)[0] ?? "";
  return path.endsWith("/") ? path.slice(0, -1) : path;
}
