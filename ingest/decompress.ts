/**
 * Step 1b: decompresses a body within a bound. A bomb costs the bound and a few
 * milliseconds, whatever size its content has.
 */
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import type { Encoding } from "@tally/shared";
import { refuse, type Refusal } from "./form/refusal.ts";
import type { Body } from "./read_body.ts";
import { isWholeZstd } from "./zstd_frame.ts";

/** The content of a body, at most `bytesMax` bytes of it; the body itself when not compressed. */
export function decompress(body: Body, encoding: Encoding, bytesMax: number): Body | Refusal {
  if (encoding === "identity") return body;
  const { bytes } = body;
  if (encoding === "zstd" && !isWholeZstd(bytes)) return refuse("invalid_body");
  try {
    const options = { maxOutputLength: bytesMax };
    const content =
      encoding === "gzip" ? gunzipSync(bytes, options) : zstdDecompressSync(bytes, options);
    return { kind: "body", bytes: content };
  } catch (error) {
    const isTooLarge = error instanceof RangeError;
    return refuse(isTooLarge ? "body_too_large" : "invalid_body");
  }
}
