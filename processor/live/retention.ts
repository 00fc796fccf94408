/**
 * How near each position is to the records that Kafka deletes next. Lag that nears the
 * topic's retention raises an alarm: a record that is deleted before it was read is
 * missing from the log (P6, P14). Pure, except that the alarm remembers its last report.
 */
import type { Log, PartitionFrame, SinkName } from "@tally/shared";
import type { SinkPlace } from "./lag.ts";
import type { LogAges } from "./log_history.ts";

/** What Kafka still holds of a partition, and for how long. */
export interface RetainedLog {
  readonly low: bigint | null;
  readonly high: bigint | null;
  readonly retentionMs: number;
}

/** Where a sink stands; the position and the lag may be those of an earlier frame. */
export interface WaitingPlace extends SinkPlace {
  /** Of the record at the position. */
  readonly ages: LogAges;
}

/** Lag older than this share of the retention raises the alarm: half of a week leaves days. */
const RETENTION_SHARE_MAX = 0.5; // chosen
/**
 * A record younger than this is no alarm, however short the log is kept: no operator could react in
 * time.
 */
const WAITING_MS_MIN = 5000; // chosen
/** Where ages are not known, the alarm is raised in the oldest tenth of what the log holds. */
const LEFT_SHARE_MIN = 0.1; // chosen
/**
 * Below this lag, being near the log's start is not an alarm, unless Kafka deletes while the sink
 * lags: a log whose old records were deleted may be short.
 */
const LAG_SECONDS_MIN = 600;

/**
 * Whether the log may soon delete what the sink has not written: when the record at the position
 * has half of the age at which Kafka deletes records. That age is the stated retention, or less
 * when Kafka was seen to delete younger records, by size for example.
 */
export function nearsRetention(place: WaitingPlace, retained: RetainedLog): boolean {
  const { position, lagRecords, lagSeconds } = place;
  const { low, high, retentionMs } = retained;
  if (lagRecords === null || lagRecords === 0) return false;
  if (lagSeconds !== null && lagSeconds * 1000 >= retentionMs * RETENTION_SHARE_MAX) return true;
  // While `low` is 0 nothing has been deleted yet, so size deletes nothing either.
  if (low === null || low === 0n || high === null || position === null) return false;
  if (position < low) return true;
  const { keptMs, waitingMs } = place.ages;
  if (keptMs !== null && keptMs !== Infinity && waitingMs !== null) {
    return waitingMs >= Math.max(WAITING_MS_MIN, keptMs * RETENTION_SHARE_MAX);
  }
  const isNearStart = Number(position - low) < Number(high - low) * LEFT_SHARE_MIN;
  // The record at the position is older than all that was seen, and so waited during the deletion.
  const isDeleting = keptMs !== null && waitingMs === null;
  return isNearStart && (isDeleting || lagSeconds === null || lagSeconds >= LAG_SECONDS_MIN);
}

/** One sink in one partition. */
interface Near {
  readonly sink: SinkName;
  readonly partition: number;
}

/** Logs when the alarm begins, grows, shrinks and ends; one line per change. */
export function createRetentionAlarm(
  log: Pick<Log, "warn" | "info">,
): (partitions: readonly PartitionFrame[]) => void {
  let reported: readonly Near[] = [];
  return (partitions) => {
    // A partition whose lag is unknown at the moment keeps its alarm.
    const near = partitions.flatMap(({ partition, nearsRetention: sinks }) =>
      sinks.map((sink): Near => ({ sink, partition })),
    );
    near.push(...reported.filter((each) => !isKnown(partitions, each) && !isIn(near, each)));
    near.sort((a, b) => a.partition - b.partition || (a.sink < b.sink ? 1 : -1));
    if (JSON.stringify(near) === JSON.stringify(reported)) return;
    reported = near;
    if (near.length > 0) {
      log.warn(
        { near },
        "Lag neared the retention: Kafka may delete records that are not written.",
      );
    } else log.info({}, "Lag no longer nears the retention.");
  };
}

function isIn(near: readonly Near[], { sink, partition }: Near): boolean {
  return near.some((each) => each.sink === sink && each.partition === partition);
}

function isKnown(partitions: readonly PartitionFrame[], { sink, partition }: Near): boolean {
  const frame = partitions.find((each) => each.partition === partition);
  return frame !== undefined && (sink === "postgres" ? frame.lag : frame.archiveLag) !== null;
}
