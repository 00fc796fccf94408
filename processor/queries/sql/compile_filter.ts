/** Filters and fields as SQL. Texts, values, patterns and paths are parameters. Pure. */
import type { Comparison, Filter, Scalar } from "../asked/filters.ts";
import type { Field } from "../asked/names.ts";
import type { Parameters } from "./statement.ts";

/** A filter as a condition that is true or false, never null. */
export function filterSql(filter: Filter, parameters: Parameters): string {
  switch (filter.kind) {
    case "and":
    case "or": {
      const conditions = filter.filters.map((each) => filterSql(each, parameters));
      return `(${conditions.join(` ${filter.kind} `)})`;
    }
    case "not":
      return `not ${filterSql(filter.filter, parameters)}`;
    default:
      return `coalesce(${comparisonSql(filter, parameters)}, false)`;
  }
}

function comparisonSql(comparison: Comparison, parameters: Parameters): string {
  const { field, isCaseSensitive } = comparison;
  const text = textSql(field, parameters);
  switch (comparison.kind) {
    case "is":
      return isSql(comparison, parameters);
    case "contains": {
      const patterns = parameters.texts(comparison.texts.map(likePattern));
      return `${text} ${isCaseSensitive ? "like" : "ilike"} any (${patterns})`;
    }
    case "matches":
      return `${text} ${isCaseSensitive ? "~" : "~*"} any (${parameters.texts(comparison.texts)})`;
  }
}

function isSql(
  { field, values, isCaseSensitive }: Comparison & { readonly kind: "is" },
  parameters: Parameters,
): string {
  const texts = values.filter((value) => typeof value === "string");
  const others = values.filter((value) => typeof value !== "string");
  const text = textSql(field, parameters);
  const lower = (): string =>
    `lower(${text}) in (select lower(given) from unnest(${parameters.texts(texts)}) as given)`;
  if (field.kind !== "property") {
    const equal = isCaseSensitive ? `${text} = any (${parameters.texts(texts)})` : lower();
    return others.length === 0 ? equal : `(${text} is null or coalesce(${equal}, false))`;
  }
  const equals = (scalars: readonly Scalar[]): string =>
    `${valueSql(field.path, parameters)} = any (${parameters.json(scalars)})`;
  if (isCaseSensitive || texts.length === 0) return equals(values);
  return `(coalesce(${lower()}, false) or ${equals(others)})`;
}

/** A text of `like` that finds another text anywhere. */
function likePattern(text: string): string {
  return `%${text.replaceAll(/[%_\\]/g, "\\$&")}%`;
}

/** The text of a field; null where its value is none. */
export function textSql(field: Field, parameters: Parameters): string {
  if (field.kind === "name") return "event_type";
  if (field.kind === "source") return "source";
  const path = parameters.texts(field.path);
  return `case jsonb_typeof(payload #> ${path}) when 'string' then payload #>> ${path} end`;
}

/**
 * The value of a property; the JSON null where it is missing, an object or an array. A number is
 * the double that it stands for: 0.1 and 0.10000000000000001 are one value to every client.
 */
export function valueSql(path: readonly string[], parameters: Parameters): string {
  const value = `payload #> ${parameters.texts(path)}`;
  return `case jsonb_typeof(${value}) when 'object' then 'null' when 'array' then 'null'
    when 'number' then to_jsonb((${value})::float8) else coalesce(${value}, 'null') end`;
}

/** The number in a property; null where its value is none. */
export function numberSql(path: readonly string[], parameters: Parameters): string {
  const value = `payload #> ${parameters.texts(path)}`;
  return `case jsonb_typeof(${value}) when 'number' then (${value})::numeric end`;
}
