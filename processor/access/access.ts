/**
 * Who may do what on 8082: a request presents a key in a header, or the cookie of a session that a
 * key has opened. With keys off everyone may do everything that 8082 offers.
 */
import type { KEY_CODES } from "@tally/shared";
import { hashKey, isWellFormedKey, presentedKey, type Scope } from "@tally/shared/keys";
import { sessionsOf } from "./cookie.ts";
import type { CredentialCache, Credentials } from "./credentials.ts";

/** What a route asks for; what is open needs no key. */
export type RouteAccess = Extract<Scope, "read" | "operate"> | "open";

/** Who sends a request. */
export interface Holder {
  /** The name of the key. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** The session that was presented, by its SHA-256, or null when it was the key itself. */
  readonly session: { readonly hash: string; readonly expiresAt: string } | null;
}

/** Whether a request may do something, and who sends it; null when keys are off. */
export type Verdict =
  | { readonly kind: "allowed"; readonly holder: Holder | null }
  | { readonly kind: "refused"; readonly code: AccessCode };

/** Why a request may not. */
export type AccessCode = (typeof KEY_CODES)[number];

/** The header that says which scope is needed (RFC 6750); the one of a 401 is added for all. */
export function challengeOf(code: AccessCode, access: RouteAccess): Record<string, string> {
  if (code !== "key_scope") return {};
  const value = `Bearer realm="tally", error="insufficient_scope", scope="${access}"`;
  return { "www-authenticate": value };
}

/** Judges requests. */
export interface Access {
  readonly keysOn: boolean;
  judge(headers: Headers, access: RouteAccess): Promise<Verdict>;
  /** Who sends a request, or why that is unknown. */
  identify(headers: Headers): Promise<Identified>;
  /** The holder of a key that was typed. */
  findKey(text: string): Promise<Identified>;
  /** Whether a holder that was allowed something still is; false once its key is revoked. */
  isStill(holder: Holder, scope: Scope): Promise<boolean>;
}

/** Who it is, or why nobody is known. */
export type Identified =
  | { readonly kind: "holder"; readonly holder: Holder }
  | { readonly kind: "refused"; readonly code: AccessCode };

/** With keys off. */
export const OPEN_ACCESS: Access = {
  keysOn: false,
  judge: async () => ({ kind: "allowed", holder: null }),
  identify: async () => refused("key_missing"),
  findKey: async () => refused("key_unknown"),
  isStill: async () => true,
};

/** With keys on. */
export function createAccess(cache: CredentialCache): Access {
  const find = async (
    look: (credentials: Credentials) => Holder | null,
    otherwise: AccessCode,
  ): Promise<Identified> => {
    for (const read of [() => cache.current(), () => cache.renewed()]) {
      const credentials = await read();
      const holder = credentials === null ? null : look(credentials);
      if (holder !== null) return { kind: "holder", holder };
    }
    // Only what was read a moment ago shows that it does not exist.
    return { kind: "refused", code: cache.isFresh ? otherwise : "keys_unavailable" };
  };
  const findKey = (text: string): Promise<Identified> =>
    find((credentials) => keyHolder(credentials, text), "key_unknown");
  const identify = async (headers: Headers): Promise<Identified> => {
    const presented = presentedKey(headers);
    if (presented !== null && isWellFormedKey(presented)) return findKey(presented);
    // What is no key may be the sign-in of a proxy in front.
    const hashes = sessionsOf(headers).map(hashKey);
    if (hashes.length === 0) return refused(presented === null ? "key_missing" : "key_unknown");
    const look = (credentials: Credentials): Holder | null => {
      const holders = hashes.map((hash) => sessionHolder(credentials, hash, cache.nowMs));
      return holders.find((holder) => holder !== null) ?? null;
    };
    return find(look, "key_missing");
  };
  return {
    keysOn: true,
    identify,
    findKey: async (text) => (isWellFormedKey(text) ? findKey(text) : refused("key_unknown")),
    async judge(headers, access) {
      if (access === "open") return { kind: "allowed", holder: null };
      const found = await identify(headers);
      if (found.kind === "refused") return found;
      if (!found.holder.scopes.has(access)) return refused("key_scope");
      return { kind: "allowed", holder: found.holder };
    },
    async isStill({ name, session }, scope) {
      const credentials = await cache.current();
      if (credentials === null) return false;
      if (session !== null && sessionHolder(credentials, session.hash, cache.nowMs) === null) {
        return false;
      }
      return credentials.scopes.get(name)?.has(scope) ?? false;
    },
  };
}

function refused(code: AccessCode): { readonly kind: "refused"; readonly code: AccessCode } {
  return { kind: "refused", code };
}

function keyHolder({ keys }: Credentials, text: string): Holder | null {
  const key = keys.find(text);
  return key === null ? null : { name: key.name, scopes: key.scopes, session: null };
}

/** Null when the session has ended, or its key was revoked. */
function sessionHolder(credentials: Credentials, hash: string, nowMs: number): Holder | null {
  const session = credentials.sessions.get(hash);
  if (session === undefined || session.endsMs <= nowMs) return null;
  const { name, expiresAt } = session;
  const scopes = credentials.scopes.get(name);
  return scopes === undefined ? null : { name, scopes, session: { hash, expiresAt } };
}
