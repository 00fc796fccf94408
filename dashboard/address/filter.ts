/**
 * One filter as the text of a parameter `f` in the page's address: `is,event:name,page_view`.
 * Values keep their JSON types: `1` is the number, `"1"` the text. Pure.
 */

/** The operators of the query API, and how each is said. */
export const OPERATORS = {
  is: "is",
  is_not: "is not",
  contains: "contains",
  contains_not: "does not contain",
  matches: "matches",
  matches_not: "does not match",
} as const;

export type Operator = keyof typeof OPERATORS;

/** A value of a property, as in JSON; null where the property is missing or not a scalar. */
export type Scalar = string | number | boolean | null;

export interface Filter {
  readonly operator: Operator;
  /** `event:name`, `event:source`, `event:page` or `event:props:` and a path. */
  readonly dimension: string;
  /** One of them must fit. */
  readonly values: readonly Scalar[];
}

/** Most filters of an address, and most values of one; further ones are left out. // chosen */
export const FILTERS_MAX = 20;
export const VALUES_MAX = 50;

const DIMENSION = /^event:(?:name|source|page|props:.+)$/;

/** @returns Null when the text is no filter: an address can be typed by anybody. */
export function readFilter(text: string): Filter | null {
  const [operator = "", dimension = "", ...values] = splitPieces(text);
  if (!isOperator(operator) || !DIMENSION.test(dimension) || values.length === 0) return null;
  return { operator, dimension, values: values.slice(0, VALUES_MAX).map(readScalar) };
}

/** The inverse of `readFilter`. */
export function writeFilter({ operator, dimension, values }: Filter): string {
  return joinPieces([operator, dimension, ...values.map(writeScalar)]);
}

/** A value as a person reads it; a text that looks like another type keeps its quotes. */
export function writeScalar(value: Scalar): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return parsesAsJson(value) ? JSON.stringify(value) : value;
}

/** The inverse of `writeScalar`. */
export function readScalar(text: string): Scalar {
  if (!parsesAsJson(text)) return text;
  const value: unknown = JSON.parse(text);
  return isScalar(value) ? value : text;
}

/** A filter in the form of the query API. */
export function toQueryFilter({ operator, dimension, values }: Filter): readonly unknown[] {
  return [operator, dimension, values];
}

/** Adds a filter, or takes the one with the same operator and dimension to hold the new value. */
export function addFilter(filters: readonly Filter[], added: Filter): readonly Filter[] {
  const rest = filters.filter(
    ({ operator, dimension }) => operator !== added.operator || dimension !== added.dimension,
  );
  return [...rest, added].slice(-FILTERS_MAX);
}

/** Adds a value: a filter with the same operator and dimension lets it pass, too. */
export function joinFilter(filters: readonly Filter[], added: Filter): readonly Filter[] {
  const isSame = (other: Filter): boolean =>
    other.operator === added.operator && other.dimension === added.dimension;
  const before = filters.find(isSame)?.values ?? [];
  const values = [...new Set([...before, ...added.values])].slice(0, VALUES_MAX);
  return addFilter(filters, { ...added, values });
}

export function isOperator(text: string): text is Operator {
  return Object.hasOwn(OPERATORS, text);
}

export function isScalar(value: unknown): value is Scalar {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

/** Whether the text is a JSON scalar other than a bare word. */
function parsesAsJson(text: string): boolean {
  try {
    return isScalar(JSON.parse(text));
  } catch {
    // Not JSON: a plain text.
    return false;
  }
}

/** Pieces of a text that commas part. */
export const joinPieces = (pieces: readonly string[]): string => pieces.map(escape).join(",");
export const splitPieces = (text: string): readonly string[] => text.split(",").map(unescape);

/** Only what would end a piece: a comma, and the sign of the escape itself. */
const escape = (text: string): string => text.replaceAll("%", "%25").replaceAll(",", "%2C");
const unescape = (text: string): string => text.replaceAll("%2C", ",").replaceAll("%25", "%");
