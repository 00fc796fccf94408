/** The ledger: every offset of the log accounted for. Pure. */
import type { MetricsFrame } from "@tally/shared";
import { endOfLog } from "./flow.ts";

export interface Ledger {
  /** Offsets in the log so far: the sum of the high watermarks. */
  readonly inLog: number | null;
  /** Records that the rows have not reached. */
  readonly notRead: number | null;
  /** Offsets that hold no record to read: markers of transactions, aborted or compacted ones. */
  readonly gaps: number | null;
  /** Records that Kafka deleted before they were read. */
  readonly lost: number | null;
  /** Of them those that no operator has acknowledged. */
  readonly lostOpen: number;
  /**
   * Offsets below the rows' positions that none of the terms has; negative where they have too
   * many. Null when a figure is not known.
   */
  readonly unaccounted: number | null;
  readonly read: number;
  readonly rows: number;
  readonly duplicates: number;
  readonly deadLetters: number;
  /** Whether the counters of what was read give that sum. */
  readonly isReadWhole: boolean;
  readonly archive: {
    readonly lines: number;
    readonly toArchive: number;
    /** Whether as many rows wait as the archive's positions say. */
    readonly isWhole: boolean;
  } | null;
}

export function ledgerOf(frame: MetricsFrame): Ledger {
  const { receivedTotal, writtenTotal, duplicates, deadLetters, archive, partitions, gaps } = frame;
  const inLog = endOfLog(frame);
  const passed = sum(partitions.map(({ stored }) => stored));
  const toArchive = writtenTotal - archive.events;
  const isCaughtUp = partitions.every(({ archiveLag }) => archiveLag === 0);
  return {
    inLog: inLog === null ? null : Number(inLog),
    notRead: frame.lag,
    gaps: gaps?.skipped ?? null,
    lost: gaps?.lost ?? null,
    lostOpen: frame.lostRecords,
    unaccounted:
      passed === null || gaps === null || gaps === undefined
        ? null
        : Number(passed) - receivedTotal - gaps.skipped - gaps.lost,
    read: receivedTotal,
    rows: writtenTotal,
    duplicates,
    deadLetters: deadLetters.total,
    isReadWhole: receivedTotal === writtenTotal + duplicates + deadLetters.total,
    archive: archive.enabled
      ? {
          lines: archive.events,
          toArchive,
          isWhole: isCaughtUp ? toArchive === 0 : toArchive >= 0,
        }
      : null,
  };
}

function sum(offsets: readonly (string | null)[]): bigint | null {
  let total = 0n;
  for (const offset of offsets) {
    if (offset === null) return null;
    total += BigInt(offset);
  }
  return offsets.length === 0 ? null : total;
}
