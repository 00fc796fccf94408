/**
 * Who sends a request, by the key that it presents, and whether that key may. A key in a header is
 * judged before the body is read, one in a body after it. Pure.
 */
import { isWellFormedKey, presentedKey, type KeySet, type KnownKey } from "@tally/shared/keys";
import { refuse, type Refusal } from "../form/refusal.ts";

/** Who sends a request, as ingest knows it. */
export interface Sender {
  readonly kind: "sender";
  /** The name of the key, for `context.source` of its events; null with keys off. */
  readonly source: string | null;
  /** Null with keys off. */
  readonly key: KnownKey | null;
}

/** Finds the sender of a request. */
export interface Senders {
  /**
   * The sender by the headers; null when they hold no key, which may then stand in the body. What
   * is no key may be the sign-in of a proxy in front.
   */
  byHeaders(headers: Headers): Sender | Refusal | null;
  /** The sender by the body, null when no key stands there; only without a key in the headers. */
  byBody(writeKey: string | null, headers: Headers): Sender | Refusal;
  /** Why a request without any key is refused. */
  refuseKeyless(headers: Headers): Refusal;
  /** Why a request may not read what is protected here, or null. */
  refuseReader(headers: Headers): Refusal | null;
  /** Whether a key lets pages of this origin send. */
  allowsOrigin(origin: string): boolean;
}

const ANYONE: Sender = { kind: "sender", source: null, key: null };

/** With keys off: every request is taken. */
export const ANY_SENDERS: Senders = {
  byHeaders: () => ANYONE,
  byBody: () => ANYONE,
  refuseKeyless: () => refuse("key_missing"),
  refuseReader: () => null,
  allowsOrigin: () => false,
};

/** With keys on. @param current The keys that are valid now; null when they are not known. */
export function createSenders(current: () => KeySet | null): Senders {
  const find = (text: string): KnownKey | Refusal =>
    current()?.find(text) ?? refuse(current() === null ? "keys_unavailable" : "key_unknown");
  return {
    byHeaders(headers) {
      const text = presentedKey(headers);
      if (text === null || !isWellFormedKey(text)) return null;
      const key = find(text);
      return "kind" in key ? key : judgeSender(key, headers);
    },
    byBody(writeKey, headers) {
      if (writeKey === null) return refuseKeyless(headers);
      const key = find(writeKey);
      if ("kind" in key) return key;
      // What stands in a body is easily logged and published: only a key that writes may.
      return key.scopes.size > 1 ? refuse("key_scope") : judgeSender(key, headers);
    },
    refuseKeyless,
    refuseReader(headers) {
      const text = presentedKey(headers);
      if (text === null) return refuse("key_missing");
      const key = find(text);
      if ("kind" in key) return key;
      return key.scopes.has("read") ? null : refuse("key_scope");
    },
    allowsOrigin: (origin) => current()?.allowsOrigin(origin) === true,
  };
}

/** A text where a key stands is a key that was mistyped, unless a key stands in the body. */
function refuseKeyless(headers: Headers): Refusal {
  return refuse(presentedKey(headers) === null ? "key_missing" : "key_unknown");
}

function judgeSender(key: KnownKey, headers: Headers): Sender | Refusal {
  if (!key.scopes.has("write")) return refuse("key_scope");
  const origin = key.origins.length === 0 ? null : headers.get("origin");
  if (origin !== null && !key.origins.includes(origin)) return refuse("origin_not_allowed");
  return { kind: "sender", source: key.name, key };
}
