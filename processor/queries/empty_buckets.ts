/**
 * Adds a row for each bucket of time without events. A comparison needs them: it looks only at the
 * groups of the range itself, and a bucket that is empty now may not have been before. Pure.
 */
import type { Metric } from "./asked/names.ts";
import type { Order, Query } from "./asked/request.ts";
import type { Buckets } from "./ranges.ts";
import type { GroupRow } from "./sql/compile.ts";

/** What decides which rows there are, and in which order. */
export type Page = Pick<Query, "metrics" | "dimensions" | "orderBy" | "limit" | "offset">;

/** Whether each bucket is one row. */
export function isTimeAlone({ dimensions }: Page): boolean {
  return dimensions.length === 1 && dimensions[0]?.kind === "time";
}

/** The page of a query by time alone, with a row for each bucket. @param found All its rows. */
export function withEmptyBuckets(
  page: Page,
  found: readonly GroupRow[],
  { labels }: Buckets,
): readonly GroupRow[] {
  const byBucket = new Map(found.map((row) => [row["d0"], row]));
  const nothings = page.metrics.map((metric, index) => [`m${index}`, nothing(metric)]);
  const empty = Object.fromEntries(nothings) as GroupRow;
  const rows = labels.map((_, index): GroupRow => {
    const row = byBucket.get(index + 1) ?? { ...empty, d0: index + 1 };
    return { ...row, total_rows: labels.length };
  });
  const sorted = rows.toSorted((a, b) => compareRows(page.orderBy, a, b));
  return sorted.slice(page.offset, page.offset + page.limit);
}

/** The metric of a group without events. */
export function nothing(metric: Metric): number | null {
  return metric.kind === "property" && metric.of !== "unique" ? null : 0;
}

/** As the statement orders rows: nulls come last. */
function compareRows(orders: readonly Order[], a: GroupRow, b: GroupRow): number {
  for (const { by, index, isDescending } of orders) {
    const name = by === "metric" ? `m${index}` : `d${index}`;
    const [x, y] = [numberAt(a, name), numberAt(b, name)];
    if (x === y) continue;
    if (x === null || y === null) return x === null ? 1 : -1;
    return x < y === isDescending ? 1 : -1;
  }
  return 0;
}

function numberAt(row: GroupRow, name: string): number | null {
  const value = row[name];
  return value === null || value === undefined ? null : Number(value);
}
