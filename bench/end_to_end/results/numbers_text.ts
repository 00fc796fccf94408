/** Numbers as the terminal and the documents show them. Pure. */
import type { Figure } from "../figure.ts";

/** A value with its unit, or `-` when there is none. */
export function valueText(value: number | null, unit: Figure["unit"]): string {
  if (value === null || Number.isNaN(value)) return "-";
  const digits = unit === "times" ? 2 : Math.abs(value) < 100 ? 1 : 0;
  const text = value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return unit === "times" ? `× ${text}` : `${text} ${unit}`;
}

/** The target of a figure, or empty when it has none. */
export function targetText({ target, unit, isHigherBetter }: Figure): string {
  if (target === null) return "";
  const number = target.toLocaleString("en");
  return `${isHigherBetter ? "≥" : "≤"} ${unit === "times" ? `× ${number}` : `${number} ${unit}`}`;
}

/** A ratio with two digits, or empty when there is none. */
export function ratioText(ratio: number | null): string {
  return ratio === null || Number.isNaN(ratio) ? "" : ratio.toFixed(2);
}
