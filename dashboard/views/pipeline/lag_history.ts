/** The lag of each partition over the last minutes: one point per frame. Pure. */
import type { MetricsFrame } from "@tally/shared";

/** Five minutes at one frame per second. */
export const POINTS_MAX = 300;

export interface LagPoint {
  /** ms since 1970. */
  readonly atMs: number;
  /** Records that are not stored, by partition. */
  readonly lags: ReadonlyMap<number, number | null>;
}

export type LagHistory = readonly LagPoint[];

/** A frame that is not newer than the last point changes nothing. */
export function addToLagHistory(history: LagHistory, frame: MetricsFrame): LagHistory {
  const atMs = Date.parse(frame.ts);
  const last = history.at(-1);
  if (!Number.isFinite(atMs) || (last !== undefined && atMs <= last.atMs)) return history;
  const point: LagPoint = {
    atMs,
    lags: new Map(frame.partitions.map(({ partition, lag }) => [partition, lag])),
  };
  return [...history, point].slice(-POINTS_MAX);
}
