/** Which properties the events have, as dimensions of the query API. Pure. */
import type { StoredEvent } from "@tally/shared/stored_events";

/** Most properties in a list, and levels that are looked into. // chosen */
export const PROPERTIES_MAX = 40;
const LEVELS_MAX = 3;

type Row = Pick<StoredEvent, "payload">;

/** Properties of the rows after those that are known; only those that hold one value. */
export function propertiesOf(
  rows: readonly Row[],
  known: readonly string[] = [],
): readonly string[] {
  const all = new Set(known);
  for (const { payload } of rows) {
    for (const [path] of valuesIn(payload, LEVELS_MAX)) {
      if (all.size >= PROPERTIES_MAX) break;
      all.add(dimensionOf(path));
    }
  }
  return all.size === known.length ? known : [...all];
}

/** Those that hold a number in one of the rows. */
export function numbersOf(rows: readonly Row[]): ReadonlySet<string> {
  const values = rows.flatMap(({ payload }) => valuesIn(payload, LEVELS_MAX));
  const numbers = values.filter(([, value]) => typeof value === "number");
  return new Set(numbers.map(([path]) => dimensionOf(path)));
}

/** The dimension of a path as the query API names it. */
export function dimensionOf(path: string): string {
  return path === "path" ? "event:page" : `event:props:${path}`;
}

/** A key with a dot can't be reached by a path, so it is left out. */
function valuesIn(value: unknown, levels: number): [path: string, value: unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, unknown][] => {
    if (key === "" || key.includes(".")) return [];
    const isOne = typeof inner !== "object" || inner === null;
    if (isOne) return [[key, inner]];
    if (levels <= 1) return [];
    return valuesIn(inner, levels - 1).map(([path, each]) => [`${key}.${path}`, each]);
  });
}
