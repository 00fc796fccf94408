/**
 * Holds the archive back until PostgreSQL has the rows of a range: then it is final which
 * records are duplicates or dead letters, and so have no line. What it remembers may be
 * outdated after a failover; the archive's own statements look again (plan.ts).
 */
import { withinTime } from "@tally/shared";
import type { Database } from "@tally/shared/database";
import { throwIfRevoked } from "./position_moved.ts";
import { readPosition } from "../pipeline/positions.ts";

/** Waits for the rows' position of a partition. It only grows, except by an operator's rewind. */
export interface RowsGate {
  /** Forgets the rows' position of a partition: the next wait reads it from the table. */
  forget(partition: number): void;
  /** Called by the PostgreSQL pipeline of this process, so that the wait does not need a poll. */
  rowsWritten(partition: number, nextOffset: bigint): void;
  /**
   * Resolves when the rows before `nextOffset` are committed, by this process or another.
   *
   * @param signal Ends the wait at once.
   * @throws {PipelineError} `database_unavailable`, retryable; `position_moved` when `signal`
   * aborts.
   */
  passed(partition: number, nextOffset: bigint, signal: AbortSignal): Promise<void>;
}

export interface RowsGateOptions {
  readonly sql: Database;
  /** Number of the log in the tables. */
  readonly logNumber: number;
  /**
   * Time between two reads of the table, ms. Rows of another process are noticed at most this much
   * later.
   */
  readonly pollMs: number;
}

export function createRowsGate({ sql, logNumber, pollMs }: RowsGateOptions): RowsGate {
  const known = new Map<number, bigint>();
  // A partition has one write at a time, so this holds up to one wait per partition.
  const waits = new Set<() => void>();

  const isPassed = (partition: number, nextOffset: bigint) =>
    (known.get(partition) ?? -1n) >= nextOffset;

  const rowsWritten: RowsGate["rowsWritten"] = (partition, nextOffset) => {
    if (isPassed(partition, nextOffset)) return;
    known.set(partition, nextOffset);
    for (const wake of waits) wake();
  };

  /** Resolves at the next `rowsWritten`, after `pollMs`, or when aborted. */
  async function pause(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    waits.add(resolve);
    await withinTime(promise, pollMs, signal);
    waits.delete(resolve);
  }

  return {
    rowsWritten,
    forget: (partition) => void known.delete(partition),
    passed: async (partition, nextOffset, signal) => {
      let readAtMs = -Infinity;
      while (!isPassed(partition, nextOffset)) {
        throwIfRevoked(partition, signal);
        // The table is read at most once per interval, however often other partitions progress.
        if (performance.now() - readAtMs >= pollMs) {
          readAtMs = performance.now();
          const position = await readPosition(sql, { sink: "postgres", logNumber, partition });
          if (position.nextOffset !== null) rowsWritten(partition, position.nextOffset);
        } else await pause(signal);
      }
      throwIfRevoked(partition, signal);
    },
  };
}
