/** Keys and sessions that a test makes and changes, without PostgreSQL. Test support only. */
import { createKeySet, type TestKey } from "@tally/shared/keys/testing";
import { hashKey } from "@tally/shared/keys";
import type { Credentials, ReadCredentials, Session } from "../credentials.ts";
import type { SessionStore } from "../stored_access.ts";

/** What PostgreSQL would hold. */
export interface FakeAccess {
  readonly read: ReadCredentials;
  readonly store: SessionStore;
  /** The texts of the keys, in their order. */
  readonly texts: readonly string[];
  /** How often it was read. */
  readonly reads: number;
  /** From now on every read fails, or none. */
  fail(isDown: boolean): void;
  revoke(name: string): void;
  /** The text of a new session of a key. */
  addSession(name: string, hours: number): string;
}

/** @param now The clock by which sessions end. */
export function fakeAccess(now: () => number, ...given: readonly TestKey[]): FakeAccess {
  const { set, texts } = createKeySet(...given);
  const revoked = new Set<string>();
  const sessions = new Map<string, Session>();
  let reads = 0;
  let isDown = false;
  let made = 0;
  function credentials(): Credentials {
    const live = [...set.keys()].map((key, at) => ({ ...key, text: texts[at] ?? "" }));
    const keys = live
      .filter(({ name }) => !revoked.has(name))
      .map(({ scopes, eventTypes, ...key }) => ({
        ...key,
        scopes: [...scopes],
        eventTypes: eventTypes === null ? null : [...eventTypes],
      }));
    return {
      keys: createKeySet(...keys).set,
      scopes: new Map(keys.map(({ name, scopes }) => [name, new Set(scopes)])),
      sessions: new Map(sessions),
    };
  }
  function addSession(name: string, hours: number): string {
    const text = String(++made).padStart(43, "s");
    const expiresAt = `2026-01-31T${String(hours).padStart(2, "0")}:00:00.000Z`;
    sessions.set(hashKey(text), { name, expiresAt, endsMs: now() + hours * 3_600_000 });
    return text;
  }
  return {
    texts,
    get reads() {
      return reads;
    },
    async read() {
      reads += 1;
      if (isDown) throw new Error("PostgreSQL is away");
      return credentials();
    },
    store: {
      async open(name, hours) {
        if (revoked.has(name)) return null;
        const text = addSession(name, hours);
        return { text, expiresAt: sessions.get(hashKey(text))?.expiresAt ?? "" };
      },
      async end(hash) {
        sessions.delete(hash);
      },
    },
    fail(value) {
      isDown = value;
    },
    revoke: (name) => void revoked.add(name),
    addSession,
  };
}
