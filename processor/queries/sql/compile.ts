/**
 * A query as one statement: over the rows of its range, or over the counts. Users' texts become
 * parameters; the words of the statement are all from here. Pure.
 */
import { bucketSql, totalsIn, typesIn } from "./counts_in_range.ts";
import { filterSql, numberSql, valueSql } from "./compile_filter.ts";
import { PAGE_TYPES, type Dimension, type Metric } from "../asked/names.ts";
import type { Buckets, Range } from "../ranges.ts";
import type { Order, Query } from "../asked/request.ts";
import { rowsIn } from "./rows_in_range.ts";
import { Parameters, type Statement } from "./statement.ts";

/** Where the answer comes from. */
export type Source =
  | { readonly kind: "rows"; readonly range: Range }
  /** Counts of whole buckets, and the rows of what lies before and after them. */
  | {
      readonly kind: "counts";
      readonly counted: Range;
      readonly edges: readonly Range[];
      /** The highest number of a type in any partition. */
      readonly typesMax: number;
    };

/** What a statement is made of besides the query. */
export interface CompileOptions {
  readonly source: Source;
  /** Null without a dimension of time. */
  readonly buckets: Buckets | null;
  /** The groups of another answer as JSON arrays: only these, all of them; null for a page. */
  readonly groups: readonly (readonly unknown[])[] | null;
}

export type Compilable = Pick<
  Query,
  "metrics" | "dimensions" | "filter" | "orderBy" | "limit" | "offset"
>;

/** One row of the statement. */
export type GroupRow = Readonly<Record<string, unknown>>;

/**
 * Makes the statement. Its columns: `d0`, `d1`... the dimensions, time as the number of its bucket
 * from 1; `m0`, `m1`... the metrics; `total_rows`, the groups of all pages.
 */
export function compileQuery(query: Compilable, options: CompileOptions): Statement {
  const parameters = new Parameters();
  const { metrics, dimensions } = query;
  const groups = groupsSql(query, options, parameters);
  const columns = [
    ...dimensions.map((_, index) => `d${index}`),
    ...metrics.map((metric, index) => `m${index}::${outputType(metric)}`),
    "(count(*) over ())::float8 as total_rows",
  ];
  const text = `with groups as (${groups}), page as (
      select ${columns.join(", ")} from groups ${endSql(query, options, parameters)}
    )
    select * from page ${boundSql(query)}`;
  return { text, parameters: parameters.values };
}

/** Bytes of the values and numbers of properties in one answer. // chosen */
const VALUE_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Ends the statement (22012) when the values of a page would fill the memory of this process: a
 * number may have as many digits as fit in an event.
 */
function boundSql({ dimensions, metrics }: Compilable): string {
  const lengths = [
    ...dimensions.map(({ kind }, index) =>
      kind === "property" ? `octet_length(d${index}::text)` : null,
    ),
    ...metrics.map((metric, index) =>
      outputType(metric) === "text" ? `coalesce(octet_length(m${index}), 0)` : null,
    ),
  ].filter((each) => each !== null);
  if (lengths.length === 0) return "";
  const bytes = `coalesce(sum(${lengths.join(" + ")}), 0)`;
  return `where (select 1 / (${bytes} <= ${VALUE_BYTES_MAX})::integer from page) = 1`;
}

/** A sum may have more digits than a double, and be greater than any. */
function outputType(metric: Metric): "text" | "float8" {
  if (metric.kind !== "property") return "float8";
  return ["sum", "avg", "min", "max"].includes(metric.of) ? "text" : "float8";
}

function endSql(query: Compilable, { groups }: CompileOptions, parameters: Parameters): string {
  const { dimensions, orderBy, limit, offset } = query;
  if (groups !== null) {
    const key = `jsonb_build_array(${dimensions.map((_, index) => `d${index}`).join(", ")})`;
    const wanted = parameters.add(JSON.stringify(groups), "jsonb");
    return `where ${key} in (select value from jsonb_array_elements(${wanted}))`;
  }
  const order = orderBy.map((each) => orderSql(each, dimensions));
  const sorted = order.length === 0 ? "" : `order by ${order.join(", ")}`;
  return `${sorted} limit ${parameters.number(limit)} offset ${parameters.number(offset)}`;
}

function orderSql({ by, index, isDescending }: Order, dimensions: readonly Dimension[]): string {
  const direction = `${isDescending ? "desc" : "asc"} nulls last`;
  // Of `groups`: the columns of the answer have the same names, and sums are texts there.
  if (by === "metric") return `groups.m${index} ${direction}`;
  const kind = dimensions[index]?.kind;
  const isText = kind === "name" || kind === "source";
  return `groups.d${index}${isText ? ' collate "C"' : ""} ${direction}`;
}

function groupsSql(query: Compilable, options: CompileOptions, parameters: Parameters): string {
  const { source } = options;
  const filter = query.filter === null ? "true" : filterSql(query.filter, parameters);
  const dimensions = query.dimensions.map(
    (dimension, index) => `${dimensionSql(dimension, options, parameters)} as d${index}`,
  );
  if (source.kind === "counts") {
    const from = `${countsSql(query, { ...options, source }, parameters)} as events where ${filter}`;
    const metrics = query.metrics.map((metric) => summedSql(metric, 0));
    const some = dimensions.length === 0 ? "" : "having sum(events) > 0";
    return `${groupSql(dimensions, metrics, from)} ${some}`;
  }
  const inputs = query.metrics.flatMap((metric, index) => inputSql(metric, index, parameters));
  const from = `${rowsIn(source.range, parameters, inputs)} as events where ${filter}`;
  const key = keyOf(query.metrics);
  if (key === null) return groupSql(dimensions, query.metrics.map(plainSql), from);
  // One group per session or value first: that needs a hash table, count(distinct) sorts all rows.
  const parts = query.metrics.map(partSql);
  const names = query.dimensions.map((_, index) => `d${index}`);
  const keys = [...dimensions, `${key} as key`];
  const keyed = `select ${[...keys, "count(*) as events", PAGES, ...parts.flat()].join(", ")}
    from ${from} group by ${keys.map((_, index) => index + 1).join(", ")}`;
  return groupSql(names, query.metrics.map(summedSql), `(${keyed}) as keyed where true`);
}

function groupSql(dimensions: readonly string[], metrics: readonly string[], from: string): string {
  const columns = [...dimensions, ...metrics.map((metric, index) => `${metric} as m${index}`)];
  const numbers = dimensions.map((_, index) => index + 1).join(", ");
  return `select ${columns.join(", ")} from ${from} ${numbers === "" ? "" : `group by ${numbers}`}`;
}

function dimensionSql(
  dimension: Dimension,
  { source, buckets }: CompileOptions,
  parameters: Parameters,
): string {
  switch (dimension.kind) {
    case "time":
      return source.kind === "counts" ? "bucket" : bucketSql(buckets, parameters)("ts");
    case "name":
      return "event_type";
    case "source":
      return "source";
    case "property":
      return valueSql(dimension.path, parameters);
  }
}

const IS_PAGE = `event_type in (${PAGE_TYPES.map((type) => `'${type}'`).join(", ")})`;
const PAGES = `count(*) filter (where ${IS_PAGE}) as pages`;
/** The share that each percentile lies above. */
const SHARES: Readonly<Record<string, string>> = { p50: "0.5", p95: "0.95", p99: "0.99" };

/** What a metric needs of a property, as a column of the rows. */
function inputSql(metric: Metric, index: number, parameters: Parameters): readonly string[] {
  if (metric.kind !== "property") return [];
  if (metric.of === "unique") {
    return [`nullif(${valueSql(metric.path, parameters)}, 'null') as input${index}`];
  }
  const number = numberSql(metric.path, parameters);
  return [`${metric.of in SHARES ? `(${number})::float8` : number} as input${index}`];
}

/** A metric over rows. */
function plainSql(metric: Metric, index: number): string {
  switch (metric.kind) {
    case "events":
      return "count(*)";
    case "sessions":
      return "count(distinct session_id)";
    case "pageviews":
      return `count(*) filter (where ${IS_PAGE})`;
    case "percentage":
      return "100.0 * count(*) / nullif(sum(count(*)) over (), 0)";
    case "property": {
      const input = `input${index}`;
      if (metric.of === "unique") return `count(distinct ${input})`;
      const share = SHARES[metric.of];
      if (share === undefined) return `${metric.of}(${input})`;
      return `percentile_cont(${share}) within group (order by ${input})`;
    }
  }
}

/** The column whose different values a query counts; null when there is none, or more than that. */
function keyOf(metrics: readonly Metric[]): string | null {
  const keys = metrics.flatMap((metric, index) => {
    if (metric.kind === "sessions") return ["session_id"];
    return metric.kind === "property" && metric.of === "unique" ? [`input${index}`] : [];
  });
  // Percentiles don't follow from parts.
  const isSummable = !metrics.some((metric) => metric.kind === "property" && metric.of in SHARES);
  return isSummable && new Set(keys).size === 1 ? (keys[0] ?? null) : null;
}

/** What a part of a group keeps, so that `summedSql` finds the metric of the group. */
function partSql(metric: Metric, index: number): readonly string[] {
  if (metric.kind !== "property" || metric.of === "unique") return [];
  const input = `input${index}`;
  if (metric.of === "avg") {
    return [`sum(${input}) as part${index}`, `count(${input}) as numbers${index}`];
  }
  return [`${metric.of}(${input}) as part${index}`];
}

/** A metric over parts: counts of a bucket, or the rows of one session or value. */
function summedSql(metric: Metric, index: number): string {
  switch (metric.kind) {
    case "events":
      return "coalesce(sum(events), 0)";
    case "sessions":
      return "count(key)";
    case "pageviews":
      return "coalesce(sum(pages), 0)";
    case "percentage":
      return "100.0 * sum(events) / nullif(sum(sum(events)) over (), 0)";
    case "property":
      if (metric.of === "unique") return "count(key)";
      if (metric.of === "avg") return `sum(part${index}) / nullif(sum(numbers${index}), 0)`;
      return `${metric.of}(part${index})`;
  }
}

/** Whether a query tells types of events apart. */
export function isByType({ metrics, dimensions, filter }: Compilable): boolean {
  return (
    filter !== null ||
    metrics.some(({ kind }) => kind === "pageviews") ||
    dimensions.some(({ kind }) => kind === "name")
  );
}

interface CountsOptions extends CompileOptions {
  readonly source: Source & { readonly kind: "counts" };
}

/** Counts as rows of `bucket`, `event_type`, `events` and, of these, `pages`. */
function countsSql(
  query: Compilable,
  { source: { counted, edges, typesMax }, buckets }: CountsOptions,
  parameters: Parameters,
): string {
  const counts = isByType(query)
    ? `select bucket, event_type, events
       from ${typesIn({ counted, buckets, typesMax }, parameters)} as types`
    : `select bucket, null::text as event_type, events
       from ${totalsIn({ counted, buckets }, parameters)} as totals`;
  const bucket = bucketSql(buckets, parameters)("ts");
  const rows = edges.map(
    (edge) => `select ${bucket}, event_type, 1::bigint from ${rowsIn(edge, parameters)} as edge`,
  );
  return `(select *, case when ${IS_PAGE} then events else 0 end as pages
    from (${[counts, ...rows].join(" union all ")}) as counted)`;
}
