/**
 * Computes lag: in records, the high watermark minus the sink's position; in seconds,
 * the greatest possible age of the oldest record that is not yet written. Unknown values
 * are null. Pure.
 */
import { FUTURE_MS_MAX, type MonotonicMs, type SinkName, type WallMs } from "@tally/shared";
import type { Watermarks } from "@tally/shared/kafka";
import {
  noteCaughtUp,
  noteLag,
  passEnds,
  placeKey,
  type Moment,
  type WrittenMoment,
  type WrittenUpTo,
} from "./ages.ts";
import type { Totals } from "./totals.ts";

/** A look at the log: its partitions, and what it holds of each. */
export interface LogLook {
  /** Just before the request: what was accepted by then lies below `high`. */
  readonly atMs: WallMs;
  /** The same moment on the monotonic clock. */
  readonly monotonicMs: MonotonicMs;
  /** How many partitions the topic has: 0 to this number, less one. */
  readonly partitions: number;
  /** Without the partitions that have no leader at the moment. */
  readonly byPartition: ReadonlyMap<number, Watermarks>;
}

/** What was read for a frame. */
export interface LagInput extends Moment {
  /** The last totals that could be read, or null when there never were any. */
  readonly totals: Totals | null;
  /** Whether `totals` were read for this frame. If not, positions and rates are unknown. */
  readonly isFresh: boolean;
  /** Null when Kafka didn't answer for this frame. */
  readonly look: LogLook | null;
  /** The look before, or null when there was none. */
  readonly previousLook: LogLook | null;
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
  /** Whether the sink runs: then it begins a partition that has no position at the log's start. */
  readonly isEnabled: boolean;
}

/** Every partition that exists, in order: those of the look, and those with a position. */
export function partitionsOf({ look, totals }: LagInput): number[] {
  const numbers = new Set([
    ...Array.from({ length: look?.partitions ?? 0 }, (_, partition) => partition),
    ...(totals?.postgres.keys() ?? []),
    ...(totals?.archive.keys() ?? []),
  ]);
  return [...numbers].sort((a, b) => a - b);
}

/**
 * The position and lag of a sink in one partition.
 *
 * @param writtenUpTo Updated with the times that this frame shows.
 */
export function placeOf(
  input: LagInput,
  { sink, partition, isEnabled }: PlaceRequest,
  writtenUpTo: Map<string, WrittenMoment>,
): SinkPlace {
  const { totals, isFresh, look } = input;
  const row = totals?.[sink].get(partition);
  const position = isFresh ? (row?.nextOffset ?? null) : null;
  const { low = null, high = null } = look?.byPartition.get(partition) ?? {};
  const isUntouched = isFresh && isEnabled && totals !== null && row === undefined;
  const lagRecords = lagOf(high, isUntouched ? low : position);
  const key = placeKey(sink, partition);
  const before = writtenUpTo.get(key) ?? absentUpTo(input, partition);
  // The age counts from the last moment without lag: after an idle hour a new record is not an hour
  // old.
  const isCaughtUp = lagRecords === 0 && look !== null;
  const moment = isCaughtUp
    ? noteCaughtUp(before, look.monotonicMs, input)
    : passEnds(
        noteLag(before, row?.lastReceivedAtMs ?? null, input),
        position,
        high === null || look === null ? null : { offset: high, atMs: look.monotonicMs },
      );
  writtenUpTo.set(key, moment);
  if (lagRecords === null || lagRecords === 0) {
    return { position, lagRecords, lagSeconds: lagRecords };
  }
  const { upToMs } = moment;
  const ageMs = upToMs === null ? null : Math.max(0, input.monotonicMs - upToMs);
  return { position, lagRecords, lagSeconds: ageMs === null ? null : tenths(ageMs / 1000) };
}

/** At the look before a partition was added, nothing waited in it. */
function absentUpTo(input: LagInput, partition: number): WrittenMoment | undefined {
  const { previousLook, nowMs, monotonicMs } = input;
  if (previousLook === null || partition < previousLook.partitions) return undefined;
  return { upToMs: previousLook.monotonicMs, clockOffsetMs: nowMs - monotonicMs };
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
 * lags it is the time of the look; it is never later, because that look says which partitions there
 * are. Where a partition lags it is the receivedAt of its last row: events accepted earlier precede
 * that row.
 *
 * @param writtenUpTo With the times of this frame: call `placeOf` for each partition first.
 */
export function findCompleteUpTo(input: LagInput, writtenUpTo: WrittenUpTo): number | null {
  const { totals, isFresh, look, nowMs, monotonicMs } = input;
  if (totals === null || !isFresh || look === null || look.partitions === 0) return null;
  let least: number = look.atMs;
  for (const partition of partitionsOf(input)) {
    const row = totals.postgres.get(partition);
    const { low = null, high = null } = look.byPartition.get(partition) ?? {};
    if (lagOf(high, row === undefined ? low : row.nextOffset) === 0) continue;
    // Without a row the partition is new: what is known is when it did not exist, or was empty.
    const upToMs = writtenUpTo.get(placeKey("postgres", partition))?.upToMs ?? null;
    const emptyMs = upToMs === null ? null : nowMs - (monotonicMs - upToMs);
    const receivedMs = row?.lastReceivedAtMs ?? null;
    // A time in the future is from a clock that is wrong: it says nothing about other events.
    const isFuture = receivedMs !== null && receivedMs > look.atMs + FUTURE_MS_MAX;
    const lastMs = isFuture ? emptyMs : (receivedMs ?? emptyMs);
    if (lastMs === null) return null;
    least = Math.min(least, lastMs);
  }
  return least;
}

/** Rounds to a tenth: more digits would only be noise. */
export function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
