/**
 * How near each position is to what the log deletes: lag that nears the topic's
 * retention is an alarm, since what is deleted before it was read is gone from
 * the log (P6, P14). Pure, but for what the alarm last said.
 */
import type { Log, PartitionFrame, SinkName } from "@tally/shared";

/** Where one sink stands in one partition; null: unknown. */
export interface SinkPlace {
  readonly position: bigint | null;
  /** Records. */
  readonly lag: number | null;
  /** Age at most of the oldest record that is not written. */
  readonly lagSeconds: number | null;
}

/** What the log holds of a partition, and for how long. */
export interface LogExtent {
  readonly low: bigint | null;
  readonly high: bigint | null;
  readonly retentionMs: number;
}

/** Lag older than this share of the retention is an alarm. Chosen: half of a week leaves days. */
export const RETENTION_SHARE_MAX = 0.5;
/** Retention by size has no age: there it is the last tenth of what the log holds. Chosen. */
const LEFT_SHARE_MIN = 0.1;
/** A log whose old records have gone may be short; lag of less than this says nothing then. */
const LAG_SECONDS_MIN = 600;

/** Whether the log may soon delete what the sink has not written. */
export function nearsRetention(
  { position, lag, lagSeconds }: SinkPlace,
  { low, high, retentionMs }: LogExtent,
): boolean {
  if (lag === null || lag === 0 || position === null) return false;
  if (lagSeconds !== null && lagSeconds * 1000 >= retentionMs * RETENTION_SHARE_MAX) return true;
  // At 0 nothing has been deleted yet, so nothing is by size.
  if (low === null || low === 0n || high === null) return false;
  const isNearStart = Number(position - low) < Number(high - low) * LEFT_SHARE_MIN;
  return isNearStart && (lagSeconds === null || lagSeconds >= LAG_SECONDS_MIN);
}

/** Says in the log when the alarm begins, grows and ends; once for each change. */
export function createRetentionAlarm(
  log: Pick<Log, "warn" | "info">,
): (partitions: readonly PartitionFrame[]) => void {
  let said = "";
  return (partitions) => {
    const isKnown = partitions.every(({ lag, archiveLag }) => lag !== null && archiveLag !== null);
    const near: { sink: SinkName; partition: number }[] = partitions.flatMap(
      ({ partition, nearsRetention: sinks }) => sinks.map((sink) => ({ sink, partition })),
    );
    const text = JSON.stringify(near);
    // What is not known just now has not ended.
    if (text === said || (near.length === 0 && (!isKnown || said === ""))) return;
    said = text;
    if (near.length > 0)
      log.warn({ near }, "Lag neared the retention: the log may delete what is not written.");
    else log.info({}, "Lag left the retention's neighbourhood.");
  };
}
