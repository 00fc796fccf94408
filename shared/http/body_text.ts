/** Text in the bytes of a body. */
import { isUtf8 } from "node:buffer";

/** The text of a body without its byte order mark, or null when the bytes are not UTF-8. */
export function readText(bytes: Buffer): string | null {
  return isUtf8(bytes) ? withoutMark(bytes).toString("utf8") : null;
}

/** The bytes without a byte order mark: many programs on Windows begin a file with one. */
export function withoutMark(bytes: Buffer): Buffer {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return hasMark ? bytes.subarray(3) : bytes;
}
