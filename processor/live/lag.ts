/**
 * Computes lag: in records, the high watermark minus the sink's position; in seconds,
 * the greatest possible age of the oldest record that is not yet written. Unknown values
 * are null. Pure.
 */
import type { MonotonicMs, SinkName, WallMs } from "@tally/shared";
import type { Watermarks } from "@tally/shared/kafka";
import { caughtUp, lagging, placeKey, type Moment, type WrittenMoment } from "./ages.ts";
import type { Totals } from "./totals.ts";

/** What Kafka holds per partition, and when Kafka was asked. */
export interface WatermarksRead {
  /** Just before the request: what was accepted by then lies below `high`. */
  readonly atMs: WallMs;
  /** The same moment on the monotonic clock. */
  readonly monotonicMs: MonotonicMs;
  readonly byPartition: ReadonlyMap<number, Watermarks>;
}

/** What was read for a frame. */
export interface LagInput extends Moment {
  /** The last totals that could be read, or null when there never were any. */
  readonly totals: Totals | null;
  /** Whether `totals` were read for this frame. If not, positions and rates are unknown. */
  readonly isFresh: boolean;
  /** Null when Kafka didn't answer for this frame. */
  readonly watermarks: WatermarksRead | null;
}

/** Where one sink stands in one partition; null when unknown. */
export interface SinkPlace {
  readonly position: bigint | null;
  readonly lagRecords: number | null;
  readonly lagSeconds: number | null;
}

interface PlaceRequest {
  readonly sink: SinkName;
  readonly partition: number;
  readonly highWatermark: bigint | null;
}

/**
 * The position and lag of a sink in one partition.
 *
 * @param writtenUpTo Updated with the times that this frame shows.
 */
export function placeOf(
  { totals, isFresh, watermarks, ...now }: LagInput,
  { sink, partition, highWatermark }: PlaceRequest,
  writtenUpTo: Map<string, WrittenMoment>,
): SinkPlace {
  const row = totals?.[sink].get(partition);
  const position = isFresh ? (row?.nextOffset ?? null) : null;
  const lagRecords = lagOf(highWatermark, position);
  const key = placeKey(sink, partition);
  const before = writtenUpTo.get(key);
  // The age counts from the last moment without lag: after an idle hour a new record is not an hour
  // old.
  const moment =
    lagRecords === 0 && watermarks !== null
      ? caughtUp(before, watermarks.monotonicMs, now)
      : lagging(before, row?.lastReceivedAtMs ?? null, now);
  writtenUpTo.set(key, moment);
  if (lagRecords === null || lagRecords === 0) {
    return { position, lagRecords, lagSeconds: lagRecords };
  }
  const { upToMs } = moment;
  const lagSeconds = upToMs === null ? null : tenths(Math.max(0, now.monotonicMs - upToMs) / 1000);
  return { position, lagRecords, lagSeconds };
}

/** The lag of one sink in one partition, in records. */
export function lagOf(highWatermark: bigint | null, position: bigint | null): number | null {
  if (highWatermark === 0n) return 0; // The partition never held a record: nothing waits.
  if (highWatermark === null || position === null) return null;
  // The position is read a moment later, so it may lie above.
  return position >= highWatermark ? 0 : Number(highWatermark - position);
}

/**
 * The time before which every accepted event is stored, or null when it is not known. Where nothing
 * lags it is the time at which the watermark was asked for. Where a partition lags it is the
 * receivedAt of its last row: events accepted earlier precede that row.
 */
export function findCompleteUpTo({ totals, isFresh, watermarks }: LagInput): number | null {
  if (totals === null || !isFresh || watermarks === null || watermarks.byPartition.size === 0) {
    return null;
  }
  let least: number | null = watermarks.atMs;
  // A partition without a leader has no watermark at the moment, and still counts.
  const partitions = new Set([...watermarks.byPartition.keys(), ...totals.postgres.keys()]);
  for (const partition of partitions) {
    const row = totals.postgres.get(partition);
    const high = watermarks.byPartition.get(partition)?.high ?? null;
    if (lagOf(high, row?.nextOffset ?? null) === 0) continue;
    const last = row?.lastReceivedAtMs ?? null;
    least = least === null || last === null ? null : Math.min(least, last);
  }
  return least;
}

/** What is complete stays complete, also while a dependency gives no answer. */
export function latestOf(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

/** Rounds to a tenth: more digits would only be noise. */
export function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
