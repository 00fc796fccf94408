/** Names of hosts, as `Host` headers and options write them, and origins of pages. */

/** Characters that no host has: `URL.parse` would read them as a user, a path or an escape. */
const NOT_IN_HOST = /[\s,@/?#\\%]/;
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/** A host without its port. */
export interface HostName {
  /** In lower case; an IPv6 address in brackets. */
  readonly name: string;
  readonly hasPort: boolean;
}

/** Reads `name` or `name:port`, or gives null when the text is not a host. */
export function parseHost(text: string): HostName | null {
  if (text === "" || NOT_IN_HOST.test(text)) return null;
  const name = URL.parse(`http://${text}`)?.hostname.replace(/\.$/, "") ?? "";
  return name === "" ? null : { name, hasPort: /:\d*$/.test(text) };
}

/**
 * Whether a name always means this machine. Nobody can point such a name at another
 * address: browsers and resolvers keep `localhost` and what is below it for themselves.
 */
export function isLoopbackName(name: string): boolean {
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  return name === "[::1]" || (IPV4.test(name) && name.startsWith("127."));
}

/** Whether a server that listens on this address can be reached from this machine alone. */
export function listensOnLoopback(address: string): boolean {
  const parsed = parseHost(address.includes(":") ? `[${address}]` : address);
  return parsed !== null && isLoopbackName(parsed.name);
}

/** Whether the name is an address. */
export function isAddress(name: string): boolean {
  return name.startsWith("[") || IPV4.test(name);
}

/** Whether the text is what a browser sends in `Origin`: no path, no default port, no wildcard. */
export function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
}
