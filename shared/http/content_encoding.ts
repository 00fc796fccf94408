/** The header `Content-Encoding`. */

/** The content encodings that are accepted. */
export type Encoding = "identity" | "gzip" | "zstd";

/** The encoding that a header names, or null when it is not accepted. */
export function readEncoding(header: string | null): Encoding | null {
  if (header === null) return "identity";
  const name = header.trim().toLowerCase();
  if (name === "gzip" || name === "zstd" || name === "identity") return name;
  if (name === "x-gzip") return "gzip"; // RFC 9110: the same as gzip.
  return null;
}
