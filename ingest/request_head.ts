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

/** The types of JSON lines; none of them is registered, and libraries use all of these. */
const LINES = /^application\/(?:x-)?(?:ndjson|jsonl|jsonlines)$/;
/** A browser sends a beacon of text as `text/plain`: it needs no preflight then. */
const JSON_TYPES: ReadonlySet<string> = new Set(["application/json", "text/plain"]);

/** A longer header is refused: the expressions below may look at a character many times. */
const MEDIA_TYPE_LENGTH_MAX = 500; // chosen
/** One type with its parameters, up to a comma; a quoted value may hold commas. */
const MEDIA_TYPE = /[^,"]*(?:"(?:[^"\\]|\\.)*"[^,"]*)*/g;
/** One parameter: its name and its value. */
const PARAMETER = /;([^;="]*)(?:=\s*("(?:[^"\\]|\\.)*"|[^;]*))?/g;

/** Reads the headers; refuses a body of an unknown type or encoding. */
export function readHead(headers: Headers): RequestHead | Refusal {
  const type = readMediaType(headers.get("content-type"));
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

/**
 * How to read a body, or null when its type or its charset is not supported. A header that is there
 * twice must name the same type each time.
 */
function readMediaType(header: string | null): BodyType | null {
  if (header === "application/json") return "json";
  if (header !== null && header.length > MEDIA_TYPE_LENGTH_MAX) return null;
  const texts = (header ?? "").toLowerCase().match(MEDIA_TYPE) ?? [];
  const given = texts.filter((text) => text.trim() !== "");
  // JSON is UTF-8: a body in another charset would be misread.
  if (!given.every(isUtf8)) return null;
  const names = new Set(given.map((text) => (text.split(";", 1)[0] ?? "").trim()));
  const [name = ""] = names;
  if (names.size !== 1) return null;
  if (JSON_TYPES.has(name)) return "json";
  return LINES.test(name) ? "ndjson" : null;
}

/** Whether every charset is UTF-8 in some spelling (`utf8`, `"utf-8"`, `UTF_8`), or empty. */
function isUtf8(mediaType: string): boolean {
  for (const [, name = "", value = ""] of mediaType.matchAll(PARAMETER)) {
    if (name.trim() !== "charset") continue;
    const charset = value.replace(/["'\s_-]/g, "");
    if (charset !== "utf8" && charset !== "") return false;
  }
  return true;
}

function readEncoding(header: string | null): Encoding | null {
  if (header === null) return "identity";
  const name = header.trim().toLowerCase();
  if (name === "gzip" || name === "zstd" || name === "identity") return name;
  if (name === "x-gzip") return "gzip"; // RFC 9110: the same as gzip.
  return null;
}
