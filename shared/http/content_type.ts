/** The header `Content-Type`. */

/** A longer header is refused: the expressions here may look at a character many times. */
const MEDIA_TYPE_LENGTH_MAX = 500; // chosen
/** One type with its parameters, up to a comma; a quoted value may hold commas. */
const MEDIA_TYPE = /[^,"]*(?:"(?:[^"\\]|\\.)*"[^,"]*)*/g;
/** One parameter: its name and its value. */
const PARAMETER = /;([^;="]*)(?:=\s*("(?:[^"\\]|\\.)*"|[^;]*))?/g;

/**
 * The media type that a header names, in lower case and without parameters; "" when there is no
 * header; null when its charset is not UTF-8, or when a header that is there twice names two types.
 */
export function readMediaType(header: string | null): string | null {
  if (header === "application/json") return header;
  if (header !== null && header.length > MEDIA_TYPE_LENGTH_MAX) return null;
  const texts = (header ?? "").toLowerCase().match(MEDIA_TYPE) ?? [];
  const given = texts.filter((text) => text.trim() !== "");
  // JSON is UTF-8: a body in another charset would be misread.
  if (!given.every(isUtf8)) return null;
  const names = new Set(given.map((text) => (text.split(";", 1)[0] ?? "").trim()));
  const [name = ""] = names;
  return names.size > 1 ? null : name;
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
