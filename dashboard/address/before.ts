/** The range that the page's range is compared with, in words. Pure. */
import type { PageState } from "./page_state.ts";
import { RANGE_WORDS } from "./range.ts";

/** "the 24 hours before"; null without a comparison. */
export function beforeInWords({
  comparison,
  range,
}: Pick<PageState, "comparison" | "range">): string | null {
  if (comparison === null) return null;
  if (comparison === "year_over_year") return "a year before";
  if (typeof range !== "string") return "as long a time before";
  if (range === "day") return "yesterday, up to this time";
  if (range === "hour") return "as many minutes before the hour";
  return `the ${RANGE_WORDS[range].replace("Last ", "").toLowerCase()} before`;
}
