/** Sets of keys for tests: each key's text is known to the test. */
import { hashKey, newKey } from "../key.ts";
import { KeySet, type KnownKey, type Scope } from "../known_key.ts";

/** A key of a test: what differs from a write key named after its place, without any limits. */
export interface TestKey extends Partial<Omit<KnownKey, "scopes" | "eventTypes">> {
  readonly scopes?: readonly Scope[];
  readonly eventTypes?: readonly string[] | null;
  /** The text of the key; a new one when absent. */
  readonly text?: string;
}

let sets = 0;

/** A set of these keys, and the text of each key in their order. */
export function createKeySet(...keys: readonly TestKey[]): {
  readonly set: KeySet;
  readonly texts: readonly string[];
} {
  const made = keys.map(createKey);
  const byHash = new Map(made.map(({ text, known }) => [hashKey(text), known]));
  return { set: new KeySet(String(++sets), byHash), texts: made.map(({ text }) => text) };
}

function createKey(key: TestKey, index: number): { text: string; known: KnownKey } {
  const { text = newKey(), scopes = ["write"], eventTypes = null, ...given } = key;
  const known = {
    name: `key-${index}`,
    origins: [],
    eventsPerSecond: null,
    bytesPerSecond: null,
    ...given,
    scopes: new Set(scopes),
    eventTypes: eventTypes === null ? null : new Set(eventTypes),
  };
  return { text, known };
}
