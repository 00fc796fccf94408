/**
 * Once per interval (`STREAM_INTERVAL_MS`, 1 s by default): read the totals and the
 * watermarks, make a frame (frame.ts), announce it with the counts of the open minute
 * (open_minutes.ts). While a dependency is down, frames
 * continue and show what is down and what is unknown (P14). Reads never overlap.
 */
import { sleep, type Clocks, type Log, type MetricsFrame, type MonotonicMs } from "@tally/shared";
import { guarded, type Database } from "@tally/shared/database";
import { computeFrame, type FrameInput } from "./frame.ts";
import type { LogLook } from "./lag.ts";
import type { WaitingRow, WrittenUpTo } from "./ages.ts";
import { createGapTotals, type GapTotals } from "./gap_totals.ts";
import { LogHistory } from "./log_history.ts";
import { createOpenMinutes } from "./open_minutes.ts";
import { createOldestUnarchived } from "./oldest_unarchived.ts";
import type { TopicLog } from "../pipeline/positions.ts";
import type { TopicLook } from "../pipeline/topic.ts";
import { createDependencies, type Observed } from "./dependencies.ts";
import { singleFlight } from "./single_flight.ts";
import { readTotals, type Totals } from "./totals.ts";
import { createTrustedTime } from "./trusted_time.ts";

export interface FramesOptions extends Clocks, Observed {
  /** A separate pool: neither may a frame wait for a batch, nor a batch for a frame. */
  readonly sql: Database;
  /** The log that is processed, or null while it is not known. */
  readonly topicLog: () => TopicLog | null;
  /** Reads the partitions of the topic and their watermarks; rejects while Kafka is down. */
  readonly look: () => Promise<TopicLook>;
  /** Called when the server that is read has become a standby, also while nothing is written. */
  readonly onStandby?: () => void;
  readonly archiveEnabled: boolean;
  /** How long the log keeps records. */
  readonly retentionMs: number;
  /** Time between two frames: `config.stream.intervalMs`, set by `STREAM_INTERVAL_MS`. */
  readonly intervalMs: number;
  readonly log: Pick<Log, "warn" | "info">;
  /** Who works on the same tables. */
  readonly processors: () => Pick<FrameInput, "otherGroups" | "owners">;
  readonly subscribers: () => number;
  /**
   * Called with each frame, its JSON, which is made once, and that of the counts: null when they
   * were not read in time.
   */
  readonly onFrame: (frame: MetricsFrame, json: string, counts: string | null) => void;
  /** Called when making a frame fails, which is a defect; the loop continues. */
  readonly onError: (error: unknown) => void;
}

/** The running loop. */
export interface Frames {
  readonly dependencies: () => MetricsFrame["dependencies"];
  /** Ends the loop. Resolves when no frame will follow. */
  stop(): Promise<void>;
}

/**
 * Starts the loop. The first frame follows two reads a moment apart, so that its rates are
 * measured.
 */
export function startFrames(options: FramesOptions): Frames {
  const maker = createFrameMaker(options);
  let completeUpTo: string | null = null;
  const openMinutes = createOpenMinutes({ ...options, completeUpTo: () => completeUpTo });
  const countsMsMax = Math.min(COUNTS_MS_MAX, options.intervalMs * READ_SHARE);
  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    let pauseMs = Math.min(options.intervalMs, FIRST_PAUSE_MS);
    await maker.read(pauseMs);
    let dueMs = performance.now() + pauseMs;
    while (await waitUntil(dueMs, stopping.signal)) {
      try {
        const [frame, counts] = await Promise.all([
          maker.make(options.intervalMs * READ_SHARE),
          openMinutes.take(countsMsMax),
        ]);
        completeUpTo = frame.completeUpTo;
        if (!stopping.signal.aborted) options.onFrame(frame, JSON.stringify(frame), counts);
      } catch (error) {
        options.onError(error);
      }
      pauseMs = options.intervalMs;
      // A late frame does not make the next ones come faster: frames never pile up.
      dueMs = Math.max(dueMs + pauseMs, performance.now());
    }
  };
  const ended = loop();
  return {
    dependencies: () => maker.dependencies(),
    stop() {
      stopping.abort();
      return ended;
    },
  };
}

const FIRST_PAUSE_MS = 250;
/** A frame waits up to this share of the interval for its reads, so that it is sent in time. */
const READ_SHARE = 0.8;
/** A frame waits up to this long for the counts; counts that come later go with the next frame. */
const COUNTS_MS_MAX = 100; // chosen

/** Reads, remembers the previous reads, and makes frames. */
export interface FrameMaker {
  /** Reads everything, and waits up to this long for the answers. */
  read(waitMsMax: number): Promise<Reads>;
  make(waitMsMax: number): Promise<MetricsFrame>;
  dependencies(): MetricsFrame["dependencies"];
}

/** What was read for one frame; null when there was no answer in time, or an error. */
interface Reads {
  readonly stored: {
    /** Null while no log is known. */
    readonly totals: Totals | null;
    /** Null when it is not known. */
    readonly waiting: ReadonlyMap<number, WaitingRow> | null;
    /** Null when they are not known. */
    readonly gaps: GapTotals | null;
  } | null;
  readonly look: LogLook | null;
}

/** What the frames of one log remember of those before them. */
interface Memory {
  readonly completeUpToMs: number | null;
  readonly writtenUpTo: WrittenUpTo;
  readonly previousLook: LogLook | null;
  readonly history: LogHistory;
}

function newMemory(): Memory {
  const history = new LogHistory();
  return { completeUpToMs: null, writtenUpTo: new Map(), previousLook: null, history };
}

const READ_TOTALS = { what: "read the totals", lateCode: "database_unavailable" } as const;
const LOOK = { what: "look at the topic", lateCode: "broker_unavailable" } as const;

/** The part of the loop that has no timer. */
export function createFrameMaker(options: FramesOptions): FrameMaker {
  const { sql, monotonicNow } = options;
  const search = createSearch(options);
  const time = createTrustedTime(options);
  let last: Totals | null = null;
  let previous: Totals | null = null;
  let memory = newMemory();
  const readStored = singleFlight({ ...options, ...READ_TOTALS }, async () => {
    const topicLog = options.topicLog();
    if (topicLog === null) {
      await guarded(sql, () => sql`select 1`);
      return { totals: null, waiting: null, gaps: null };
    }
    const totals = await readTotals(sql, topicLog);
    time.noteDatabase(totals.atMs);
    if (totals.isStandby) options.onStandby?.();
    if (last?.logNumber !== totals.logNumber) {
      memory = newMemory();
    }
    [previous, last] = [last, totals];
    return { totals, ...(await search(totals)) };
  });
  const readLook = singleFlight({ ...options, ...LOOK }, async () => {
    const moment = { atMs: time.now(), monotonicMs: monotonicNow() };
    const { topicId, partitions, watermarks } = await options.look();
    // A topic that was deleted and created again: the positions do not belong to its offsets.
    const isOther = options.topicLog()?.topicId !== topicId;
    return isOther ? null : { ...moment, partitions, byPartition: watermarks };
  });
  const reads = { kafka: readLook, postgres: readStored };
  const dependencies = createDependencies({ ...options, reads });
  const read = async (waitMsMax: number): Promise<Reads> => {
    const [stored, look] = await Promise.all([readStored.run(waitMsMax), readLook.run(waitMsMax)]);
    return { stored, look };
  };
  return {
    read,
    dependencies,
    async make(waitMsMax) {
      const { stored, look: answered } = await read(waitMsMax);
      const look = isRecent(answered, monotonicNow()) ? answered : null;
      if (look !== null) memory.history.note(look);
      const { previousLook, history } = memory;
      const computed = computeFrame({
        nowMs: time.now(),
        monotonicMs: monotonicNow(),
        totals: last,
        previousTotals: previous,
        isFresh: (stored?.totals ?? null) !== null,
        look,
        previousLook,
        archiveEnabled: options.archiveEnabled,
        waiting: stored?.waiting ?? null,
        gaps: stored?.gaps ?? null,
        retentionMs: options.retentionMs,
        history,
        previousCompleteUpToMs: memory.completeUpToMs,
        previousWrittenUpTo: memory.writtenUpTo,
        dependencies: dependencies(),
        ...options.processors(),
        subscribers: options.subscribers(),
      });
      const { completeUpToMs, writtenUpTo } = computed;
      memory = { completeUpToMs, writtenUpTo, previousLook: look ?? previousLook, history };
      return computed.frame;
    },
  };
}

/** Searches that follow the totals. When only one of them fails, only its figure is unknown. */
function createSearch({ sql, monotonicNow, archiveEnabled }: FramesOptions) {
  const oldest = createOldestUnarchived(sql, monotonicNow);
  const gaps = createGapTotals(sql);
  return async (totals: Totals) => ({
    waiting: archiveEnabled ? await oldest.find(totals).catch(() => null) : null,
    gaps: await gaps.find(totals).catch(() => null),
  });
}

/**
 * Older than this, a look says nothing: since then partitions may have been added, and records
 * written into them. Requests end before that, but a process that is stopped while it waits for
 * an answer finds it when it continues, whole minutes later.
 */
const LOOK_AGE_MS_MAX = 10_000;

function isRecent(look: LogLook | null, nowMs: MonotonicMs): boolean {
  return look !== null && nowMs - look.monotonicMs <= LOOK_AGE_MS_MAX;
}

/** Waits until a time of `performance.now()`; false when the loop is stopped. */
async function waitUntil(dueMs: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  await sleep(Math.max(0, dueMs - performance.now()), signal);
  return !signal.aborted;
}
