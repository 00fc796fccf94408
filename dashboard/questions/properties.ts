/** Which properties the events have, as dimensions of the query API. Pure. */
import type { StoredEvent } from "@tally/shared/stored_events";

/** Most properties in a list, and levels that are looked into. // chosen */
export const PROPERTIES_MAX = 40;
const LEVELS_MAX = 3;

/** Properties of the rows after those that are known; only those that hold one value. */
export function propertiesOf(
  rows: readonly Pick<StoredEvent, "payload">[],
  known: readonly string[] = [],
): readonly string[] {
  const all = new Set(known);
  for (const { payload } of rows) {
    for (const path of pathsOf(payload, LEVELS_MAX)) {
      if (all.size >= PROPERTIES_MAX) break;
      all.add(path === "path" ? "event:page" : `event:props:${path}`);
    }
  }
  return all.size === known.length ? known : [...all];
}

/** A key with a dot can't be reached by a path, so it is left out. */
function pathsOf(value: unknown, levels: number): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === "" || key.includes(".")) return [];
    const isOne = typeof inner !== "object" || inner === null;
    if (isOne) return [key];
    return levels > 1 ? pathsOf(inner, levels - 1).map((path) => `${key}.${path}`) : [];
  });
}
