/** How a figure of the history has changed. Pure. */

/** Two spans of this length are compared: the history holds both. */
const SPAN_SECONDS = 15 * 60;

/**
 * Change of the median of the last quarter of an hour against the one before, in percent; null
 * while one of them is not known, or the earlier one is 0.
 */
export function trendOf(
  seconds: readonly number[],
  values: readonly (number | null)[],
): number | null {
  const end = seconds.at(-1);
  if (end === undefined) return null;
  const within = (from: number, to: number): number | null =>
    median(
      values.filter((value, index): value is number => {
        const at = seconds[index] ?? 0;
        return value !== null && at > from && at <= to;
      }),
    );
  const now = within(end - SPAN_SECONDS, end);
  const before = within(end - 2 * SPAN_SECONDS, end - SPAN_SECONDS);
  return now === null || before === null || before === 0 ? null : ((now - before) / before) * 100;
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}
