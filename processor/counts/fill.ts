/**
 * Makes counts equal to the rows of a range: the first fill after the upgrade that brought the
 * counts, and `counts rebuild`. Writers and movers may run meanwhile (add_differences.sql).
 */
import { guarded, translate, type Database, type Transaction } from "@tally/shared/database";
import { isNumberedMeanwhile, registerTypes, type TypesOfPartition } from "./type_registry.ts";
import addDifferencesSql from "./add_differences.sql" with { type: "text" };
import type { CountsRange } from "./differences.ts";

/** Held, for each schema, while differences are added. Any number that no other lock has. */
const COUNTS_LOCK = 7_255_903;
/** Rows of one statement, about. It reads them in one snapshot, which `vacuum` waits for. */
const CHUNK_ROWS = 5_000_000; // chosen
/** Reading a large table without an index takes long. */
const READ_MS_MAX = 3_600_000;
/** Types that are registered by others meanwhile are found in the next try. */
const REGISTER_TRIES_MAX = 10; // chosen

/** A part of the range, in whole days, with about `CHUNK_ROWS` rows. */
export interface Chunk {
  readonly from: string;
  readonly to: string;
  readonly rows: number;
}

/**
 * Splits a range into chunks. Reads all rows of the range once.
 *
 * @throws {PipelineError} `database_unavailable`, retryable.
 */
export async function planChunks(
  sql: Database,
  { from, to }: CountsRange,
  chunkRows = CHUNK_ROWS,
): Promise<readonly Chunk[]> {
  const days = await longTransaction(
    sql,
    (run) => run<{ day: string; rows: number }[]>`
    select to_json(day) #>> '{}' as day, count(*)::float8 as rows
      from web_events cross join lateral (select bucket_of('1 day', ts) as day) as days
      where ts >= ${from ?? "-infinity"}::text::timestamptz
        and ts < ${to ?? "infinity"}::text::timestamptz
      group by days.day order by days.day`,
  );
  return chunksOf(days, { from, to }, chunkRows);
}

/** Cuts where the next day would make a chunk too large; a single day is never cut. Pure. */
export function chunksOf(
  days: readonly { readonly day: string; readonly rows: number }[],
  { from, to }: CountsRange,
  chunkRows: number,
): readonly Chunk[] {
  const starts: { from: string; rows: number }[] = [{ from: from ?? "-infinity", rows: 0 }];
  for (const { day, rows } of days) {
    const last = starts.at(-1);
    if (last !== undefined && (last.rows === 0 || last.rows + rows <= chunkRows)) last.rows += rows;
    else starts.push({ from: day, rows });
  }
  return starts.map((start, index) => ({
    ...start,
    to: starts[index + 1]?.from ?? to ?? "infinity",
  }));
}

/**
 * Gives numbers to the types of rows in a range that have none, as long as there are numbers left.
 * Reads all rows of the range once.
 *
 * @throws {PipelineError} `database_unavailable`, retryable.
 */
export async function registerTypesOfRows(sql: Database, { from, to }: CountsRange): Promise<void> {
  const places = await longTransaction(
    sql,
    (run) => run<TypesOfPartition[]>`
    select log, partition, json_agg(event_type) as types from (
      select distinct log, partition, event_type from web_events
      where ts >= ${from ?? "-infinity"}::text::timestamptz
        and ts < ${to ?? "infinity"}::text::timestamptz
    ) as found
    where not exists (
      select from counted_types known
      where known.log = found.log and known.partition = found.partition
        and known.event_type = found.event_type)
    group by log, partition`,
  );
  for (const place of places) await registerPlace(sql, place);
}

/** Waits for the writer of the partition, which numbers types, too. */
async function registerPlace(sql: Database, place: TypesOfPartition): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await sql.begin(async (run) => {
        const { log, partition } = place;
        await run`
          select from positions
          where sink = 'postgres' and log = ${log} and partition = ${partition} for update`;
        await registerTypes(run, place);
      });
      return;
    } catch (error) {
      if (!isNumberedMeanwhile(error) || tries === REGISTER_TRIES_MAX) throw translate(error);
    }
  }
}

/** What became of a chunk: `busy` when another process adds differences. */
export type ChunkOutcome =
  { readonly kind: "added"; readonly changedHours: number } | { readonly kind: "busy" };

/**
 * Adds what the counts of a chunk lack. Its types must be registered.
 *
 * @param after Runs in the same transaction.
 * @throws {PipelineError} `database_unavailable`, retryable.
 */
export async function addDifferences(
  sql: Database,
  { from, to }: Pick<Chunk, "from" | "to">,
  after: (run: Transaction) => Promise<unknown> = () => Promise.resolve(),
): Promise<ChunkOutcome> {
  return await longTransaction(sql, async (run) => {
    // A statement of its own: the next one's snapshot must begin with the lock held.
    const [turn] = await run<{ isHeld: boolean }[]>`
      select pg_try_advisory_xact_lock(${COUNTS_LOCK}, hashtext(current_schema())) as "isHeld"`;
    if (turn?.isHeld !== true) return { kind: "busy" };
    const [row] = await run.unsafe<{ hours: number }[]>(addDifferencesSql, [from, to]);
    await after(run);
    return { kind: "added", changedHours: row?.hours ?? 0 };
  });
}

/** A transaction whose statements may take long; each still has a snapshot of its own. */
function longTransaction<T>(sql: Database, run: (run: Transaction) => Promise<T>): Promise<T> {
  return guarded(
    sql,
    () =>
      sql.begin(async (transaction) => {
        await transaction`select set_config('statement_timeout', ${String(READ_MS_MAX)}, true)`;
        return await run(transaction);
      }) as Promise<T>,
    READ_MS_MAX,
  );
}
