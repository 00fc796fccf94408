/**
 * Decompresses a body within a bound: a bomb costs the bound and a few
 * milliseconds, whatever it claims to hold.
 */
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import type { RequestFault } from "./accept.ts";
import { isWholeZstd } from "./zstd_frame.ts";

/** The content encodings that are accepted. */
export type Encoding = "identity" | "gzip" | "zstd";

/** The body's content, at most `bytesMax` bytes of it. */
export function decompress(
  bytes: Buffer,
  encoding: Encoding,
  bytesMax: number,
): Buffer | RequestFault {
  if (encoding === "identity") return bytes;
  if (encoding === "zstd" && !isWholeZstd(bytes)) return { code: "invalid_body" };
  try {
    const options = { maxOutputLength: bytesMax };
    return encoding === "gzip" ? gunzipSync(bytes, options) : zstdDecompressSync(bytes, options);
  } catch (error) {
    const isTooLarge = error instanceof RangeError;
    return { code: isTooLarge ? "body_too_large" : "invalid_body" };
  }
}
