/**
 * Totals and watermarks -> the frame that dashboards see. Pure: everything is
 * the difference of two reads or one of them; what is not known is null.
 */
import {
  formatTimestamp,
  percentile,
  type EventTypeFrame,
  type MetricsFrame,
  type PartitionFrame,
  type Percentiles,
  type Rates,
  type SinkName,
} from "@tally/shared";
import { nearsRetention, type SinkPlace } from "./retention.ts";
import type { Watermarks } from "../pipeline/start_position.ts";
import { addCounts, addLatency, sumOf, type PartitionTotals, type Totals } from "./totals.ts";

/** What the log holds by partition, and when that was asked. */
export interface WatermarksRead {
  /** Before the question, ms since 1970: what was accepted by then lies below `high`. */
  readonly atMs: number;
  readonly extents: ReadonlyMap<number, Watermarks>;
}

/** By sink and partition: what was received before this time is written, ms since 1970. */
export type WrittenUpTo = ReadonlyMap<string, number>;

/** What a frame is made of. */
export interface FrameInput {
  readonly nowMs: number;
  /** The last totals that could be read; null: never. */
  readonly totals: Totals | null;
  /** The read before that one; rates are the difference. */
  readonly previousTotals: Totals | null;
  /** Whether `totals` were read for this frame: without it positions and rates are unknown. */
  readonly isFresh: boolean;
  /** Null: Kafka didn't answer for this frame. */
  readonly watermarks: WatermarksRead | null;
  readonly archiveEnabled: boolean;
  readonly oldestUnarchivedSeconds: number | null;
  /** How long the log keeps records. */
  readonly retentionMs: number;
  /** What the frame before said. */
  readonly previousCompleteUpToMs: number | null;
  readonly previousWrittenUpTo: WrittenUpTo;
  readonly dependencies: MetricsFrame["dependencies"];
  readonly subscribers: number;
}

/** A frame, and what the next one needs of it. */
export interface ComputedFrame {
  readonly frame: MetricsFrame;
  readonly completeUpToMs: number | null;
  readonly writtenUpTo: WrittenUpTo;
}

/** Makes one frame. */
export function computeFrame(input: FrameInput): ComputedFrame {
  const { totals } = input;
  const rows = totals?.postgres ?? NO_ROWS;
  const writtenUpTo = new Map(input.previousWrittenUpTo);
  const partitions = partitionFrames(input, writtenUpTo);
  const completeUpToMs = latestOf(input.previousCompleteUpToMs, findCompleteUpTo(input));
  const interval = intervalOf(input);
  const deadLetterCodes = addCounts(rows, (row) => row.deadLetterCodes);
  const frame: MetricsFrame = {
    ts: formatTimestamp(input.nowMs),
    receivedTotal: sumOf(rows, (row) => row.records),
    writtenTotal: sumOf(rows, (row) => row.events),
    ...interval,
    lag: sumOrNull(partitions.map((partition) => partition.lag)),
    partitions,
    archive: archiveFrame(input),
    duplicates: sumOf(rows, (row) => row.duplicates),
    deadLetters: { total: sumOf(rows, (row) => row.deadLetters), byCode: deadLetterCodes },
    ...rankEventTypes(addCounts(rows, (row) => row.eventTypes)),
    completeUpTo: completeUpToMs === null ? null : formatTimestamp(completeUpToMs),
    dependencies: input.dependencies,
    subscribers: input.subscribers,
  };
  return { frame, completeUpToMs, writtenUpTo };
}

const NO_ROWS: ReadonlyMap<number, PartitionTotals> = new Map();
const EVENT_TYPES_SHOWN_MAX = 10;

/** @param writtenUpTo Moved on by what this frame knows. */
function partitionFrames(input: FrameInput, writtenUpTo: Map<string, number>): PartitionFrame[] {
  const { totals, watermarks, archiveEnabled, retentionMs } = input;
  const numbers = new Set([
    ...(watermarks?.extents.keys() ?? []),
    ...(totals?.postgres.keys() ?? []),
    ...(totals?.archive.keys() ?? []),
  ]);
  return [...numbers]
    .sort((a, b) => a - b)
    .map((partition) => {
      const { low = null, high = null } = watermarks?.extents.get(partition) ?? {};
      const rows = placeOf(input, { sink: "postgres", partition, high }, writtenUpTo);
      const lines = placeOf(input, { sink: "archive", partition, high }, writtenUpTo);
      const places = { postgres: rows, ...(archiveEnabled ? { archive: lines } : {}) };
      const extent = { low, high, retentionMs };
      const row = totals?.postgres.get(partition);
      const archiveRow = totals?.archive.get(partition);
      return {
        partition,
        logStart: low?.toString() ?? null,
        highWatermark: high?.toString() ?? null,
        stored: rows.position?.toString() ?? null,
        archived: lines.position?.toString() ?? null,
        lag: rows.lag,
        archiveLag: lines.lag,
        lagSeconds: rows.lagSeconds,
        archiveLagSeconds: lines.lagSeconds,
        nearsRetention: (Object.keys(places) as SinkName[]).filter((sink) =>
          nearsRetention(places[sink] ?? rows, extent),
        ),
        stopped: row?.stopped ?? archiveRow?.stopped ?? null,
      };
    });
}

interface PlaceAsked {
  readonly sink: SinkName;
  readonly partition: number;
  readonly high: bigint | null;
}

/** Where a sink stands, and how old at most what it has not written is. */
function placeOf(
  { totals, isFresh, watermarks, nowMs }: FrameInput,
  { sink, partition, high }: PlaceAsked,
  writtenUpTo: Map<string, number>,
): SinkPlace {
  const row = totals?.[sink].get(partition);
  const position = isFresh ? (row?.nextOffset ?? null) : null;
  const lag = lagOf(high, position);
  const key = `${sink} ${partition}`;
  // A quiet hour before a new record is no lag: what was complete once stays so.
  const known = lag === 0 ? (watermarks?.atMs ?? null) : (row?.lastReceivedAtMs ?? null);
  const upToMs = latestOf(writtenUpTo.get(key) ?? null, known);
  if (upToMs !== null) writtenUpTo.set(key, upToMs);
  if (lag === null || lag === 0) return { position, lag, lagSeconds: lag };
  const lagSeconds = upToMs === null ? null : round(Math.max(0, nowMs - upToMs) / 1000);
  return { position, lag, lagSeconds };
}

/** High watermark minus position; a position read a moment later may lie above: no lag. */
function lagOf(high: bigint | null, position: bigint | null): number | null {
  if (high === 0n) return 0; // Nothing was ever in it, so nothing waits, position or not.
  if (high === null || position === null) return null;
  return position >= high ? 0 : Number(high - position);
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  let sum: number | null = values.length === 0 ? null : 0;
  for (const value of values) sum = sum === null || value === null ? null : sum + value;
  return sum;
}

/**
 * Everything accepted before this time is stored: where nothing lags, the time the watermark was
 * asked for; elsewhere the receivedAt of the last row, since what was accepted before that time
 * lies before it.
 */
function findCompleteUpTo({ totals, isFresh, watermarks }: FrameInput): number | null {
  if (totals === null || !isFresh || watermarks === null || watermarks.extents.size === 0)
    return null;
  let least: number | null = watermarks.atMs;
  // A partition without a leader has no watermark just now, and counts all the same.
  for (const partition of new Set([...watermarks.extents.keys(), ...totals.postgres.keys()])) {
    const row = totals.postgres.get(partition);
    const high = watermarks.extents.get(partition)?.high ?? null;
    if (lagOf(high, row?.nextOffset ?? null) === 0) continue;
    const last = row?.lastReceivedAtMs ?? null;
    least = least === null || last === null ? null : Math.min(least, last);
  }
  return least;
}

/** What is complete stays complete, also while nobody can be asked. */
function latestOf(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

/** Rates and latencies of the last interval. */
function intervalOf(input: FrameInput): {
  eventsPerSecond: Rates;
  latencyMs: Percentiles;
  avgProcessingMs: number | null;
} {
  const { totals, previousTotals, isFresh } = input;
  const isKnown =
    isFresh &&
    totals !== null &&
    previousTotals !== null &&
    totals.logNumber === previousTotals.logNumber &&
    totals.atMs > previousTotals.atMs;
  if (!isKnown) {
    return {
      eventsPerSecond: { received: 0, stored: 0, archived: 0 },
      latencyMs: { p50: null, p95: null, p99: null },
      avgProcessingMs: null,
    };
  }
  const seconds = (totals.atMs - previousTotals.atMs) / 1000;
  const rate = (sink: "postgres" | "archive", figure: (row: PartitionTotals) => number): number =>
    round(Math.max(0, sumOf(totals[sink], figure) - sumOf(previousTotals[sink], figure)) / seconds);
  const before = addLatency(previousTotals.postgres);
  const latency = addLatency(totals.postgres).map((count, bucket) =>
    Math.max(0, count - (before[bucket] ?? 0)),
  );
  const counted = latency.reduce((sum, count) => sum + count, 0);
  const msSum = (rows: Totals): number => sumOf(rows.postgres, (row) => row.latencyMsSum);
  const shares = { p50: 0.5, p95: 0.95, p99: 0.99 };
  return {
    eventsPerSecond: {
      received: rate("postgres", (row) => row.records),
      stored: rate("postgres", (row) => row.events),
      archived: rate("archive", (row) => row.events),
    },
    latencyMs: {
      p50: roundOrNull(percentile(latency, shares.p50)),
      p95: roundOrNull(percentile(latency, shares.p95)),
      p99: roundOrNull(percentile(latency, shares.p99)),
    },
    avgProcessingMs:
      counted === 0 ? null : round((msSum(totals) - msSum(previousTotals)) / counted),
  };
}

/** To a tenth: more digits would only be noise on the wire. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function roundOrNull(value: number | null): number | null {
  return value === null ? null : round(value);
}

function archiveFrame({
  totals,
  archiveEnabled,
  oldestUnarchivedSeconds,
}: FrameInput): MetricsFrame["archive"] {
  const rows = totals?.archive ?? NO_ROWS;
  // Keys begin with their time, so the greatest is the latest.
  let lastKey: string | null = null;
  for (const { lastKey: key } of rows.values()) {
    if (key !== null && (lastKey === null || key > lastKey)) lastKey = key;
  }
  return {
    enabled: archiveEnabled,
    objects: sumOf(rows, (row) => row.objects),
    events: sumOf(rows, (row) => row.events),
    bytes: sumOf(rows, (row) => row.bytes),
    oldestUnarchivedSeconds,
    lastKey,
  };
}

function rankEventTypes(counts: Record<string, number>): {
  eventTypes: EventTypeFrame[];
  eventTypesOther: number;
} {
  const named = Object.entries(counts)
    .filter(([name]) => name !== "")
    .map(([eventType, events]) => ({ eventType, events }))
    .sort((a, b) => b.events - a.events || (a.eventType < b.eventType ? -1 : 1));
  const hidden = named.slice(EVENT_TYPES_SHOWN_MAX);
  return {
    eventTypes: named.slice(0, EVENT_TYPES_SHOWN_MAX),
    eventTypesOther: hidden.reduce((sum, { events }) => sum + events, counts[""] ?? 0),
  };
}
