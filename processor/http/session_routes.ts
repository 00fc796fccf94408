/**
 * `/api/session`: how the page signs in and out, and learns who is signed in. A session is a random
 * text in a cookie; PostgreSQL has its hash.
 */
import { isObject, parseJson, type ErrorCode, type Problem } from "@tally/shared";
import type { Access, Holder } from "../access/access.ts";
import { isPagePath, PAGE_PATH_PATTERN, setCookie } from "../access/cookie.ts";
import type { SessionParts } from "../access/start_access.ts";
import { readBody } from "./read_body.ts";
import type { Route } from "./route.ts";

/** Where a request comes from. */
export interface Client {
  readonly address: string;
  /** Whether it used https. */
  readonly isSecure: boolean;
}

/** Finds out where a request comes from. */
export type ClientOf = (request: Request) => Client;

/** Makes the routes. */
export function sessionRoutes(parts: SessionParts, clientOf: ClientOf): readonly Route[] {
  const path = "/api/session";
  const schema = "Session";
  return [
    {
      method: "GET",
      access: "open",
      path,
      api: { operationId: "getSession", summary: "Who is signed in, and what they may do", schema },
      codes: ["keys_unavailable"],
      answer: ({ request }) => answerWho(parts.access, request),
    },
    {
      method: "POST",
      access: "open",
      path,
      api: {
        operationId: "signIn",
        summary: "Signs in with a key that may read or operate; the answer sets a cookie",
        schema,
        body: SIGN_IN_FORM,
      },
      codes: ["key_unknown", "key_scope", "sign_in_limited", ...BODY_CODES],
      answer: ({ request }) => signIn(parts, request, clientOf(request)),
    },
    {
      method: "DELETE",
      access: "open",
      path,
      api: { operationId: "signOut", summary: "Ends the session", schema, body: SIGN_OUT_FORM },
      codes: BODY_CODES,
      answer: ({ request }) => signOut(parts, request, clientOf(request)),
    },
  ];
}

const BODY_CODES = [
  "invalid_body",
  "origin_not_allowed",
  "body_too_slow",
  "body_too_large",
  "unsupported_type",
  "unsupported_encoding",
  "keys_unavailable",
  "database_unavailable",
  "database_read_only",
  "database_misconfigured",
] as const satisfies readonly ErrorCode[];

/** Longer than any key. */
const KEY_LENGTH_MAX = 200; // chosen
const PAGE_PATH = {
  type: "string",
  pattern: PAGE_PATH_PATTERN,
  description: "Where the page lies: the cookie is sent below it only. `/` when absent",
};
const SIGN_IN_FORM = {
  type: "object",
  required: ["key"],
  properties: { key: { type: "string", maxLength: KEY_LENGTH_MAX }, path: PAGE_PATH },
};
const SIGN_OUT_FORM = { type: "object", properties: { path: PAGE_PATH } };

async function answerWho(access: Access, { headers }: Request): Promise<Response | Problem> {
  const found = await access.identify(headers);
  if (found.kind === "holder") return describe(access, found.holder);
  if (found.code === "keys_unavailable") return { code: found.code };
  return describe(access, null);
}

async function signIn(
  { access, store, limit, hours, log }: SessionParts,
  request: Request,
  client: Client,
): Promise<Response | Problem> {
  const { address } = client;
  const asked = await readForm(request);
  if (asked.kind === "refused") return asked.problem;
  const retryAfter = limit.waitSeconds(address);
  if (retryAfter > 0) return { code: "sign_in_limited", retryAfter };
  if (asked.key === null || asked.key.length > KEY_LENGTH_MAX)
    return { code: "invalid_body", pointer: "/key" };
  if (!access.keysOn) return describe(access, null);
  const isLast = limit.noteTry(address);
  const found = await access.findKey(asked.key);
  const hasFailed = found.kind === "refused" && found.code === "key_unknown";
  if (!hasFailed) limit.takeBack(address);
  if (hasFailed && isLast) log.warn({ client: address }, "Sign-ins failed too often.");
  if (found.kind === "refused") return { code: found.code };
  const { name, scopes } = found.holder;
  // A key of senders may be public: it must not make sessions.
  if (!scopes.has("read") && !scopes.has("operate")) return { code: "key_scope" };
  const session = await store.open(name, hours);
  if (session === null) return { code: "key_unknown" };
  log.info({ key: name, client: address }, "Signed in.");
  const { text, expiresAt } = session;
  const holder = { name, scopes, session: { hash: "", expiresAt } };
  const place = { path: asked.path, isSecure: client.isSecure };
  return describe(access, holder, setCookie(text, hours * 3600, place));
}

async function signOut(
  { access, store, log }: SessionParts,
  request: Request,
  client: Client,
): Promise<Response | Problem> {
  const asked = await readForm(request);
  if (asked.kind === "refused") return asked.problem;
  const found = await access.identify(request.headers);
  if (found.kind === "refused" && found.code === "keys_unavailable") return { code: found.code };
  const session = found.kind === "holder" ? found.holder.session : null;
  if (session !== null) {
    await store.end(session.hash);
    log.info({ client: client.address }, "Signed out.");
  }
  const place = { path: asked.path, isSecure: client.isSecure };
  return describe(access, null, setCookie("", 0, place));
}

/** What the body of a sign-in or sign-out says. */
type Form =
  | { readonly kind: "form"; readonly key: string | null; readonly path: string }
  | { readonly kind: "refused"; readonly problem: Problem };

async function readForm(request: Request): Promise<Form> {
  const body = await readBody(request);
  if (body.kind === "refused") return body;
  const value = parseJson(body.text === "" ? "{}" : body.text);
  if (!isObject(value)) return { kind: "refused", problem: { code: "invalid_body" } };
  const { key = null, path = "/" } = value;
  if (typeof path !== "string" || !isPagePath(path)) {
    return { kind: "refused", problem: { code: "invalid_body", pointer: "/path" } };
  }
  return { kind: "form", key: typeof key === "string" ? key : null, path };
}

/** The answer of all three: who is signed in now. */
function describe({ keysOn }: Access, holder: Holder | null, cookie?: string): Response {
  const scopes = keysOn ? [...(holder?.scopes ?? [])] : ["read", "operate"];
  const session = {
    keysOn,
    name: holder?.name ?? null,
    scopes,
    expiresAt: holder?.session?.expiresAt ?? null,
  };
  const headers: Record<string, string> = { "cache-control": "no-store" };
  if (cookie !== undefined) headers["set-cookie"] = cookie;
  return Response.json(session, { headers });
}
