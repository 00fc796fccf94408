/**
 * Binary mode: the attributes of a CloudEvent stand in headers `ce-*`, its data is the body. Values
 * are decoded as the HTTP binding says: quotes first, then one round of percent-decoding.
 */
import type { Rejection } from "@tally/shared";

/** The attributes that count; the other headers `ce-*` hold none that is kept. */
const NAMES = ["specversion", "id", "source", "type", "time", "subject"] as const;
type Name = (typeof NAMES)[number];

/** The attributes of one event as text, each absent when its header is. */
export interface AttributeTexts extends Partial<Readonly<Record<Name, string>>> {
  readonly kind: "attributes";
}

/** A header that can't be decoded. */
export interface AttributeFault extends Rejection {
  readonly kind: "fault";
}

/** Reads the attributes that count. */
export function readAttributeHeaders(headers: Headers): AttributeTexts | AttributeFault {
  const texts: Partial<Record<Name, string>> = {};
  for (const name of NAMES) {
    const header = headers.get(`ce-${name}`);
    if (header === null) continue;
    const text = decodeHeader(header);
    if (text === null) return { kind: "fault", code: "field_invalid", pointer: `/${name}` };
    texts[name] = text;
  }
  return { kind: "attributes", ...texts };
}

const PRINTABLE = /^[\x20-\x7e]*$/;
const QUOTED = /^"((?:[^"\\]|\\.)*)"$/;
const ENCODED_BYTES = /(?:%[0-9a-f]{2})+/gi;

/** The value of a header, or null when it is not ASCII or its encoded bytes are not UTF-8. */
function decodeHeader(header: string): string | null {
  if (!PRINTABLE.test(header)) return null;
  const [, quoted] = QUOTED.exec(header) ?? [];
  const text = quoted === undefined ? header : quoted.replace(/\\(.)/g, "$1");
  if (!text.includes("%")) return text;
  try {
    // A percent sign that begins no byte stays: some senders don't encode it.
    return text.replace(ENCODED_BYTES, decodeURIComponent);
  } catch {
    // The bytes are not UTF-8: the sender's fault.
    return null;
  }
}
