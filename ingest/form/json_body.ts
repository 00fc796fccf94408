/** JSON text in the bytes of a body. */
import { parseJson, readText } from "@tally/shared";

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
  const text = readText(bytes);
  return text === null ? null : { text, value: parseJson(text) };
}
