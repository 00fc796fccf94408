/**
 * Where a request comes from: the address of its socket, or what a trusted proxy says of the client
 * in `X-Forwarded-For` and `X-Forwarded-Proto`. Nobody else is believed: anyone can send a header.
 */
import { BlockList, isIPv4, isIPv6 } from "node:net";
import { parseNetwork } from "../config/network.ts";

/** Reads what trusted proxies say. */
export interface ClientRule {
  /** The client's address, for a request whose socket has the given one; never throws. */
  addressOf(headers: Headers, socketAddress: string): string;
  /** Whether the client used https. */
  isSecure(headers: Headers, socketAddress: string): boolean;
}

/** More proxies than this in a row are not looked through. */
const PROXIES_MAX = 32; // chosen

/** Makes the rule. @param trustedProxies `TALLY_TRUSTED_PROXIES`: addresses and networks. */
export function createClientRule(trustedProxies: readonly string[]): ClientRule {
  const trusted = new BlockList();
  for (const text of trustedProxies) {
    const network = parseNetwork(text);
    if (network !== null) trusted.addSubnet(network.address, network.bits, network.family);
  }
  const hasProxies = trustedProxies.length > 0;
  const isTrusted = (address: string): boolean =>
    trusted.check(address, isIPv4(address) ? "ipv4" : "ipv6");
  return {
    addressOf(headers, socketAddress) {
      if (!hasProxies) return socketAddress;
      let address = readAddress(socketAddress) ?? socketAddress;
      const forwarded = headers.get("x-forwarded-for") ?? "";
      let end = forwarded.length;
      // The last entry is from the proxy that connected, the one before from the proxy before it.
      for (let passed = 0; passed < PROXIES_MAX && end > 0 && isTrusted(address); passed++) {
        const start = forwarded.lastIndexOf(",", end - 1) + 1;
        const before = readAddress(forwarded.slice(start, end).trim());
        // The proxy could not name its client: its own address counts.
        if (before === null) break;
        address = before;
        end = start - 1;
      }
      return address;
    },
    isSecure(headers, socketAddress) {
      if (!hasProxies || !isTrusted(readAddress(socketAddress) ?? "")) return false;
      const schemes = headers.get("x-forwarded-proto") ?? "";
      // Of several, the first is what the client used: trusted proxies replace what it sent.
      return schemes.split(",", 1)[0]?.trim().toLowerCase() === "https";
    },
  };
}

/** `[::1]:80`, `[::1]` and `1.2.3.4:80`, as some proxies write addresses. */
const WITH_PORT = /^(?:\[([^\]]*)\]|(\d+\.\d+\.\d+\.\d+))(?::\d{1,5})?$/;
/** An IPv4 address on a socket of IPv6. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
/** The longest text of an address with its port is shorter. */
const ENTRY_LENGTH_MAX = 64;

/** One address without port, brackets and zone, or null when the text is none. */
function readAddress(text: string): string | null {
  if (text.length > ENTRY_LENGTH_MAX) return null;
  const parts = WITH_PORT.exec(text);
  const bare = (parts?.[1] ?? parts?.[2] ?? text).split("%", 1)[0] ?? "";
  const address = MAPPED.exec(bare)?.[1] ?? bare.toLowerCase();
  return isIPv4(address) || isIPv6(address) ? address : null;
}

/** Networks of IPv6 whose addresses each hold one of IPv4: mapped, and behind NAT64 (RFC 6052). */
const HOLD_IPV4: readonly string[] = ["0:0:0:0:0:ffff", "64:ff9b:0:0:0:0"];
/** Groups of 16 bits in an address of IPv6, and in the network of a /64. */
const GROUPS = 8;
const NETWORK_GROUPS = 4;

/**
 * What a bound for one sender counts by: an address of IPv4, or the /64 of one of IPv6. A host
 * usually has a whole /64, and could use another address of it for each request. One network has
 * one text, however its address was written. A text that is no address stays as it is.
 */
export function networkOf(text: string): string {
  const address = readAddress(text);
  if (address === null || isIPv4(address)) return address ?? text;
  // The parser of URLs writes every address in one way, and an IPv4 tail as two groups.
  const [left = [], right = []] = (URL.parse(`http://[${address}]`)?.hostname ?? "")
    .slice(1, -1)
    .split("::")
    .map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = Array<string>(GROUPS - left.length - right.length).fill("0");
  const groups = [...left, ...zeros, ...right];
  if (HOLD_IPV4.includes(groups.slice(0, -2).join(":"))) return groups.join(":");
  return `${groups.slice(0, NETWORK_GROUPS).join(":")}::/64`;
}

/** Headers that only proxies add. */
const PROXY_HEADERS: ReadonlySet<string> = new Set(["forwarded", "via", "x-real-ip"]);
const FORWARDED_PREFIX = "x-forwarded-";

/** Whether a proxy has passed the request on, as far as its headers show. */
export function isProxied(headers: Headers): boolean {
  for (const name of headers.keys()) {
    if (name.startsWith(FORWARDED_PREFIX) || PROXY_HEADERS.has(name)) return true;
  }
  return false;
}
