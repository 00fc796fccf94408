/** JSON text in the bytes of a body. */
import { isUtf8 } from "node:buffer";

import { parseJson } from "@tally/shared";

/** A JSON text and its value. */
export interface JsonText {
  readonly text: string;
  readonly value: unknown;
}

/**
 * The text of a body and its value, or null when the bytes are not UTF-8. The value is undefined
 * when the text is not JSON.
 */
export function readJson(bytes: Buffer): JsonText | null {
  if (!isUtf8(bytes)) return null;
  const text = withoutMark(bytes).toString("utf8");
  return { text, value: parseJson(text) };
}

/** The bytes without a byte order mark: many programs on Windows begin a file with one. */
export function withoutMark(bytes: Buffer): Buffer {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return hasMark ? bytes.subarray(3) : bytes;
}
