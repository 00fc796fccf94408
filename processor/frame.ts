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
} from "@tally/shared";
import { addCounts, addLatency, sumOf, type PartitionTotals, type Totals } from "./totals.ts";

/** High watermarks by partition, and when they were asked for. */
export interface WatermarksRead {
  /** Before the question, ms since 1970: what was accepted by then lies below them. */
  readonly atMs: number;
  readonly high: ReadonlyMap<number, bigint>;
}

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
  /** What the frame before said. */
  readonly previousCompleteUpToMs: number | null;
  readonly dependencies: MetricsFrame["dependencies"];
  readonly subscribers: number;
}

/** A frame, and what the next one needs of it. */
export interface ComputedFrame {
  readonly frame: MetricsFrame;
  readonly completeUpToMs: number | null;
}

/** Makes one frame. */
export function computeFrame(input: FrameInput): ComputedFrame {
  const { totals } = input;
  const rows = totals?.postgres ?? NO_ROWS;
  const partitions = partitionFrames(input);
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
  return { frame, completeUpToMs };
}

const NO_ROWS: ReadonlyMap<number, PartitionTotals> = new Map();
const EVENT_TYPES_SHOWN_MAX = 10;

function partitionFrames({ totals, isFresh, watermarks }: FrameInput): PartitionFrame[] {
  const high = watermarks?.high.keys() ?? [];
  const numbers = new Set([
    ...high,
    ...(totals?.postgres.keys() ?? []),
    ...(totals?.archive.keys() ?? []),
  ]);
  return [...numbers]
    .sort((a, b) => a - b)
    .map((partition) => {
      const row = totals?.postgres.get(partition);
      const archiveRow = totals?.archive.get(partition);
      const high = watermarks?.high.get(partition) ?? null;
      const stored = isFresh ? (row?.nextOffset ?? null) : null;
      const archived = isFresh ? (archiveRow?.nextOffset ?? null) : null;
      return {
        partition,
        highWatermark: high?.toString() ?? null,
        stored: stored?.toString() ?? null,
        archived: archived?.toString() ?? null,
        lag: lagOf(high, stored),
        archiveLag: lagOf(high, archived),
        stopped: row?.stopped ?? archiveRow?.stopped ?? null,
      };
    });
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
  if (totals === null || !isFresh || watermarks === null || watermarks.high.size === 0) return null;
  let least: number | null = watermarks.atMs;
  // A partition without a leader has no watermark just now, and counts all the same.
  for (const partition of new Set([...watermarks.high.keys(), ...totals.postgres.keys()])) {
    const row = totals.postgres.get(partition);
    const high = watermarks.high.get(partition) ?? null;
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
    totals.log === previousTotals.log &&
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
