/** The cookie that holds a session: its text in `Cookie` and `Set-Cookie`. Pure. */

export const SESSION_COOKIE = "tally_session";
/** 32 random bytes as base64url. */
const COOKIE = new RegExp(
  String.raw`(?:^|;)\s*${SESSION_COOKIE}=([A-Za-z0-9_-]{43})\s*(?=;|$)`,
  "g",
);
/** Cookies of one name that belong to several paths; the most specific comes first. */
const COOKIES_MAX = 4; // chosen
/** A header that is longer is not read. */
const COOKIE_LENGTH_MAX = 16_384; // chosen
/** The form of the path of a page, for OpenAPI, too. */
export const PAGE_PATH_PATTERN = "^/(?:[A-Za-z0-9._~-]{1,100}/){0,10}$";
const PAGE_PATH = new RegExp(PAGE_PATH_PATTERN);

/** The texts of the sessions that a browser sends. */
export function sessionsOf(headers: Headers): readonly string[] {
  const cookie = headers.get("cookie") ?? "";
  if (cookie.length > COOKIE_LENGTH_MAX) return [];
  return [...cookie.matchAll(COOKIE)].slice(0, COOKIES_MAX).map(([, text = ""]) => text);
}

/** Whether a text can be the path of the page; such a path can add nothing else to the cookie. */
export function isPagePath(text: string): boolean {
  return PAGE_PATH.test(text);
}

/** Where the cookie is sent. */
export interface CookiePlace {
  /** The page's path, as its browser sees it. */
  readonly path: string;
  /** Whether the browser uses https. */
  readonly isSecure: boolean;
}

/** The header that makes a browser keep a session, or with 0 seconds forget it. */
export function setCookie(text: string, seconds: number, { path, isSecure }: CookiePlace): string {
  const attributes = [`Path=${path}`, `Max-Age=${seconds}`, "HttpOnly", "SameSite=Strict"];
  return [`${SESSION_COOKIE}=${text}`, ...attributes, ...(isSecure ? ["Secure"] : [])].join("; ");
}
