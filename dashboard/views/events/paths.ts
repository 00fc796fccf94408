/** Paths into payloads: those that the shown rows have, and the value at one. Pure. */
import { isObject } from "@tally/shared/json";

/** Most paths that are offered, and how deep they go. // chosen */
const PATHS_MAX = 60;
const DEPTH_MAX = 4;
const NAMES_MAX = 200;

/** The paths of scalars in the payloads, the most frequent first. */
export function pathsOf(payloads: readonly unknown[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const payload of payloads) {
    for (const path of scalarPaths(payload, "", 0)) counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, times], [b, others]) => others - times || (a < b ? -1 : 1))
    .slice(0, PATHS_MAX)
    .map(([path]) => path);
}

function* scalarPaths(value: unknown, path: string, depth: number): Generator<string> {
  if (!isObject(value)) {
    if (path !== "" && !Array.isArray(value)) yield path;
    return;
  }
  if (depth >= DEPTH_MAX) return;
  for (const [name, inner] of Object.entries(value).slice(0, NAMES_MAX)) {
    // A key with a dot in it can't be reached by a path.
    if (name === "" || name.includes(".")) continue;
    yield* scalarPaths(inner, path === "" ? name : `${path}.${name}`, depth + 1);
  }
}

/** The value at a path, or undefined when there is none. */
export function valueAt(payload: unknown, path: string): unknown {
  let value = payload;
  for (const name of path.split(".")) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}
