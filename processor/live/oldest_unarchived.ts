/**
 * How long the oldest row has been waiting for its archive line. The table is searched
 * only where the archive lags the rows, and again only after its position has moved.
 */
import { formatTimestamp, RECEIVED_MS_MIN, type MonotonicClock } from "@tally/shared";
import { guarded, type Database } from "@tally/shared/database";
import type { WaitingRow } from "./ages.ts";
import type { Totals } from "./totals.ts";

/** Finds the oldest row of each partition that has no archive line. */
export interface OldestUnarchived {
  /** By partition; empty when every row has its line. */
  find(totals: Totals): Promise<ReadonlyMap<number, WaitingRow>>;
}

/** The oldest waiting row of a partition; valid while the archive's position stays the same. */
interface Found extends WaitingRow {
  readonly logNumber: number;
  readonly archived: bigint;
}

// Concurrent requests may get offsets in another order than their receive times.
const DISORDER_MS_MAX = 250;
// Index entries read for one partition. Only ranges full of duplicates need that many.
const ROWS_SEARCHED_MAX = 20_000;

/** Makes the finder. It remembers one row per partition. */
export function createOldestUnarchived(sql: Database, now: MonotonicClock): OldestUnarchived {
  const found = new Map<number, Found>();
  return {
    async find(totals) {
      for (const [partition, { nextOffset, events }] of totals.postgres) {
        const archiveRow = totals.archive.get(partition);
        const archived = archiveRow?.nextOffset ?? 0n;
        if (archived >= nextOffset) {
          found.delete(partition);
          continue;
        }
        const known = found.get(partition);
        const isValid = known?.logNumber === totals.logNumber && known.archived === archived;
        const receivedAtMs = isValid
          ? known.receivedAtMs
          : await searchOldest(sql, {
              logNumber: totals.logNumber,
              partition,
              archived,
              fromMs: archiveRow?.lastReceivedAtMs ?? null,
            });
        const lines = archiveRow?.events ?? 0;
        if (receivedAtMs === null && events <= lines) {
          found.delete(partition);
          continue;
        }
        // Not found although it waits: it was received before rows that are archived, by a clock
        // that was set back.
        const seenAtMs = isValid ? known.seenAtMs : now();
        const { logNumber } = totals;
        found.set(partition, { logNumber, archived, receivedAtMs, seenAtMs });
      }
      return new Map(found);
    },
  };
}

interface Search {
  readonly logNumber: number;
  readonly partition: number;
  readonly archived: bigint;
  /** receivedAt of the last archived line, or null when there is none yet. */
  readonly fromMs: number | null;
}

/** receivedAt of the oldest waiting row, or null when only duplicates and dead letters wait. */
function searchOldest(
  sql: Database,
  { logNumber, partition, archived, fromMs }: Search,
): Promise<number | null> {
  return guarded(sql, async () => {
    const from = Math.max((fromMs ?? 0) - DISORDER_MS_MAX, RECEIVED_MS_MIN);
    const [row] = await sql<{ received_at_ms: number }[]>`
      select extract(epoch from received_at)::float8 * 1000 as received_at_ms
      from (
        select received_at, log, partition, "offset" from web_events
        where received_at >= ${formatTimestamp(from)}::text::timestamptz order by received_at limit ${ROWS_SEARCHED_MAX}
      ) as oldest
      where log = ${logNumber} and partition = ${partition} and "offset" >= ${archived.toString()}::bigint
      order by received_at limit 1`;
    return row === undefined ? null : Math.round(row.received_at_ms);
  });
}
