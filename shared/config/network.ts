/** IP addresses and networks, as options write them: `10.0.0.0/8`, `fd00::/8`, `127.0.0.1`. */
import { isIP } from "node:net";

/** The addresses that begin with the same bits. */
export interface Network {
  readonly address: string;
  readonly family: "ipv4" | "ipv6";
  /** How many bits at the start are the same. */
  readonly bits: number;
}

/** Reads an address, or a network in CIDR form, or gives null when the text is neither. */
export function parseNetwork(text: string): Network | null {
  const [address = "", length, ...rest] = text.split("/");
  const version = isIP(address);
  // A zone (`fe80::1%eth0`) names an interface of one machine: no network has one.
  if (version === 0 || address.includes("%") || rest.length > 0) return null;
  const bitsMax = version === 4 ? 32 : 128;
  const bits = length === undefined ? bitsMax : readBits(length);
  if (bits > bitsMax) return null;
  return { address, family: version === 4 ? "ipv4" : "ipv6", bits };
}

function readBits(text: string): number {
  return /^(?:0|[1-9]\d{0,2})$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}
