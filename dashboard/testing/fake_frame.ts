/** Test support: a whole frame of a system that runs well, with what a test changes in it. */
import type { MetricsFrame, PartitionFrame, TracedLine } from "@tally/shared";

/** Start of the fake system's time. */
export const FAKE_START_MS = Date.UTC(2026, 0, 31, 7, 0, 0);

export function fakeFrame(changes: Partial<MetricsFrame> = {}): MetricsFrame {
  const ts = new Date(FAKE_START_MS).toISOString();
  const up = { state: "up", since: ts } as const;
  return {
    ts,
    receivedTotal: 128_450,
    writtenTotal: 128_407,
    avgProcessingMs: 11.2,
    lag: 0,
    eventsPerSecond: { received: 2140, stored: 2138, archived: 2000 },
    latencyMs: { p50: 8, p95: 21, p99: 46 },
    partitions: Array.from({ length: 6 }, (_, partition) => fakePartition(partition)),
    archive: {
      enabled: true,
      objects: 131,
      events: 127_400,
      bytes: 28_311_552,
      oldestUnarchivedSeconds: 4.2,
      lastKey: "events/2026/01/31/07/events-1769842800123-p3-00000000000000021200.json",
    },
    duplicates: 41,
    lostRecords: 0,
    deadLetters: { total: 2, byCode: { record_corrupt: 1, id_conflict: 1 }, open: 1 },
    gaps: { skipped: 22, lost: 0 },
    eventTypes: [
      { eventType: "page_view", events: 90_120 },
      { eventType: "click", events: 31_007 },
      { eventType: "purchase", events: 7080 },
    ],
    eventTypesOther: 200,
    completeUpTo: ts,
    dependencies: { kafka: up, postgres: up, s3: up },
    otherGroups: [],
    subscribers: 1,
    ...changes,
  };
}

export function fakePartition(
  partition: number,
  changes: Partial<PartitionFrame> = {},
): PartitionFrame {
  return {
    partition,
    logStart: "0",
    highWatermark: "21412",
    stored: "21412",
    archived: "21240",
    lag: 0,
    archiveLag: 172,
    lagSeconds: 0,
    archiveLagSeconds: 4.2,
    nearsRetention: [],
    lostRecords: 0,
    stopped: null,
    ...changes,
  };
}

/** The archive line of a trace. */
export function fakeLine(changes: Partial<TracedLine> = {}): TracedLine {
  return {
    state: "waiting",
    key: null,
    plannedAt: null,
    storedAt: null,
    sha256: null,
    lines: null,
    line: null,
    ...changes,
  };
}
