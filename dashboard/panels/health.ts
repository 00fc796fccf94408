/**
 * The health of the system in one sentence, with the reasons. Pure. The sentence holds
 * no figures, so that a screen reader hears it only when it really changes.
 */
import type { DependencyFrame, MetricsFrame } from "@tally/shared";
import type { WallMs } from "@tally/shared/clock";
import { OPEN_LETTERS_MAX } from "@tally/shared/frame";
import { causeOf } from "./cause.ts";
import { formatCount, formatDuration, formatTime, plural } from "./format.ts";
import type { Connection } from "../stream/stream.ts";

export type Level = "good" | "notice" | "bad" | "unknown";

export interface Verdict {
  readonly level: Level;
  readonly sentence: string;
  readonly reasons: readonly string[];
}

/** Above this delay rows are late. A row normally follows within a second. */
export const ROWS_LATE_SECONDS = 10; // chosen
/** Above this delay archive lines are late: twice the default rotation of 60 s. */
export const ARCHIVE_LATE_SECONDS = 120;

interface Finding {
  readonly level: "notice" | "bad";
  readonly sentence: string;
  readonly reason: string;
}

interface Times {
  readonly nowMs: WallMs;
  readonly zone: string;
}

/**
 * Judges the last frame; old figures are no reason to call a system healthy.
 *
 * @param times The zone of the times in the reasons, and now: another day's have their date.
 */
export function judge(frame: MetricsFrame | null, connection: Connection, times: Times): Verdict {
  if (frame === null) {
    return connection.kind === "reconnecting"
      ? unknown("The processor can't be reached", "No frame has come yet; trying again.")
      : unknown("Waiting for the first frame", "The figures appear with the first frame.");
  }
  if (connection.kind === "stale" || connection.kind === "reconnecting") {
    // Null only before a first frame.
    const at = connection.sinceMs === null ? "" : `, of ${formatTime(connection.sinceMs, times)}`;
    return unknown("Current state unknown", `You see the last frame received${at}.`);
  }
  const findings = [
    ...stoppedPartitions(frame),
    ...lost(frame),
    ...lastAudit(frame, times),
    ...otherGroups(frame),
    ...nearRetention(frame),
    ...dependencies(frame, times),
    ...rowsLate(frame),
    ...archiveLate(frame),
  ];
  const worst = findings.find((finding) => finding.level === "bad") ?? findings[0];
  if (worst === undefined) return healthy(frame);
  const reasons = findings.map((finding) => finding.reason);
  return { level: worst.level, sentence: worst.sentence, reasons };
}

const unknown = (sentence: string, reason: string): Verdict => ({
  level: "unknown",
  sentence,
  reasons: [reason],
});

function healthy(frame: MetricsFrame): Verdict {
  const { archive } = frame;
  if (frame.receivedTotal === 0) {
    return { level: "good", sentence: "Ready for the first event", reasons: [] };
  }
  const reason = !archive.enabled
    ? "Every accepted event is a row; the archive is off"
    : archive.oldestUnarchivedSeconds === 0
      ? "Every accepted event is a row and an archive line"
      : "Every accepted event becomes a row at once, and an archive line when its object closes";
  return { level: "good", sentence: "Healthy", reasons: [`${reason}${setAside(frame)}.`] };
}

/** Those that are no row and no line, so that nothing is said of them that is not so. */
function setAside({ deadLetters: { open } }: MetricsFrame): string {
  if (open === undefined || open === null || open === 0) return "";
  if (open === 1) return ", but for 1 that is set aside as a dead letter";
  const count = open >= OPEN_LETTERS_MAX ? `${formatCount(open)} or more` : formatCount(open);
  return `, but for ${count} that are set aside as dead letters`;
}

function stoppedPartitions(frame: MetricsFrame): Finding[] {
  return frame.partitions
    .filter((partition) => partition.stopped !== null)
    .map((partition) => ({
      level: "bad",
      sentence: "A partition waits for an operator",
      reason: `Partition ${partition.partition} stopped: ${partition.stopped}`,
    }));
}

function lastAudit({ lastAudit: audit }: MetricsFrame, times: Times): Finding[] {
  if (audit === null || audit === undefined || audit.problems === 0) return [];
  const at = formatTime(Date.parse(audit.at), times);
  const reason = `The audit that ended at ${at} found ${plural(audit.problems, "problem")}. "bun run audit" shows them; a clean audit ends this message.`;
  return [{ level: "bad", sentence: "The last audit found problems", reason }];
}

function otherGroups({ otherGroups: groups = [] }: MetricsFrame): Finding[] {
  if (groups.length === 0) return [];
  const reason = `Processors with the group ${groups.map((group) => `"${group}"`).join(" and ")} work on the same tables: every record is processed more than once. Give all of them one PROCESSOR_GROUP_PREFIX.`;
  return [{ level: "bad", sentence: "Two groups of processors do the same work", reason }];
}

function lost(frame: MetricsFrame): Finding[] {
  return frame.partitions
    .filter((partition) => partition.lostRecords > 0)
    .map(({ partition, lostRecords }) => ({
      level: "bad",
      sentence: "Records were lost",
      reason: `Partition ${partition}: Kafka deleted ${plural(lostRecords, "record")} before they were read. Lengthen the topic's retention, then take note with "bun run positions acknowledge".`,
    }));
}

function nearRetention(frame: MetricsFrame): Finding[] {
  return frame.partitions
    .filter((partition) => partition.nearsRetention.length > 0)
    .map(({ partition, nearsRetention }) => ({
      level: "bad",
      sentence: "Lag is close to the retention limit",
      reason: `Partition ${partition}: the log may soon delete what is not ${nearsRetention.map((sink) => NOT_YET[sink]).join(" and ")}; lengthen the topic's retention until the lag is gone.`,
    }));
}

const NOT_YET = { postgres: "stored", archive: "archived" } as const;

const DEPENDENCIES = [
  { key: "kafka", name: "Kafka", effect: "ingest answers 503 until it is back" },
  { key: "postgres", name: "PostgreSQL", effect: "events wait in Kafka, none is lost" },
  { key: "s3", name: "S3", effect: "rows are still written, the archive catches up later" },
] as const;

function dependencies(frame: MetricsFrame, times: Times): Finding[] {
  return DEPENDENCIES.flatMap(({ key, name, effect }): Finding[] => {
    const dependency: DependencyFrame = frame.dependencies[key];
    const { state, remedy } = dependency;
    if (state === "down") {
      const at = formatTime(Date.parse(dependency.since), times);
      const cause = causeOf(dependency);
      const why = cause === null ? "" : ` (${cause})`;
      const reason = `${name} is down since ${at}${why}: ${effect}.`;
      return [{ level: "bad", sentence: `${name} is down`, reason }];
    }
    if (state === "configuration") {
      const what = remedy ?? "the log of the processor names what to change.";
      const reason = `${name} refuses, and waiting does not help: ${what} Until then ${effect}.`;
      return [{ level: "bad", sentence: `${name} waits for an operator`, reason }];
    }
    if (state === "unknown") {
      const reason = `Whether ${name} answers is not known yet.`;
      return [{ level: "notice", sentence: "Something is not known yet", reason }];
    }
    return [];
  });
}

/** Whether S3 gives no answer now, or refuses. */
export function isStoreAway(frame: MetricsFrame | null): boolean {
  const state = frame?.dependencies.s3.state;
  return state === "down" || state === "configuration";
}

function rowsLate(frame: MetricsFrame): Finding[] {
  if (frame.lag === null) {
    const reason = "The lag of at least one partition can't be measured now.";
    return [{ level: "notice", sentence: "The lag is not known", reason }];
  }
  if (frame.lag === 0 || frame.completeUpTo === null) return [];
  const lateSeconds = (Date.parse(frame.ts) - Date.parse(frame.completeUpTo)) / 1000;
  if (!(lateSeconds > ROWS_LATE_SECONDS)) return [];
  const records = plural(frame.lag, "record");
  const reason = `Rows are ${formatDuration(lateSeconds)} late; lag: ${records}.`;
  return [{ level: "notice", sentence: "Rows are late", reason }];
}

function archiveLate(frame: MetricsFrame): Finding[] {
  const seconds = frame.archive.oldestUnarchivedSeconds;
  if (!frame.archive.enabled || seconds === null || seconds <= ARCHIVE_LATE_SECONDS) return [];
  const reason = `The oldest row without an archive line is ${formatDuration(seconds)} old.`;
  return [{ level: "notice", sentence: "The archive is late", reason }];
}
