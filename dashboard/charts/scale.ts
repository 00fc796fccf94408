/** The top of an axis: the least round number that is not below the values. Pure. */

/** A count whose half, the label in the middle of the axis, is a whole number as well. */
export function roundCount(most: number): number {
  if (!(most > 2)) return 2;
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 4, 6, 8, 10].find((step) => step * power >= most) ?? 10) * power;
}

/** Seconds whose half is a usual time as well. */
const ROUND_SECONDS = [
  10, 20, 60, 120, 240, 600, 1200, 3600, 7200, 14_400, 43_200, 86_400, 172_800,
] as const;
const DAY_SECONDS = 86_400;

/** A duration: round in seconds, minutes, hours or days. */
export function roundSeconds(most: number): number {
  const found = ROUND_SECONDS.find((step) => step >= most);
  return found ?? roundCount(most / DAY_SECONDS) * DAY_SECONDS;
}
