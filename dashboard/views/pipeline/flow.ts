/**
 * The way of an event as three edges, each with its rate, its lag, its age, and whether it backs
 * up. Pure: everything comes from the last frame and the one before it.
 */
import type { DependencyFrame, MetricsFrame } from "@tally/shared";
import { formatDuration, plural } from "../../panels/format.ts";
import { ARCHIVE_LATE_SECONDS, ROWS_LATE_SECONDS } from "../../panels/health.ts";

export type Level = "good" | "notice" | "bad" | "unknown" | "off";

/** One step of the way. */
export interface Edge {
  readonly name: "log" | "rows" | "archive";
  readonly title: string;
  /** Events per second; null when it is not known. */
  readonly perSecond: number | null;
  /** What waits before this step, or null; the first step has nothing before it. */
  readonly waiting: number | null;
  /** What waits: records, or rows. */
  readonly waitingNoun: "record" | "row" | null;
  /** Age of the oldest that waits, s. */
  readonly ageSeconds: number | null;
  readonly level: Level;
  /** The level in words. */
  readonly words: string;
}

export function edgesOf(frame: MetricsFrame, before: MetricsFrame | null): readonly Edge[] {
  return [logEdge(frame, before), rowsEdge(frame), archiveEdge(frame)];
}

/** An edge of a frame that is not of this moment: its state was so, and may be another now. */
export function pastEdge(edge: Edge): Edge {
  if (edge.level === "off") return edge;
  // What a 202 means is so at any time.
  const isAlways = edge.name === "log" && edge.level === "good";
  return { ...edge, level: "unknown", words: isAlways ? edge.words : `Last known: ${edge.words}` };
}

function logEdge(frame: MetricsFrame, before: MetricsFrame | null): Edge {
  const { kafka } = frame.dependencies;
  const fault = faultOf(kafka, "Kafka", "ingest answers 503 until it is back");
  return {
    name: "log",
    title: "Ingest to the log",
    perSecond: logRate(frame, before),
    waiting: null,
    waitingNoun: null,
    ageSeconds: null,
    ...(fault ?? { level: "good", words: "A 202 means that Kafka has the event." }),
  };
}

/** How fast the log grows, from the high watermarks of two frames. */
export function logRate(frame: MetricsFrame, before: MetricsFrame | null): number | null {
  if (before === null) return null;
  const seconds = (Date.parse(frame.ts) - Date.parse(before.ts)) / 1000;
  const [now, then] = [endOfLog(frame), endOfLog(before)];
  if (now === null || then === null || !(seconds > 0) || now < then) return null;
  return Number(now - then) / seconds;
}

/** Sum of the high watermarks; null while one is not known. */
export function endOfLog({ partitions }: MetricsFrame): bigint | null {
  let sum = 0n;
  for (const { highWatermark } of partitions) {
    if (highWatermark === null) return null;
    sum += BigInt(highWatermark);
  }
  return partitions.length === 0 ? null : sum;
}

function rowsEdge(frame: MetricsFrame): Edge {
  const { partitions, dependencies, lag } = frame;
  const age = greatest(partitions.map(({ lagSeconds }) => lagSeconds));
  const stopped = partitions.filter((partition) => partition.stopped !== null).length;
  const fault =
    faultOf(dependencies.postgres, "PostgreSQL", "events wait in the log, none is lost") ??
    (stopped > 0 ? bad(`${plural(stopped, "partition")} stopped: an operator decides.`) : null);
  return {
    name: "rows",
    title: "Log to rows",
    perSecond: frame.eventsPerSecond.stored,
    waiting: lag,
    waitingNoun: "record",
    ageSeconds: age,
    ...(fault ?? judgeAge({ waiting: lag, noun: "record", age, lateSeconds: ROWS_LATE_SECONDS })),
  };
}

function archiveEdge(frame: MetricsFrame): Edge {
  const { archive, dependencies, writtenTotal } = frame;
  const waiting = Math.max(0, writtenTotal - archive.events);
  const age = archive.oldestUnarchivedSeconds;
  const fault = faultOf(dependencies.s3, "S3", "rows are written, their lines follow later");
  const edge = { name: "archive", title: "Rows to the archive" } as const;
  if (!archive.enabled) {
    const none = { perSecond: null, waiting: null, waitingNoun: null, ageSeconds: null };
    return { ...edge, ...none, level: "off", words: "The archive is off (S3_ENABLED=false)." };
  }
  return {
    ...edge,
    perSecond: frame.eventsPerSecond.archived,
    waiting,
    waitingNoun: "row",
    ageSeconds: age,
    ...(fault ?? judgeAge({ waiting, noun: "row", age, lateSeconds: ARCHIVE_LATE_SECONDS })),
  };
}

interface Judged {
  readonly level: Level;
  readonly words: string;
}

function bad(words: string): Judged {
  return { level: "bad", words };
}

/** What a dependency that does not work means for its step, or null when it works. */
function faultOf({ state, remedy }: DependencyFrame, name: string, effect: string): Judged | null {
  if (state === "down") return bad(`${name} is down: ${effect}.`);
  if (state === "configuration") {
    return bad(
      `${name} refuses: ${remedy ?? "its log names what to change."} Until then ${effect}.`,
    );
  }
  return state === "unknown"
    ? { level: "unknown", words: `Whether ${name} answers is not known yet.` }
    : null;
}

function judgeAge(step: {
  readonly waiting: number | null;
  readonly noun: string;
  readonly age: number | null;
  readonly lateSeconds: number;
}): Judged {
  const { waiting, noun, age, lateSeconds } = step;
  if (waiting === null || age === null) {
    return { level: "unknown", words: "How far it is behind is not known now." };
  }
  if (age > lateSeconds) {
    return {
      level: "notice",
      words: `Backs up: ${plural(waiting, noun)} wait, the oldest for ${formatDuration(age)}.`,
    };
  }
  return { level: "good", words: waiting === 0 ? "Nothing waits." : "Keeps up." };
}

function greatest(values: readonly (number | null)[]): number | null {
  let found: number | null = values.length === 0 ? null : 0;
  for (const value of values)
    found = found === null || value === null ? null : Math.max(found, value);
  return found;
}
