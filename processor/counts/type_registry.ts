/** The numbers of event types in a partition: they are given in order and never change. */
import { sqlState, type Database, type Transaction } from "@tally/shared/database";

/** How many types of a partition get a number (migrations/0009_counts.sql). */
export const TYPES_MAX = 1000;

// `refuse_batch` raises it (migrations/0001_events.sql): try again.
const NOT_VISIBLE = "TLY02";

/** Types of one partition. */
export interface TypesOfPartition {
  readonly log: number;
  readonly partition: number;
  readonly types: readonly string[];
}

/**
 * Gives the next numbers to the types that have none, to all of them or to none; those for which no
 * number is left stay without. Does nothing while another transaction holds the position.
 *
 * @throws An error that `isNumberedMeanwhile` knows, when others have numbered one of them after
 *   the statement began.
 */
export async function registerTypes(
  sql: Database | Transaction,
  { log, partition, types }: TypesOfPartition,
): Promise<void> {
  await sql`
    with held as (
      select partition from positions
      where sink = 'postgres' and log = ${log} and partition = ${partition}
      for update skip locked
    ),
    wanted as (
      select event_type, highest + row_number() over (order by event_type) as number
      from held
        cross join jsonb_array_elements_text(${JSON.stringify(types)}::text::jsonb)
          as given (event_type)
        cross join (
          select coalesce(max(number), 0) as highest from counted_types
          where log = ${log} and partition = ${partition}
        ) as before
      where not exists (
        select from counted_types known
        where known.log = ${log} and known.partition = ${partition}
          and known.event_type = given.event_type)
    ),
    registered as (
      insert into counted_types (log, partition, event_type, number)
      select ${log}, ${partition}, event_type, number from wanted where number <= ${TYPES_MAX}
      on conflict do nothing
      returning number
    )
    update positions set counted_types = counted_types + (select count(*) from registered)
    from held
    where sink = 'postgres' and log = ${log} and positions.partition = held.partition
      and not (select refuse_batch(null, (select count(*) from wanted where number <= ${TYPES_MAX})
        - (select count(*) from registered)))`;
}

/** Whether an error means that others have numbered a type at the same time. */
export function isNumberedMeanwhile(error: unknown): boolean {
  return sqlState(error) === NOT_VISIBLE;
}
