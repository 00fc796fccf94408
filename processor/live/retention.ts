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

/** One sink in one partition. */
interface Near {
  readonly sink: SinkName;
  readonly partition: number;
}

/** Says in the log when the alarm begins, grows, shrinks and ends; once for each change. */
export function createRetentionAlarm(
  log: Pick<Log, "warn" | "info">,
): (partitions: readonly PartitionFrame[]) => void {
  let said: readonly Near[] = [];
  return (partitions) => {
    // What is not known just now has not ended.
    const near = partitions.flatMap(({ partition, nearsRetention: sinks }) =>
      sinks.map((sink): Near => ({ sink, partition })),
    );
    near.push(...said.filter((each) => !isKnown(partitions, each)));
    near.sort((a, b) => a.partition - b.partition || (a.sink < b.sink ? 1 : -1));
    if (JSON.stringify(near) === JSON.stringify(said)) return;
    said = near;
    if (near.length > 0)
      log.warn({ near }, "Lag neared the retention: the log may delete what is not written.");
    else log.info({}, "Lag left the retention's neighbourhood.");
  };
}

function isKnown(partitions: readonly PartitionFrame[], { sink, partition }: Near): boolean {
  const frame = partitions.find((each) => each.partition === partition);
  return frame !== undefined && (sink === "postgres" ? frame.lag : frame.archiveLag) !== null;
}
