/**
 * Makes the frame that dashboards see from totals and watermarks. Pure: every figure
 * comes from the last read or from the difference of two reads. What is not known is
 * null. Lag is computed in lag.ts.
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
  type WallMs,
} from "@tally/shared";
import {
  findCompleteUpTo,
  lagOf,
  partitionsOf,
  placeOf,
  tenths,
  type LagInput,
  type SinkPlace,
} from "./lag.ts";
import {
  ageOfRow,
  latestOf,
  placeKey,
  type WaitingRow,
  type WrittenMoment,
  type WrittenUpTo,
} from "./ages.ts";
import type { GapTotals } from "./gap_totals.ts";
import type { LogHistory } from "./log_history.ts";
import { nearsRetention, type WaitingPlace } from "./retention.ts";
import {
  addCounts,
  addLatency,
  sumOf,
  type LastAudit,
  type PartitionTotals,
  type Totals,
} from "./totals.ts";
import type { Owners } from "../upkeep/owners.ts";

/** What a frame is made of. */
export interface FrameInput extends LagInput {
  /** The totals read before those; rates are the difference. */
  readonly previousTotals: Totals | null;
  readonly archiveEnabled: boolean;
  /** The oldest row of each partition that waits for its line; null when that is not known. */
  readonly waiting: ReadonlyMap<number, WaitingRow> | null;
  /** Gaps below the positions of these totals; null when they are not known. */
  readonly gaps: GapTotals | null;
  /** How long the log keeps records. */
  readonly retentionMs: number;
  /** What was seen of the log before, and at this look. */
  readonly history: Pick<LogHistory, "agesAt">;
  /** Results of the previous frame. */
  readonly previousCompleteUpToMs: number | null;
  readonly previousWrittenUpTo: WrittenUpTo;
  readonly dependencies: MetricsFrame["dependencies"];
  /** Groups of other processors on the same tables. */
  readonly otherGroups: readonly string[];
  /** The processor of each partition. */
  readonly owners: Owners;
  readonly subscribers: number;
}

/** A frame, and what the next one needs from it. */
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
  // What is complete stays complete, also while a dependency gives no answer.
  const completeUpToMs = latestOf(
    notAfter(input.previousCompleteUpToMs, input.nowMs),
    findCompleteUpTo(input, writtenUpTo),
  );
  const interval = intervalOf(input);
  const deadLetterCodes = addCounts(rows, (row) => row.deadLetterCodes);
  const frame: MetricsFrame = {
    ts: formatTimestamp(input.nowMs),
    receivedTotal: sumOf(rows, (row) => row.records),
    writtenTotal: sumOf(rows, (row) => row.events),
    ...interval,
    lag: sumOrNull(partitions.map((partition) => partition.lag)),
    partitions,
    archive: archiveFrame(input, oldestSeconds(input, writtenUpTo)),
    duplicates: sumOf(rows, (row) => row.duplicates),
    lostRecords: sumOf(rows, (row) => row.lostRecords),
    deadLetters: {
      total: sumOf(rows, (row) => row.deadLetters),
      byCode: deadLetterCodes,
      open: totals?.openLetters ?? null,
      recent: totals?.newLetters ?? null,
    },
    gaps: input.gaps,
    ...rankEventTypes(addCounts(rows, (row) => row.eventTypes)),
    completeUpTo: completeUpToMs === null ? null : formatTimestamp(completeUpToMs),
    dependencies: input.dependencies,
    otherGroups: input.otherGroups,
    lastAudit: auditFrame(totals?.lastAudit ?? null),
    subscribers: input.subscribers,
  };
  return { frame, completeUpToMs, writtenUpTo };
}

function auditFrame(audit: LastAudit | null): NonNullable<MetricsFrame["lastAudit"]> | null {
  if (audit === null) return null;
  return { at: formatTimestamp(Math.round(audit.endedAtMs)), problems: audit.problems };
}

const NO_ROWS: ReadonlyMap<number, PartitionTotals> = new Map();
const EVENT_TYPES_SHOWN_MAX = 10;

/** @param writtenUpTo Updated with the times that this frame shows. */
function partitionFrames(
  input: FrameInput,
  writtenUpTo: Map<string, WrittenMoment>,
): PartitionFrame[] {
  const { totals, look, archiveEnabled, retentionMs, owners } = input;
  return partitionsOf(input).map((partition) => {
    const { low = null, high = null } = look?.byPartition.get(partition) ?? {};
    const place = (sink: SinkName, isEnabled: boolean) =>
      placeOf(input, { sink, partition, isEnabled }, writtenUpTo);
    const rows = place("postgres", true);
    const lines = place("archive", archiveEnabled);
    const places = { postgres: rows, ...(archiveEnabled ? { archive: lines } : {}) };
    const retained = { low, high, retentionMs };
    const row = totals?.postgres.get(partition);
    const archiveRow = totals?.archive.get(partition);
    return {
      partition,
      logStart: low?.toString() ?? null,
      highWatermark: high?.toString() ?? null,
      stored: rows.position?.toString() ?? null,
      archived: lines.position?.toString() ?? null,
      lag: rows.lagRecords,
      archiveLag: lines.lagRecords,
      lagSeconds: rows.lagSeconds,
      archiveLagSeconds: lines.lagSeconds,
      nearsRetention: (Object.keys(places) as SinkName[]).filter((sink) =>
        nearsRetention(waitingPlace(input, places[sink] ?? rows, { sink, partition }), retained),
      ),
      lostRecords: row?.lostRecords ?? 0,
      stopped: row?.stopped ?? archiveRow?.stopped ?? null,
      owner: owners.postgres.get(partition) ?? null,
      archiveOwner: owners.archive.get(partition) ?? null,
    };
  });
}

/** Without an answer of PostgreSQL the last known position counts: it has not moved since. */
function waitingPlace(
  { totals, look, history, monotonicMs }: FrameInput,
  place: SinkPlace,
  { sink, partition }: { readonly sink: SinkName; readonly partition: number },
): WaitingPlace {
  const position = place.position ?? totals?.[sink].get(partition)?.nextOffset ?? null;
  const high = look?.byPartition.get(partition)?.high ?? null;
  const lagRecords = place.lagRecords ?? (position === null ? null : lagOf(high, position));
  const ages =
    position === null
      ? { keptMs: null, waitingMs: null }
      : history.agesAt(partition, position, monotonicMs);
  return { ...place, position, lagRecords, ages };
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  let sum: number | null = values.length === 0 ? null : 0;
  for (const value of values) sum = sum === null || value === null ? null : sum + value;
  return sum;
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
    tenths(
      Math.max(0, sumOf(totals[sink], figure) - sumOf(previousTotals[sink], figure)) / seconds,
    );
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
      p50: tenthsOrNull(percentile(latency, shares.p50)),
      p95: tenthsOrNull(percentile(latency, shares.p95)),
      p99: tenthsOrNull(percentile(latency, shares.p99)),
    },
    avgProcessingMs:
      counted === 0 ? null : tenths((msSum(totals) - msSum(previousTotals)) / counted),
  };
}

function tenthsOrNull(value: number | null): number | null {
  return value === null ? null : tenths(value);
}

/** After a clock was set back, a time that was complete lies in the future: events follow in it. */
function notAfter(upToMs: number | null, nowMs: WallMs): number | null {
  return upToMs === null ? null : Math.min(upToMs, nowMs);
}

function oldestSeconds(input: FrameInput, writtenUpTo: WrittenUpTo): number | null {
  if (input.waiting === null) return null;
  let oldestMs = 0;
  for (const [partition, row] of input.waiting) {
    const archive = writtenUpTo.get(placeKey("archive", partition));
    oldestMs = Math.max(oldestMs, ageOfRow(row, archive, input));
  }
  return tenths(oldestMs / 1000);
}

function archiveFrame(
  { totals, archiveEnabled }: FrameInput,
  oldestUnarchivedSeconds: number | null,
): MetricsFrame["archive"] {
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
