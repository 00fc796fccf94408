/**
 * What is known of a key, and the set of all keys that are valid now: one hash and one map look-up
 * find a key. The JSON of a set holds hashes only; the statement of stored_keys.ts gives the same.
 */
import { isObject, parseJson } from "../json.ts";
import { hashKey, isWellFormedKey } from "./key.ts";

/** What a key may be used for, in the order in which they are listed. */
export const SCOPES = ["write", "read", "operate"] as const;
/** write: send events. read: see what is stored. operate: change something on the processor. */
export type Scope = (typeof SCOPES)[number];

/** A key that is valid. Its text is not known, only the hash of it. */
export interface KnownKey {
  /** 1..64 of `[A-Za-z0-9._-]`; never used again for another key. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Origins of the pages that may use it; empty when it is bound to none. */
  readonly origins: readonly string[];
  /** The event types that it may send, or null for all. */
  readonly eventTypes: ReadonlySet<string> | null;
  /** Events per second, or null when there is no quota. */
  readonly eventsPerSecond: number | null;
  /** Bytes per second, or null when there is no quota. */
  readonly bytesPerSecond: number | null;
}

/** The form of a name. It becomes `context.source` of the events that a write key sends. */
export const KEY_NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** Every key that is valid, as of one version of the table. Immutable. */
export class KeySet {
  /** Moved by every change of the table; only good for telling two sets apart. */
  readonly version: string;
  readonly #byHash: ReadonlyMap<string, KnownKey>;
  readonly #origins: ReadonlySet<string>;

  constructor(version: string, byHash: ReadonlyMap<string, KnownKey>) {
    this.version = version;
    this.#byHash = byHash;
    const writers = [...byHash.values()].filter(({ scopes }) => scopes.has("write"));
    this.#origins = new Set(writers.flatMap(({ origins }) => origins));
  }

  /** How many keys there are. */
  get size(): number {
    return this.#byHash.size;
  }

  /** The keys, in no order. */
  keys(): Iterable<KnownKey> {
    return this.#byHash.values();
  }

  /** The key with this text, or null when there is none that is valid. */
  find(text: string): KnownKey | null {
    return isWellFormedKey(text) ? (this.#byHash.get(hashKey(text)) ?? null) : null;
  }

  /** Whether a key that writes is bound to this origin, among others. */
  allowsOrigin(origin: string): boolean {
    return this.#origins.has(origin);
  }

  /** The set as JSON text, with hashes and without any key. */
  toJson(): string {
    const keys = [...this.#byHash].map(([hash, key]) => ({
      hash,
      ...key,
      scopes: [...key.scopes],
      eventTypes: key.eventTypes === null ? null : [...key.eventTypes],
    }));
    return JSON.stringify({ version: this.version, keys });
  }

  /** The set of a JSON text, or null when the text is none. */
  static fromJson(text: string): KeySet | null {
    const parsed = parseJson(text);
    if (!isObject(parsed) || typeof parsed.version !== "string") return null;
    if (!Array.isArray(parsed.keys)) return null;
    const byHash = new Map<string, KnownKey>();
    for (const each of parsed.keys as unknown[]) {
      const key = readKey(each);
      if (key === null) return null;
      byHash.set(key.hash, key.known);
    }
    return new KeySet(parsed.version, byHash);
  }
}

const HASH = /^[0-9a-f]{64}$/;

function readKey(value: unknown): { readonly hash: string; readonly known: KnownKey } | null {
  if (!isObject(value)) return null;
  const { hash, name, scopes, origins, eventTypes, eventsPerSecond, bytesPerSecond } = value;
  if (typeof hash !== "string" || !HASH.test(hash)) return null;
  if (typeof name !== "string" || !KEY_NAME.test(name)) return null;
  if (!isTexts(scopes) || !scopes.every(isScope) || !isTexts(origins)) return null;
  if (eventTypes !== null && !isTexts(eventTypes)) return null;
  if (!isRate(eventsPerSecond) || !isRate(bytesPerSecond)) return null;
  const types = eventTypes === null ? null : new Set(eventTypes);
  const quota = { eventsPerSecond, bytesPerSecond };
  const known = { name, scopes: new Set(scopes), origins, eventTypes: types, ...quota };
  return { hash, known };
}

/** Whether the word is a scope. */
export function isScope(word: string): word is Scope {
  return SCOPES.some((scope) => scope === word);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function isRate(value: unknown): value is number | null {
  return value === null || (typeof value === "number" && Number.isSafeInteger(value) && value > 0);
}
