/**
 * The key that a request presents in its headers: `Authorization: Bearer`, else `X-Api-Key`, else
 * the user name of `Authorization: Basic`, which is how Segment's SDKs send it. Pure.
 */
import { isWellFormedKey } from "./key.ts";

const BEARER = /^bearer +(\S+) *$/i;
const BASIC = /^basic +([A-Za-z0-9+/_=-]+) *$/i;
/** Longer than any user name and password that hold a key. */
const AUTHORIZATION_LENGTH_MAX = 1000; // chosen

/**
 * The text that stands where a key stands, or null. A key comes before what is none: a proxy in
 * front may have a sign-in of its own, which browsers add to every request.
 */
export function presentedKey(headers: Headers): string | null {
  const authorization = headers.get("authorization") ?? "";
  const isReadable = authorization.length <= AUTHORIZATION_LENGTH_MAX;
  const bearer = isReadable ? BEARER.exec(authorization)?.[1] : undefined;
  if (bearer !== undefined && isWellFormedKey(bearer)) return bearer;
  const basic = isReadable ? BASIC.exec(authorization)?.[1] : undefined;
  const user = basic === undefined ? undefined : userName(basic);
  const texts = [bearer, headers.get("x-api-key") || undefined, user];
  const found = texts.find((text) => text !== undefined && isWellFormedKey(text));
  return found ?? texts.find((text) => text !== undefined) ?? null;
}

function userName(base64: string): string {
  const [name = ""] = Buffer.from(base64, "base64").toString("utf8").split(":", 1);
  return name;
}
