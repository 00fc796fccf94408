/**
 * Ages of what waits for a sink. Times in records and rows are wall times of other machines, and a
 * wall clock may jump. An age is therefore bounded by what this process saw on its monotonic clock,
 * and a jump can neither make it young nor decades old. Pure.
 */
import { FUTURE_MS_MAX, type MonotonicMs, type WallMs } from "@tally/shared";

/** One moment on both clocks. */
export interface Moment {
  readonly nowMs: WallMs;
  readonly monotonicMs: MonotonicMs;
}

/** What is known of one sink in one partition. */
export interface WrittenMoment {
  /** Everything received before this moment is written; null when that is not known. */
  readonly upToMs: MonotonicMs | null;
  /**
   * Wall time minus monotonic time when nothing waited, or when the lag was first seen. Kept while
   * records wait, so that a jump in between changes no age.
   */
  readonly clockOffsetMs: number;
  /** Ends of the log that the sink has not reached yet, ascending: no clock but ours says when. */
  readonly ends?: readonly SeenEnd[];
}

/** Where the log ended at one moment: everything received before it lies below this offset. */
export interface SeenEnd {
  readonly offset: bigint;
  readonly atMs: MonotonicMs;
}

/** Per sink and partition. */
export type WrittenUpTo = ReadonlyMap<string, WrittenMoment>;

/** A row that waits for its archive line. */
export interface WaitingRow {
  /** Null when the search by receive time did not find the row. */
  readonly receivedAtMs: WallMs | null;
  /** When this process first saw that the row waits. */
  readonly seenAtMs: MonotonicMs;
}

/** With more ends than this, every second one is forgotten: the age is then less exact. */
const ENDS_MAX = 128; // chosen

/**
 * Notes where the log ends, and takes over the moments of all ends that the position has reached.
 *
 * @param seen Null when Kafka did not answer.
 */
export function passEnds(
  moment: WrittenMoment,
  position: bigint | null,
  seen: SeenEnd | null,
): WrittenMoment {
  let ends = [...(moment.ends ?? [])];
  if (seen !== null) ends = [...ends.filter(({ offset }) => offset < seen.offset), seen];
  const passed = position === null ? [] : ends.filter(({ offset }) => offset <= position);
  const left = ends.slice(passed.length);
  const upToMs = latestOf(moment.upToMs, passed.at(-1)?.atMs ?? null);
  const kept = left.length > ENDS_MAX ? left.filter((_, index) => index % 2 === 0) : left;
  return { ...moment, upToMs, ends: kept };
}

/** The key of a sink and a partition in `WrittenUpTo`. */
export function placeKey(sink: string, partition: number): string {
  return `${sink} ${partition}`;
}

/** @param readAtMs When Kafka was asked for the end of the log that the sink has reached. */
export function noteCaughtUp(
  before: WrittenMoment | undefined,
  readAtMs: MonotonicMs,
  { nowMs, monotonicMs }: Moment,
): WrittenMoment {
  const upToMs = latestOf(before?.upToMs ?? null, readAtMs);
  return { upToMs, clockOffsetMs: nowMs - monotonicMs, ends: [] };
}

/** @param lastReceivedAtMs receivedAt of the last written event, or null when there is none. */
export function noteLag(
  before: WrittenMoment | undefined,
  lastReceivedAtMs: WallMs | null,
  now: Moment,
): WrittenMoment {
  const clockOffsetMs = before?.clockOffsetMs ?? now.nowMs - now.monotonicMs;
  const lastMs =
    lastReceivedAtMs === null ? null : placeInTime(lastReceivedAtMs, clockOffsetMs, now);
  return {
    upToMs: latestOf(before?.upToMs ?? null, lastMs),
    clockOffsetMs,
    ends: before?.ends ?? [],
  };
}

/**
 * The age of a waiting row, ms: by the wall clock, but at least the time for which the row was seen
 * to wait, and at most the time since the archive had caught up.
 */
export function ageOfRow(row: WaitingRow, archive: WrittenMoment | undefined, now: Moment): number {
  const seenMs = now.monotonicMs - row.seenAtMs;
  const upToMs = archive?.upToMs ?? null;
  const msMax = upToMs === null ? null : now.monotonicMs - upToMs;
  if (row.receivedAtMs === null) return msMax ?? seenMs;
  const clockOffsetMs = archive?.clockOffsetMs ?? now.nowMs - now.monotonicMs;
  const receivedMs = placeInTime(row.receivedAtMs, clockOffsetMs, now);
  if (receivedMs === null) return msMax ?? seenMs;
  return Math.max(seenMs, Math.min(now.monotonicMs - receivedMs, msMax ?? Infinity));
}

/** A wall time on the monotonic clock, or null when it lies in the future by either clock. */
function placeInTime(
  atMs: WallMs,
  clockOffsetMs: number,
  { nowMs, monotonicMs }: Moment,
): MonotonicMs | null {
  const placed = [clockOffsetMs, nowMs - monotonicMs]
    .map((offset) => atMs - offset)
    .find((ms) => ms <= monotonicMs + FUTURE_MS_MAX);
  return placed === undefined ? null : Math.min(placed, monotonicMs);
}

/** The later of two times; of one, when the other is not known. */
export function latestOf(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
