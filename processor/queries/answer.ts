/** Shapes an answer like Plausible's Stats API v2, and adds what is known of its figures. Pure. */
import type { Found, FoundPart } from "./find_answer.ts";
import { nothing } from "./empty_buckets.ts";
import { printMoment } from "./ranges.ts";
import type { Query } from "./asked/request.ts";
import { isByType, type GroupRow } from "./sql/compile.ts";

/** A value of a dimension or of a property. */
export type Value = string | number | boolean | null;

export interface ResultRow {
  readonly dimensions: readonly Value[];
  readonly metrics: readonly (number | null)[];
  readonly comparison?: {
    /** Time is null where the earlier range has no such bucket; then the metrics are, too. */
    readonly dimensions: readonly Value[];
    readonly metrics: readonly (number | null)[];
    /** In percent of the compared value; null where that is 0 or unknown. */
    readonly change: readonly (number | null)[];
  };
}

/** What is known of the figures of one range. */
export interface RangeMeta {
  readonly source: "counts" | "rows";
  readonly exact: Readonly<Record<string, boolean>>;
  /** Rows of the range, whatever the filters. */
  readonly rows_in_range: number;
  readonly rows_read: number;
  /** Rows of the range that came a minute or more after the end of their minute. */
  readonly late_events: number;
  readonly time_labels?: readonly string[];
}

export interface QueryAnswer {
  readonly results: readonly ResultRow[];
  readonly meta: RangeMeta & {
    /** All that was accepted before it is in the answer; null when that is not known. */
    readonly complete_up_to: string | null;
    /** Rows of all pages; null for a page after the last one. */
    readonly total_rows: number | null;
    /** Only when the query asks for it: there is nothing imported. */
    readonly imports_included?: false;
    readonly took_ms: number;
    readonly comparison?: RangeMeta & { readonly date_range: readonly string[] };
  };
  /** The query as it was understood. */
  readonly query: object;
}

export interface AnswerOptions {
  readonly completeUpTo: string | null;
  readonly tookMs: number;
}

/** Makes the document. */
export function shapeAnswer(
  query: Query,
  found: Found,
  { completeUpTo, tookMs }: AnswerOptions,
): QueryAnswer {
  const { comparison, groups } = found;
  const others = new Map(comparison?.groups.map((row) => [keyOf(query, row), row]));
  const results = groups.map((row): ResultRow => {
    const own = { dimensions: dimensionsOf(query, found, row), metrics: metricsOf(query, row) };
    if (comparison === null) return own;
    const other = others.get(keyOf(query, row));
    const none = hasBucket(query, comparison, row) ? nothing : () => null;
    const metrics = other === undefined ? query.metrics.map(none) : metricsOf(query, other);
    const change = metrics.map((value, index) => changeOf(value, own.metrics[index] ?? null));
    const dimensions = dimensionsOf(query, comparison, row);
    return { ...own, comparison: { dimensions, metrics, change } };
  });
  const total = groups[0]?.["total_rows"] ?? (query.offset === 0 ? 0 : null);
  return {
    results,
    meta: {
      complete_up_to: completeUpTo,
      ...rangeMeta(query, found),
      total_rows: total as number | null,
      // Clients of Plausible look for it after they have asked for imported numbers.
      ...(query.form.include?.imports === true ? { imports_included: false as const } : {}),
      took_ms: Math.round(tookMs),
      ...(comparison === null
        ? {}
        : {
            comparison: {
              date_range: printRange(comparison, query.timeZone),
              ...rangeMeta(query, comparison),
            },
          }),
    },
    query: {
      ...query.form,
      date_range: printRange(found, query.timeZone),
      timezone: query.timeZone,
      dimensions: query.form.dimensions ?? [],
      filters: query.form.filters ?? [],
      order_by: orderOf(query),
      include: query.form.include ?? {},
      pagination: { limit: query.limit, offset: query.offset },
    },
  };
}

/** The order of the rows as Plausible prints it: all dimensions follow in each case. */
function orderOf({ form, dimensions }: Query): readonly (readonly string[])[] {
  if (form.order_by !== undefined && form.order_by.length > 0) return form.order_by;
  const times = (form.dimensions ?? []).filter((_, index) => dimensions[index]?.kind === "time");
  return [...times.map((name) => [name, "asc"]), [form.metrics[0] ?? "", "desc"]];
}

function rangeMeta(query: Query, found: FoundPart): RangeMeta {
  const { source, isExactByType, amount, buckets } = found;
  const exact = query.metrics.map((metric, index) => [
    query.form.metrics[index] ?? "",
    isExactByType || !isByType({ ...query, metrics: [metric] }),
  ]);
  return {
    source,
    exact: Object.fromEntries(exact) as RangeMeta["exact"],
    rows_in_range: amount.rows,
    rows_read: amount.read,
    late_events: amount.late,
    ...(query.hasTimeLabels ? { time_labels: buckets?.labels ?? [] } : {}),
  };
}

function printRange({ range }: FoundPart, timeZone: string): readonly string[] {
  return [range.fromMs, range.toMs].map((ms) => printMoment(ms, timeZone));
}

/** Equal for rows of one group in both ranges: buckets of time are counted from the start. */
function keyOf({ dimensions }: Query, row: GroupRow): string {
  return JSON.stringify(dimensions.map((_, index) => row[`d${index}`]));
}

function dimensionsOf({ dimensions }: Query, { buckets }: FoundPart, row: GroupRow): Value[] {
  return dimensions.map(({ kind }, index) => {
    const value = row[`d${index}`] as Value;
    return kind === "time" ? (buckets?.labels[Number(value) - 1] ?? null) : value;
  });
}

/** Whether the range has the bucket of a row: the last one may be missing in a shorter range. */
function hasBucket({ dimensions }: Query, { buckets }: FoundPart, row: GroupRow): boolean {
  const index = dimensions.findIndex(({ kind }) => kind === "time");
  return index === -1 || Number(row[`d${index}`]) <= (buckets?.labels.length ?? 0);
}

function metricsOf({ metrics }: Query, row: GroupRow): (number | null)[] {
  return metrics.map((metric, index) => {
    const value = row[`m${index}`] as string | number | null;
    if (value === null) return null;
    const number = Number(value);
    // A sum of doubles can be greater than every double.
    if (!Number.isFinite(number)) return null;
    return metric.kind === "percentage" ? hundredths(number) : number;
  });
}

function changeOf(before: number | null, now: number | null): number | null {
  if (before === null || now === null || before === 0) return null;
  return hundredths(((now - before) / Math.abs(before)) * 100);
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
