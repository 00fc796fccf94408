/** A change as its reader sees it. Pure. */
import { formatTick } from "../panels/format.ts";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
/** Above this growth is said as a factor: "6,140 %" is not read as easily as "× 62". // chosen */
const PERCENT_MAX = 1000;

/** The size of a change without its direction, which a sign says. */
export function formatChange(percent: number): string {
  if (percent > PERCENT_MAX) return `× ${formatTick(Math.round(percent / 100 + 1))}`;
  return `${whole.format(Math.abs(percent))} %`;
}
