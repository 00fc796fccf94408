/** Values of metrics as the reader sees them. Pure. */
import { formatCount, UNKNOWN } from "../../panels/format.ts";

const decimal = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });

export function formatMetric(metric: string, value: number | null): string {
  if (value === null) return UNKNOWN;
  if (metric === "percentage") return `${decimal.format(value)} %`;
  return Number.isInteger(value) ? formatCount(value) : decimal.format(value);
}
