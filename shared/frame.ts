/**
 * What `GET /metrics/stream` sends: the frames of the events `metrics` and `counts`, a full
 * snapshot each time. Written by the processor, read by dashboard and bench.
 */
import { isObject, parseJson } from "./json.ts";

/** Rates of the last interval, events per second. */
export interface Rates {
  readonly received: number;
  readonly stored: number;
  readonly archived: number;
}

/** Percentiles of receivedAt → row committed over the last interval, ms; null without rows. */
export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** A sink by name. */
export type SinkName = "postgres" | "archive";

/** One partition of the topic. Offsets are decimal strings; unknown is null. */
export interface PartitionFrame {
  readonly partition: number;
  /** First offset that the log still holds. */
  readonly logStart: string | null;
  readonly highWatermark: string | null;
  /** Next offset PostgreSQL will write. */
  readonly stored: string | null;
  /** Next offset the archive will write. */
  readonly archived: string | null;
  /** High watermark minus stored, records, at least 0. */
  readonly lag: number | null;
  /** High watermark minus archived, records, at least 0. */
  readonly archiveLag: number | null;
  /** Upper bound of the age of the oldest record that is not stored; 0 without lag. */
  readonly lagSeconds: number | null;
  /** Upper bound of the age of the oldest record that is not archived; 0 without lag. */
  readonly archiveLagSeconds: number | null;
  /** Sinks close to losing unread records to the log's retention. */
  readonly nearsRetention: readonly SinkName[];
  /** Records that Kafka deleted before they were read, and that no operator has acknowledged. */
  readonly lostRecords: number;
  /** Why the partition waits for an operator; null when it runs. */
  readonly stopped: string | null;
  /**
   * Host and number of the process that writes its rows, and of the one that writes its archive
   * lines; null when none says so. Processors of older versions leave them out.
   */
  readonly owner?: string | null;
  readonly archiveOwner?: string | null;
}

/**
 * State of the archive. `oldestUnarchivedSeconds` is 0 when every row has its line, null when
 * unknown.
 */
export interface ArchiveFrame {
  readonly enabled: boolean;
  readonly objects: number;
  readonly events: number;
  readonly bytes: number;
  readonly oldestUnarchivedSeconds: number | null;
  readonly lastKey: string | null;
}

/** One thing the processor depends on. */
export interface DependencyFrame {
  /** `configuration`: it answers, and refuses until an operator changes something. */
  readonly state: "up" | "down" | "configuration" | "off" | "unknown";
  /** What the operator has to change; there only in the state `configuration`. */
  readonly remedy?: string;
  /**
   * Since when it is in this state, UTC. For one that does not work, when the first request began
   * that failed or had no answer.
   */
  readonly since: string;
  /**
   * The last error that blamed it, since this processor started; it may be over. Processors of
   * older versions leave out the message, which is the error in words.
   */
  readonly lastError?: { readonly code: string; readonly at: string; readonly message?: string };
  /** The last time that it did not work and works again, since this processor started. */
  readonly lastOutage?: {
    readonly from: string;
    readonly to: string;
    /** Its last error; both left out when there was none. */
    readonly code?: string;
    readonly message?: string;
  };
}

/** Event types, most rows first. */
export interface EventTypeFrame {
  readonly eventType: string;
  readonly events: number;
}

/** Counting of open dead letters for a frame stops here: it is done once a second. */
export const OPEN_LETTERS_MAX = 10_000; // chosen
/** Dead letters are new for this long. */
export const NEW_LETTERS_MINUTES = 30; // chosen
/** A frame looks at up to this number of the last dead letters. */
export const NEW_LETTERS_MAX = 1000; // chosen

/** The full snapshot. Totals survive restarts and are the same from every processor. */
export interface MetricsFrame {
  /** When the frame was made, UTC. */
  readonly ts: string;
  /** Records taken from the log: rows + duplicates + dead letters. */
  readonly receivedTotal: number;
  /** Rows. */
  readonly writtenTotal: number;
  /** Mean of receivedAt → row committed over the last interval, ms; null without rows. */
  readonly avgProcessingMs: number | null;
  /** Sum of the partitions' lag; null when one of them is unknown. */
  readonly lag: number | null;
  readonly eventsPerSecond: Rates;
  readonly latencyMs: Percentiles;
  readonly partitions: readonly PartitionFrame[];
  readonly archive: ArchiveFrame;
  readonly duplicates: number;
  /** Sum of the partitions' lost records; above 0 it is an alarm until an operator acknowledges. */
  readonly lostRecords: number;
  /** All that ever were, resolved ones included. */
  readonly deadLetters: {
    readonly total: number;
    readonly byCode: { readonly [code: string]: number };
    /**
     * Those that are not resolved, counted up to `OPEN_LETTERS_MAX`; null when unknown. Processors
     * of older versions leave it out.
     */
    readonly open?: number | null;
    /**
     * Those of the last `NEW_LETTERS_MINUTES`, without letters that only replace an older one; of
     * the last `NEW_LETTERS_MAX` letters. Null when unknown. Processors of older versions leave it
     * out.
     */
    readonly recent?: number | null;
  };
  /**
   * Offsets below the rows' positions that are neither rows, nor duplicates, nor dead letters.
   * Null when unknown. Processors of older versions leave it out.
   */
  readonly gaps?: {
    /** They hold no record to read: markers of transactions, aborted or compacted records. */
    readonly skipped: number;
    /** Records that Kafka deleted before they were read, acknowledged ones as well. */
    readonly lost: number;
  } | null;
  /** The ten types with the most rows. */
  readonly eventTypes: readonly EventTypeFrame[];
  /** Rows of all other types. */
  readonly eventTypesOther: number;
  /** Everything accepted before this time is stored; null when unknown. */
  readonly completeUpTo: string | null;
  readonly dependencies: {
    readonly kafka: DependencyFrame;
    readonly postgres: DependencyFrame;
    readonly s3: DependencyFrame;
  };
  /**
   * Group prefixes of processors that work on the same tables, besides this one's; normally none.
   * Processors of older versions leave it out.
   */
  readonly otherGroups?: readonly string[];
  /**
   * The last audit of everything: when it ended, UTC, and how many problems it found. Null when
   * there was none. Processors of older versions leave it out.
   */
  readonly lastAudit?: { readonly at: string; readonly problems: number } | null;
  /** Open streams of the processor that sent the frame. */
  readonly subscribers: number;
}

/** The rows of one minute of `ts`. */
export interface MinuteCounts {
  /** Start of the minute, UTC. */
  readonly minute: string;
  /** Rows: those of `types` and `other` together. */
  readonly events: number;
  /** Rows by event type, for the 50 types with the most rows. */
  readonly types: { readonly [eventType: string]: number };
  /** Rows of all other types. Beside `types`, because a type can have any name. */
  readonly other: number;
}

/** The event `counts`: the minute of the database's clock, which is open, and the one before. */
export interface CountsFrame {
  /** When the counts were read, by the clock of the database, UTC. */
  readonly ts: string;
  /** Everything accepted before this time is counted; null when unknown. */
  readonly completeUpTo: string | null;
  /** Two; the open one is the last. */
  readonly minutes: readonly MinuteCounts[];
}

/** Reads the data of an event `counts`; null when it is none. */
export function parseCounts(data: unknown): CountsFrame | null {
  if (typeof data !== "string") return null;
  const value = parseJson(data);
  return isCounts(value) ? value : null;
}

function isCounts(value: unknown): value is CountsFrame {
  const { ts, completeUpTo, minutes } = fieldsOf<keyof CountsFrame>(value);
  const isTime = completeUpTo === null || typeof completeUpTo === "string";
  return typeof ts === "string" && isTime && Array.isArray(minutes) && minutes.every(isMinute);
}

function isMinute(value: unknown): value is MinuteCounts {
  const { minute, events, types, other } = fieldsOf<keyof MinuteCounts>(value);
  const rows = [events, other, ...Object.values(fieldsOf(types))];
  const isTime = typeof minute === "string";
  return isTime && isObject(types) && rows.every((each) => typeof each === "number");
}

function fieldsOf<Name extends string>(value: unknown): { readonly [name in Name]?: unknown } {
  const fields: object = isObject(value) ? value : {};
  return fields;
}

/** Steps of one event, from `GET /events/{id}/trace`; a step is null until it happens. */
export interface EventTrace {
  readonly eventId: string;
  readonly accepted: { readonly at: string } | null;
  readonly log: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: string;
  } | null;
  readonly row: {
    readonly sessionId: string;
    readonly eventType: string;
    readonly ts: string;
    readonly payload: unknown;
  } | null;
  readonly archive: TracedLine | null;
  /** The newest dead letter with this event id; null when there is none. */
  readonly deadLetter: { readonly id: string; readonly code: string } | null;
}

/** The archive line of an event. */
export interface TracedLine {
  readonly state: "waiting" | "planned" | "stored";
  /** The object; null while the range of the event is not planned. */
  readonly key: string | null;
  readonly plannedAt: string | null;
  readonly storedAt: string | null;
  /** Digest of the object's lines, uncompressed. */
  readonly sha256: string | null;
  /** Lines of the object. */
  readonly lines: number | null;
  /** Its own line, the first is 1; null when what is known of the range does not tell it. */
  readonly line: number | null;
}
