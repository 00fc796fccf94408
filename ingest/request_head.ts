/** Step 0: the headers that say how to read the body and how to answer. A 415 is decided here. */
import type { BodyType } from "./accept.ts";
import type { Encoding } from "./decompress.ts";
import { refuse, type Refusal } from "./refusal.ts";

/** The headers that matter, read. */
export interface RequestHead {
  readonly kind: "head";
  readonly type: BodyType;
  readonly encoding: Encoding;
  /** Whether the answer leaves out `results`. */
  readonly isMinimal: boolean;
  /** Makes the ids of events without one, so that repeating the request is safe. */
  readonly idempotencyKey: string | null;
}

const IDEMPOTENCY_KEY = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;
const RETURN_MINIMAL = /(?:^|[,;\s])return="?minimal"?(?:$|[,;\s])/i;

/** Reads the headers; refuses a body of an unknown type or encoding. */
export function readHead(headers: Headers): RequestHead | Refusal {
  const type = readType(headers.get("content-type"));
  if (type === null) return refuse("unsupported_type");
  const encoding = readEncoding(headers.get("content-encoding"));
  if (encoding === null) return refuse("unsupported_encoding");
  const idempotencyKey = headers.get("idempotency-key");
  if (idempotencyKey !== null && !IDEMPOTENCY_KEY.test(idempotencyKey)) {
    return refuse("invalid_parameter");
  }
  const prefer = headers.get("prefer");
  const isMinimal = prefer !== null && RETURN_MINIMAL.test(prefer);
  return { kind: "head", type, encoding, isMinimal, idempotencyKey };
}

function readType(header: string | null): BodyType | null {
  if (header === "application/json") return "json";
  const [type = "", ...parameters] = (header ?? "").toLowerCase().split(";");
  for (const parameter of parameters) {
    const [name, value] = parameter.trim().split("=");
    // JSON is UTF-8: a body in another charset would be misread.
    if (name === "charset" && value !== "utf-8" && value !== '"utf-8"') return null;
  }
  if (type.trim() === "application/json") return "json";
  return type.trim() === "application/x-ndjson" ? "ndjson" : null;
}

function readEncoding(header: string | null): Encoding | null {
  if (header === null) return "identity";
  const name = header.trim().toLowerCase();
  if (name === "gzip" || name === "zstd" || name === "identity") return name;
  if (name === "x-gzip") return "gzip"; // RFC 9110: the same as gzip.
  return null;
}
