/** Answers as CSV (RFC 4180), safe to open in a spreadsheet. Pure. */
import type { QueryAnswer, Value } from "./answer.ts";
import type { Query } from "./asked/request.ts";

/** The rows of an answer under the names of its dimensions and metrics. */
export function csvAnswer({ form, comparison }: Query, { results }: QueryAnswer): string {
  const { dimensions = [], metrics } = form;
  const compared = comparison === null ? [] : metrics.map((name) => `comparison:${name}`);
  const rows = results.map((row) => [
    ...row.dimensions,
    ...row.metrics,
    ...(row.comparison?.metrics ?? []),
  ]);
  return csvText([[...dimensions, ...metrics, ...compared], ...rows]);
}

/** Lines of values with commas between them. */
export function csvText(rows: readonly (readonly Value[])[]): string {
  return rows.map((row) => `${row.map(csvValue).join(",")}\r\n`).join("");
}

function csvValue(value: Value): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  // A spreadsheet would run a text that begins like a formula.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
