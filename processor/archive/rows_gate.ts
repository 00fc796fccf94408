/**
 * Holds the archive back until PostgreSQL has the rows of a range: duplicates
 * and dead letters are known then, and the archive never runs ahead of the table.
 */
import { PipelineError } from "@tally/shared";
import type { Database } from "../database/database.ts";
import { readPosition } from "../pipeline/positions.ts";

/** Where the rows stand, partition by partition; positions grow, but for an operator's rewind. */
export interface RowsGate {
  /** Forgets where the rows of a partition stood: the next look at the table says it. */
  forget(partition: number): void;
  /** Told by the PostgreSQL pipeline of this process, so that nobody waits for a poll. */
  rowsWritten(partition: number, nextOffset: bigint): void;
  /**
   * Resolves when the rows up to before `nextOffset` are committed, by this process or another.
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
  /** Time between looks at the table, ms: how late another process's rows are noticed. */
  readonly pollMs: number;
}

export function createRowsGate({ sql, logNumber, pollMs }: RowsGateOptions): RowsGate {
  const known = new Map<number, bigint>();
  // One write at a time per partition, so this holds at most one wait for each.
  const waits = new Set<() => void>();

  const isPassed = (partition: number, nextOffset: bigint) =>
    (known.get(partition) ?? -1n) >= nextOffset;

  const rowsWritten: RowsGate["rowsWritten"] = (partition, nextOffset) => {
    if (isPassed(partition, nextOffset)) return;
    known.set(partition, nextOffset);
    for (const wake of waits) wake();
  };

  /** Resolves at the next sign of progress, after `pollMs`, or when aborted. */
  function pause(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, pollMs);
    waits.add(resolve);
    const onAborted = () => resolve();
    signal.addEventListener("abort", onAborted, { once: true });
    return promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAborted);
      waits.delete(resolve);
    });
  }

  return {
    rowsWritten,
    forget: (partition) => void known.delete(partition),
    passed: async (partition, nextOffset, signal) => {
      let lookedAtMs = -Infinity;
      while (!isPassed(partition, nextOffset)) {
        throwIfRevoked(partition, signal);
        // The table is asked at most once per interval, however often others make progress.
        if (performance.now() - lookedAtMs >= pollMs) {
          lookedAtMs = performance.now();
          const position = await readPosition(sql, { sink: "postgres", logNumber, partition });
          if (position.nextOffset !== null) rowsWritten(partition, position.nextOffset);
        } else await pause(signal);
      }
      throwIfRevoked(partition, signal);
    },
  };
}

/** @throws {PipelineError} `position_moved` once the partition is no longer ours. */
export function throwIfRevoked(partition: number, signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new PipelineError(
    "position_moved",
    `Cannot archive partition ${partition}: it is no longer ours`,
    { cause: signal.reason },
  );
}
