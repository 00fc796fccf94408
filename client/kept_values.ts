/**
 * What outlives the page: texts in localStorage. A browser may have none, may forbid it, may have
 * no room, and may change its mind later. Then nothing is kept, and nothing fails.
 */
import { attempt } from "./attempt.ts";

/** The part of `Storage` that is used; its own keys are those of its values. */
export type PageStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Texts by their keys. Nothing throws. */
export interface KeptValues {
  keys(): readonly string[];
  /** Null when there is none, undefined when that can't be known. */
  get(key: string): string | null | undefined;
  /** @returns Whether it is kept. */
  set(key: string, text: string): boolean;
  remove(key: string): void;
}

/** @param storage Null where there is none. */
export function keptIn(storage: PageStorage | null): KeptValues {
  return {
    keys: () => attempt(() => Object.keys(storage ?? {})) ?? [],
    get: (key) => attempt(() => storage?.getItem(key)),
    set: (key, text) => !!attempt(() => storage && [storage.setItem(key, text)]),
    remove: (key) => attempt(() => storage?.removeItem(key)),
  };
}
