/** What frames are made of, with what a test changes in it. Test support. */
import { countLatency, emptyHistogram } from "@tally/shared";
import { computeFrame, type FrameInput } from "../frame.ts";
import { LogHistory } from "../log_history.ts";
import type { PartitionTotals, Totals } from "../totals.ts";

export const NOW_MS = Date.parse("2026-01-31T07:00:10.000Z");
/** The same moment on the monotonic clock. */
export const MONOTONIC_MS = 9_000_000;
const RETENTION_MS = 3_600_000;
const SINCE = "2026-01-31T07:00:00.000Z";

export function partition(number: number, changes: Partial<PartitionTotals> = {}): PartitionTotals {
  return {
    partition: number,
    nextOffset: 0n,
    lastReceivedAtMs: null,
    records: 0,
    events: 0,
    duplicates: 0,
    deadLetters: 0,
    objects: 0,
    bytes: 0,
    lastKey: null,
    eventTypes: {},
    deadLetterCodes: {},
    latency: [],
    latencyMsSum: 0,
    lostRecords: 0,
    stopped: null,
    ...changes,
  };
}

/** No processor has said what it holds. */
export const NO_OWNERS: FrameInput["owners"] = { postgres: new Map(), archive: new Map() };

export function totals(
  atMs: number,
  rows: { postgres?: readonly PartitionTotals[]; archive?: readonly PartitionTotals[] },
  logNumber = 1,
): Totals {
  const byNumber = (list: readonly PartitionTotals[] = []) =>
    new Map(list.map((row) => [row.partition, row]));
  const sinks = { postgres: byNumber(rows.postgres), archive: byNumber(rows.archive) };
  const letters = { openLetters: 0, newLetters: 0 };
  return { logNumber, atMs, isStandby: false, lastAudit: null, ...letters, ...sinks };
}

export function input(changes: Partial<FrameInput>): FrameInput {
  return {
    nowMs: NOW_MS,
    monotonicMs: MONOTONIC_MS,
    totals: null,
    previousTotals: null,
    isFresh: true,
    look: null,
    previousLook: null,
    archiveEnabled: true,
    waiting: new Map(),
    gaps: { skipped: 0, lost: 0 },
    retentionMs: RETENTION_MS,
    history: new LogHistory(),
    previousCompleteUpToMs: null,
    previousWrittenUpTo: new Map(),
    dependencies: {
      kafka: { state: "up", since: SINCE },
      postgres: { state: "up", since: SINCE },
      s3: { state: "up", since: SINCE },
    },
    otherGroups: [],
    owners: NO_OWNERS,
    subscribers: 2,
    ...changes,
  };
}

export function frameOf(changes: Partial<FrameInput>) {
  return computeFrame(input(changes)).frame;
}

/** A look at the partitions 0 to the last one named; those that are not named have no leader. */
export function look(high: Record<number, bigint>, atMs = NOW_MS - 20, partitions?: number) {
  const byPartition = Object.entries(high).map(
    ([name, at]) => [Number(name), { low: 0n, high: at }] as const,
  );
  const count = partitions ?? Math.max(0, ...byPartition.map(([number]) => number + 1));
  const monotonicMs = MONOTONIC_MS + atMs - NOW_MS;
  return { atMs, monotonicMs, partitions: count, byPartition: new Map(byPartition) };
}

export function histogram(...latenciesMs: number[]): number[] {
  const counts = emptyHistogram();
  for (const ms of latenciesMs) countLatency(counts, ms);
  return counts;
}
