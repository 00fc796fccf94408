/** Reads the filters of a query into a tree of conditions. Pure. */
import { isText, readField, type Field } from "./names.ts";
import { PATTERN_HINT, translatePattern } from "./pattern.ts";
import { isRefused, readEach, refused, type Refused } from "./refused.ts";

/** A value of a property; objects and arrays are none. */
export type Scalar = string | number | boolean | null;

/** A condition on one event. */
export type Filter =
  | { readonly kind: "and" | "or"; readonly filters: readonly Filter[] }
  | { readonly kind: "not"; readonly filter: Filter }
  | Comparison;

/** A field compared with values, any of which may fit. A missing value fits only `is` null. */
export type Comparison = {
  readonly field: Field;
  readonly isCaseSensitive: boolean;
} & (
  | { readonly kind: "is"; readonly values: readonly Scalar[] }
  /** Texts; for `matches` they are patterns as PostgreSQL reads them. */
  | { readonly kind: "contains" | "matches"; readonly texts: readonly string[] }
);

/** Comparisons of one query, and values that they compare with. // chosen */
const COMPARISONS_MAX = 100;
const VALUES_MAX = 1000;
const DEPTH_MAX = 10; // chosen
const OPERATORS = "is, is_not, contains, contains_not, matches, matches_not, and, or, not";
const VALUE_LENGTH_MAX = 65_536;
const LIMITS_HINT = `at most ${COMPARISONS_MAX} comparisons with ${VALUES_MAX} values in all, nested up to ${DEPTH_MAX} deep`;
const FORM_HINT =
  'A filter is [operator, dimension, [values]], ["and", [filters]], ["or", [filters]] or ["not", filter]';

/** Reads a list of filters, all of which must fit; null when there are none. */
export function readFilters(filters: readonly unknown[], pointer: string): Filter | null | Refused {
  const read = readList(filters, { reader: newReader(), pointer, depth: 0 });
  if (isRefused(read)) return read;
  return read.length === 0 ? null : { kind: "and", filters: read };
}

/** Reads one filter. */
export function readOneFilter(filter: unknown, pointer: string): Filter | Refused {
  return readFilter(filter, { reader: newReader(), pointer, depth: 1 });
}

function newReader(): Reader {
  return { comparisons: 0, values: 0 };
}

/** What one query has used of its limits. */
interface Reader {
  comparisons: number;
  values: number;
}

interface Place {
  readonly reader: Reader;
  readonly pointer: string;
  readonly depth: number;
}

function readList(filters: readonly unknown[], place: Place): readonly Filter[] | Refused {
  return readEach(filters, (filter, index) =>
    readFilter(filter, { ...place, pointer: `${place.pointer}/${index}`, depth: place.depth + 1 }),
  );
}

function readFilter(filter: unknown, place: Place): Filter | Refused {
  const { reader, pointer, depth } = place;
  if (!Array.isArray(filter)) return refused("invalid_query", pointer, FORM_HINT);
  if (depth > DEPTH_MAX) return refused("invalid_query", pointer, `Allowed: ${LIMITS_HINT}`);
  const [operator, ...rest] = filter as unknown[];
  if (operator === "and" || operator === "or") {
    const [filters] = rest;
    if (rest.length !== 1 || !Array.isArray(filters) || filters.length === 0) {
      return refused("invalid_query", pointer, FORM_HINT);
    }
    const read = readList(filters, { ...place, pointer: `${pointer}/1` });
    return isRefused(read) ? read : { kind: operator, filters: read };
  }
  if (operator === "not") {
    if (rest.length !== 1) return refused("invalid_query", pointer, FORM_HINT);
    const read = readFilter(rest[0], { reader, pointer: `${pointer}/1`, depth: depth + 1 });
    return isRefused(read) ? read : { kind: "not", filter: read };
  }
  const [, kind, not] = /^(is|contains|matches)(_not)?$/.exec(String(operator)) ?? [];
  if (typeof operator !== "string" || kind === undefined) {
    return refused("unknown_operator", `${pointer}/0`, `Allowed: ${OPERATORS}`);
  }
  const read = readComparison(kind as Comparison["kind"], rest, place);
  return isRefused(read) || not === undefined ? read : { kind: "not", filter: read };
}

function readComparison(
  kind: Comparison["kind"],
  rest: readonly unknown[],
  { reader, pointer }: Place,
): Comparison | Refused {
  const [name, values, modifiers = {}] = rest;
  const field = readField(name, `${pointer}/1`);
  if (isRefused(field)) return field;
  if (rest.length > 3 || !Array.isArray(values) || values.length === 0) {
    return refused("invalid_query", pointer, FORM_HINT);
  }
  const isCaseSensitive = readModifiers(modifiers);
  if (isCaseSensitive === null) {
    const hint = 'Allowed: {"case_sensitive": true} or {"case_sensitive": false}';
    return refused("invalid_query", `${pointer}/3`, hint);
  }
  reader.comparisons += 1;
  reader.values += values.length;
  if (reader.comparisons > COMPARISONS_MAX || reader.values > VALUES_MAX) {
    return refused("invalid_query", pointer, `Allowed: ${LIMITS_HINT}`);
  }
  const given = values as readonly unknown[];
  const wrong = given.findIndex((value) => !isValue(value, kind, field));
  if (wrong !== -1) {
    return refused("invalid_query", `${pointer}/2/${wrong}`, `Allowed: ${hintOf(kind, field)}`);
  }
  if (kind === "is") return { kind, field, isCaseSensitive, values: given as readonly Scalar[] };
  const texts = given as readonly string[];
  if (kind === "contains") return { kind, field, isCaseSensitive, texts };
  const patterns = readEach(
    texts,
    (text, index) =>
      translatePattern(text) ?? refused("invalid_pattern", `${pointer}/2/${index}`, PATTERN_HINT),
  );
  return isRefused(patterns) ? patterns : { kind, field, isCaseSensitive, texts: patterns };
}

/** Whether upper and lower case differ, or null for anything but that one modifier. */
function readModifiers(modifiers: unknown): boolean | null {
  if (typeof modifiers !== "object" || modifiers === null || Array.isArray(modifiers)) return null;
  const entries = Object.entries(modifiers as Record<string, unknown>);
  if (entries.some(([name]) => name !== "case_sensitive")) return null;
  const [, value = true] = entries[0] ?? [];
  return typeof value === "boolean" ? value : null;
}

function isValue(value: unknown, kind: Comparison["kind"], field: Field): boolean {
  if (typeof value === "string") return value.length <= VALUE_LENGTH_MAX && isText(value);
  if (kind !== "is") return false;
  if (value === null) return field.kind !== "name";
  const isScalar = typeof value === "boolean" || Number.isFinite(value);
  return field.kind === "property" && isScalar;
}

function hintOf(kind: Comparison["kind"], field: Field): string {
  if (kind !== "is" || field.kind === "name") return "texts without NUL";
  return field.kind === "source" ? "texts and null" : "texts, numbers, true, false and null";
}
