/**
 * A cursor marks where the next page of a list begins. It is opaque to callers; it holds
 * the sort keys of the last row.
 */

/** Writes a cursor. */
export function encodeCursor(keys: readonly string[]): string {
  return Buffer.from(JSON.stringify(keys)).toString("base64url");
}

const CURSOR_LENGTH_MAX = 512;
/** A moment with microseconds, as a key. */
export const CURSOR_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
/** An offset or id, as a key. */
export const CURSOR_NUMBER = /^\d{1,18}$/;

/** Reads a cursor whose keys have these shapes, or null when it is not one. */
export function decodeCursor(text: string, shapes: readonly RegExp[]): readonly string[] | null {
  if (text.length > CURSOR_LENGTH_MAX) return null;
  const keys = parseKeys(Buffer.from(text, "base64url").toString());
  if (keys === null || keys.length !== shapes.length) return null;
  return keys.every((key, index) => shapes[index]?.test(key)) ? keys : null;
}

function parseKeys(json: string): string[] | null {
  try {
    const keys: unknown = JSON.parse(json);
    if (!Array.isArray(keys)) return null;
    return keys.every((key) => typeof key === "string") ? keys : null;
  } catch {
    // It is not JSON: the caller's fault, which null reports.
    return null;
  }
}
