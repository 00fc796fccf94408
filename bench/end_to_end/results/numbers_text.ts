/** Numbers, and tables of them, as the terminal shows them; numbers also in documents. Pure. */
import type { Figure } from "../figure.ts";

/** A value with its unit; `-` when there is none. */
export function valueText(value: number | null, unit: Figure["unit"]): string {
  if (value === null || Number.isNaN(value)) return "-";
  const digits = unit === "times" ? 2 : Math.abs(value) < 100 ? 1 : 0;
  const text = value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return unit === "times" ? `× ${text}` : `${text} ${unit}`;
}

/** What is wanted of a figure; empty: nothing. */
export function targetText({ target, unit, isHigherBetter }: Figure): string {
  if (target === null) return "";
  const number = target.toLocaleString("en");
  return `${isHigherBetter ? "≥" : "≤"} ${unit === "times" ? `× ${number}` : `${number} ${unit}`}`;
}

/** A ratio with two digits; empty when there is none. */
export function ratioText(ratio: number | null): string {
  return ratio === null || Number.isNaN(ratio) ? "" : ratio.toFixed(2);
}

/** Lines of a table; the columns named in `left` stand left, the others right. */
export function tableLines(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  left: readonly number[],
): string[] {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => (row[index] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return left.includes(index) ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  return [line(columns), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)];
}
