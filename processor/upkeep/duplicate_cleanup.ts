/**
 * Deletes old entries of the list of duplicates. The archive needs an entry until it has
 * passed that offset; the audit needs their number permanently. So old entries are
 * deleted in small steps, and the position counts them.
 */
import type { Metrics } from "@tally/shared";
import { guarded, type Database, type Transaction } from "@tally/shared/database";
import { startPeriodicTask, type PeriodicTask, type PeriodicTaskOptions } from "./periodic_task.ts";

export interface CleanupOptions extends PeriodicTaskOptions {
  readonly sql: Database;
  readonly metrics: Pick<Metrics<"processor">, "processor_duplicates_pruned_total">;
  /** Days for which a duplicate stays listed. */
  readonly keptDays: number;
}

/** Entries are kept for days, so a minute more does not matter. */
const INTERVAL_MS = 60_000; // chosen

/** Starts the task. */
export function startCleanup(options: CleanupOptions): PeriodicTask {
  const { sql, metrics, keptDays } = options;
  return startPeriodicTask(options, {
    intervalMs: INTERVAL_MS,
    failure: "Old duplicates were not deleted; this is retried automatically.",
    async pass(signal) {
      const pruned = await pruneDuplicates(sql, keptDays, signal);
      const sum = pruned.reduce((total, count) => total + count, 0);
      metrics.processor_duplicates_pruned_total.inc(sum);
      return { hasMore: pruned.includes(PRUNED_MAX), error: null };
    },
  });
}

/**
 * Advisory lock between this task, which deletes duplicates, and an audit, which compares them with
 * their number. Any number not otherwise used as a lock in this database.
 */
export const DUPLICATES_LOCK = 7_255_902;
/** Entries per transaction. It blocks writes to its partition for a few ms. */
export const PRUNED_MAX = 1_000; // chosen

/**
 * Deletes duplicates that are older than `keptDays` days and that the archive has passed, up to
 * `PRUNED_MAX` per partition. Without an archive nothing is deleted: it may be switched on later.
 *
 * @returns How many per partition; 0 while another process deletes, or an audit runs.
 * @throws {PipelineError} `database_unavailable`, retryable.
 */
export async function pruneDuplicates(
  sql: Database,
  keptDays: number,
  signal: AbortSignal,
): Promise<number[]> {
  const due = await guarded(
    sql,
    () => sql<Place[]>`
      select log, partition from positions
      where sink = 'archive' and (
        select seen_at from duplicate_events listed
        where listed.log = positions.log and listed.partition = positions.partition
        order by "offset" limit 1
      ) < now() - make_interval(days => ${keptDays})`,
  );
  const pruned: number[] = [];
  for (const place of due) {
    if (signal.aborted) break;
    pruned.push(await guarded(sql, () => sql.begin((run) => prunePartition(run, place, keptDays))));
  }
  return pruned;
}

interface Place {
  readonly log: number;
  readonly partition: number;
}

async function prunePartition(
  run: Transaction,
  { log: logNumber, partition }: Place,
  keptDays: number,
): Promise<number> {
  const [turn] = await run<{ isHeld: boolean }[]>`
    select pg_try_advisory_xact_lock(${DUPLICATES_LOCK}) as "isHeld"`;
  if (turn?.isHeld !== true) return 0;
  // Locked first, so that a rewind happens entirely before or after the deletion.
  const positions = await run<{ next_offset: string }[]>`
    select next_offset::text from positions
    where sink in ('postgres', 'archive') and log = ${logNumber} and partition = ${partition}
    order by sink desc for update`;
  if (positions.length < 2) return 0;
  const passed = positions
    .map(({ next_offset }) => BigInt(next_offset))
    .reduce((least, next) => (next < least ? next : least));
  const [row] = await run<{ pruned: number }[]>`
    with gone as (
      delete from duplicate_events
      where log = ${logNumber} and partition = ${partition} and "offset" in (
          select "offset" from duplicate_events
          where log = ${logNumber} and partition = ${partition} and "offset" < ${String(passed)}
          order by "offset" limit ${PRUNED_MAX})
        and seen_at < now() - make_interval(days => ${keptDays})
      returning "offset"
    ), counted as (
      update positions set
        pruned_duplicates = pruned_duplicates + (select count(*) from gone),
        pruned_to = greatest(pruned_to, (select max("offset") + 1 from gone))
      where sink = 'postgres' and log = ${logNumber} and partition = ${partition}
    )
    select count(*)::integer as pruned from gone`;
  return row?.pruned ?? 0;
}
