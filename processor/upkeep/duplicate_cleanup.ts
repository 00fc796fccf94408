/**
 * The end of the list of duplicates: the archive needs an offset in it until it
 * has passed that offset, and the ledger needs their number for good. So old ones
 * are deleted in small steps, and counted where they were.
 */
import type { Metrics } from "@tally/shared";
import { guarded, type Database, type Transaction } from "../database/database.ts";
import { startKeeper, type Keeper, type KeeperOptions } from "./periodic_task.ts";

export interface CleanupOptions extends KeeperOptions {
  readonly sql: Database;
  readonly metrics: Pick<Metrics<"processor">, "processor_duplicates_pruned_total">;
  /** Days for which a duplicate stays listed. */
  readonly keptDays: number;
}

/** Days are long. Chosen. */
const INTERVAL_MS = 60_000;

/** Starts the loop. */
export function startCleanup(options: CleanupOptions): Keeper {
  const { sql, metrics, keptDays } = options;
  return startKeeper(options, {
    intervalMs: INTERVAL_MS,
    failure: "Old duplicates were not cleaned up; that is tried again.",
    async pass(signal) {
      const pruned = await pruneDuplicates(sql, keptDays, signal);
      const sum = pruned.reduce((total, count) => total + count, 0);
      metrics.processor_duplicates_pruned_total.inc(sum);
      return { hasMore: pruned.includes(PRUNED_MAX), error: null };
    },
  });
}

/**
 * Held by whoever deletes duplicates, and shared by whoever compares them with their number.
 *
 * Any fixed number does, as long as nothing else of ours uses it.
 */
export const DUPLICATES_LOCK = 7_255_902;
/** Deleted in one transaction, whose partition can't be written meanwhile: some ms. Chosen. */
export const PRUNED_MAX = 1_000;

/**
 * Deletes duplicates that are older than `keptDays` days and that the archive has passed, at most
 * `PRUNED_MAX` of each partition. Without an archive nothing is deleted: it may be switched on.
 *
 * @returns How many, by partition; none while another process does it, or an audit runs.
 * @throws {PipelineError} `database_unavailable`, retryable.
 */
export async function pruneDuplicates(
  sql: Database,
  keptDays: number,
  signal: AbortSignal,
): Promise<number[]> {
  const due = await guarded(
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
    pruned.push(await guarded(() => sql.begin((run) => prunePartition(run, place, keptDays))));
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
  const [turn] = await run<{ isOurs: boolean }[]>`
    select pg_try_advisory_xact_lock(${DUPLICATES_LOCK}) as "isOurs"`;
  if (turn?.isOurs !== true) return 0;
  // Held first, and seen by the next statement: a rewind goes before it or behind it.
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
