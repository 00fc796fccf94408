/** The answer of a query as a table for a terminal, with a bar for each row. Pure. */
import { tableText } from "@tally/shared/terminal/table";
import type { QueryAnswer, ResultRow, Value } from "../../queries/answer.ts";

/** The part of the answer's query that the table shows. */
export interface AskedColumns {
  readonly metrics: readonly string[];
  readonly dimensions: readonly string[];
}

const BAR_WIDTH_MAX = 30;
const SHORT_NAMES: Readonly<Record<string, string>> = {
  "event:name": "type",
  "event:source": "source",
  "event:page": "page",
};

/** The table, and a line that says how far its figures can be trusted. */
export function answerText({ results, meta, query }: QueryAnswer): string {
  const { metrics, dimensions } = query as AskedColumns;
  const rows = withEmpty(results, meta, { metrics, dimensions });
  const greatest = Math.max(0, ...rows.map((row) => row.metrics[0] ?? 0));
  const cells = rows.map((row) => [
    ...row.dimensions.map(valueText),
    ...row.metrics.map(numberText),
    barText(row.metrics[0] ?? 0, greatest),
  ]);
  const names = dimensions.map((name) => SHORT_NAMES[name] ?? name.replace("event:props:", ""));
  const head = [...names.map((name) => name.replace("time:", "")), ...metrics, ""];
  const right = metrics.map((_, index) => dimensions.length + index);
  const table =
    rows.length === 0 ? nothingText(meta) : tableText(cells, { head, right, isRuled: true });
  return `${table}\n${trustText(meta)}\n${moreText(meta, results)}`;
}

/**
 * Rows of time alone, with one for each bucket in which nothing happened. When there are rows of
 * other pages, a bucket without a row can be one of them: then nothing is added.
 */
function withEmpty(
  results: readonly ResultRow[],
  { time_labels: labels = [], total_rows: total }: QueryAnswer["meta"],
  { metrics, dimensions }: AskedColumns,
): readonly ResultRow[] {
  const isAll = total === results.length;
  if (dimensions.length !== 1 || labels.length === 0 || !isAll) return results;
  const byLabel = new Map(results.map((row) => [row.dimensions[0], row]));
  const isCount = (name: string): boolean => !name.includes(":") || name.startsWith("unique:");
  const nothing = metrics.map((name) => (isCount(name) ? 0 : null));
  return labels.map((label) => byLabel.get(label) ?? { dimensions: [label], metrics: nothing });
}

/** Why there is no row, and what to try next. */
function nothingText({ rows_in_range: rows }: QueryAnswer["meta"]): string {
  return rows > 0
    ? "No event of the range fits the question.\n"
    : `No event has its time in this range: --last all takes every stored event. When there is none yet,
send one: "bun run up" prints a command that does.\n`;
}

/** For example: complete up to 2026-01-31T07:00:00Z, from counts, exact. */
export function trustText(meta: QueryAnswer["meta"]): string {
  const { complete_up_to: upTo, source, exact, late_events: late, rows_in_range: rows } = meta;
  const complete = upTo === null ? "not known how far complete" : `complete up to ${upTo}`;
  const isExact = Object.values(exact).every(Boolean);
  const rowWord = rows === 1 ? "row" : "rows";
  const figures = `${rows.toLocaleString("en")} ${rowWord} in range, ${late.toLocaleString("en")} came late`;
  return `${complete}, from ${source}, ${isExact ? "exact" : "not exact"}; ${figures}`;
}

function moreText({ total_rows: total }: QueryAnswer["meta"], { length }: readonly unknown[]) {
  const isAll = total === null || total <= length;
  return isAll ? "" : `These are ${length} of ${total} rows; --limit shows more.\n`;
}

/** Control characters would change the terminal. */
function valueText(value: Value): string {
  if (value === null) return "(none)";
  if (typeof value !== "string") return String(value);
  return value.replaceAll(/\p{Cc}/gu, "\u{fffd}");
}

function numberText(value: number | null): string {
  return value === null ? "-" : value.toLocaleString("en", { maximumFractionDigits: 3 });
}

function barText(value: number, greatest: number): string {
  const width = greatest === 0 ? 0 : Math.round((value / greatest) * BAR_WIDTH_MAX);
  return "█".repeat(Math.max(width, value > 0 ? 1 : 0));
}
