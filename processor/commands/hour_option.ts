/** An option of a command line that names a whole hour. Pure. */
import { parseTimestamp } from "@tally/shared";
import { parsedValue } from "@tally/shared/terminal/option_values";

const HOUR_MS = 3_600_000;

/**
 * A time as a whole hour, ms since 1970; a date is its midnight in UTC.
 *
 * @param round Which whole hour a time between two becomes: `Math.floor` or `Math.ceil`.
 */
export function hourOption<const Flags extends string>(
  flags: Flags,
  { help, round }: { readonly help: string; readonly round: (hours: number) => number },
) {
  return parsedValue(flags, help, {
    read: (text) => {
      const ms = parseTimestamp(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
      return ms === null ? null : round(ms / HOUR_MS) * HOUR_MS;
    },
    allowed: "It must be like 2026-01-31 or 2026-01-31T07:00:00Z.",
  });
}
