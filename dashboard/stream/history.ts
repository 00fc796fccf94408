/**
 * The last minutes of the stream, for the chart: one point per frame, in columns
 * as uPlot takes them. Pure. Where frames are missing, the line has a hole.
 */
import type { MetricsFrame } from "@tally/shared";

/** Five minutes at one frame per second. */
export const POINTS_MAX = 300;
/** Two points further apart than this are not joined: the rate between them is not known. */
export const GAP_SECONDS = 3;

/** Seconds since 1970, and events per second; null leaves a hole. */
export interface RateHistory {
  readonly seconds: readonly number[];
  readonly received: readonly (number | null)[];
  readonly stored: readonly (number | null)[];
  readonly archived: readonly (number | null)[];
}

export const EMPTY_HISTORY: RateHistory = { seconds: [], received: [], stored: [], archived: [] };

/**
 * Adds a frame's rates; a frame that is not newer than the last point changes nothing. One that is
 * older by more than a gap is from a clock that was set back: the line begins again there.
 */
export function addToHistory(history: RateHistory, frame: MetricsFrame): RateHistory {
  const at = Date.parse(frame.ts) / 1000;
  const last = history.seconds.at(-1);
  if (!Number.isFinite(at)) return history;
  if (last !== undefined && last - at > GAP_SECONDS) return addToHistory(EMPTY_HISTORY, frame);
  if (last !== undefined && at <= last) return history;

  const isGap = last !== undefined && at - last > GAP_SECONDS;
  const rates = frame.eventsPerSecond;
  const grow = <T>(column: readonly T[], hole: T, value: T): T[] =>
    [...column, ...(isGap ? [hole, value] : [value])].slice(-POINTS_MAX);
  return {
    seconds: grow(history.seconds, (last ?? at) + 1, at),
    received: grow<number | null>(history.received, null, rates.received),
    stored: grow<number | null>(history.stored, null, rates.stored),
    archived: grow<number | null>(history.archived, null, rates.archived),
  };
}
