/**
 * Which `Host` headers a service answers. A page that points its own name at this
 * machine (DNS rebinding) may read and send what it likes, unless that name is refused.
 */
import type { ErrorCode } from "../error.ts";
import { isAddress, isLoopbackName, listensOnLoopback, parseHost } from "../config/host_name.ts";

/** What a request with one Host header may ask for. */
export interface HostVerdict {
  /** `health`: the health routes, and OPTIONS of every path; `monitoring`: `/metrics`, too. */
  readonly answers: "everything" | "monitoring" | "health" | "nothing";
  /** The refusal of the rest. */
  readonly code: Extract<ErrorCode, "invalid_host" | "host_not_allowed">;
}

/** Judges a Host header; null or "" means that the request has none. */
export type HostRule = (host: string | null) => HostVerdict;

/** How a service listens, and what it is called. */
export interface HostNames {
  /** The address to listen on. */
  readonly listensOn: string;
  /** `TALLY_HOSTS`. */
  readonly names: readonly string[];
}

const ALLOWED: HostVerdict = { answers: "everything", code: "host_not_allowed" };
const FOREIGN: HostVerdict = { answers: "nothing", code: "host_not_allowed" };
const MALFORMED: HostVerdict = { answers: "nothing", code: "invalid_host" };
/** Simple health checks send HTTP/1.0 without a Host. */
const ABSENT: HostVerdict = { answers: "health", code: "invalid_host" };
/** Balancers, Kubernetes and Prometheus ask by address. No page can point an address elsewhere. */
const BY_ADDRESS: HostVerdict = { answers: "monitoring", code: "host_not_allowed" };

/**
 * Makes the rule. This machine's own names are always answered. Others must be listed when the
 * service listens on loopback only, or when any name is listed; otherwise all are answered.
 */
export function createHostRule({ listensOn, names }: HostNames): HostRule {
  const listed: ReadonlySet<string> = new Set(names);
  const onLoopback = listensOnLoopback(listensOn);
  const isEnforced = onLoopback || listed.size > 0;
  return (host) => {
    if (host === null || host === "") return ABSENT;
    const parsed = parseHost(host);
    if (parsed === null) return MALFORMED;
    const { name } = parsed;
    if (!isEnforced || isLoopbackName(name) || listed.has(name)) return ALLOWED;
    return !onLoopback && isAddress(name) ? BY_ADDRESS : FOREIGN;
  };
}
