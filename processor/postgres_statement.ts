/**
 * The two statements of the PostgreSQL sink, each of which leaves all of a batch or nothing:
 * the one for any batch, and the short one for nearly every batch.
 */
import { answered, type Database } from "./database.ts";
import type { Parameter } from "./postgres_parameters.ts";

/**
 * What both statements answer; `next_offset` is null when the position was not where it was
 * expected.
 */
export interface WriteBatchRow {
  next_offset: string | null;
  /** Rows inserted. */
  events: number;
  duplicates: number;
  /** Records whose row was there already, from before a rewind. */
  already: number;
}

/** Runs one of the two; undefined when it answers no row. @param answerMsMax Longest wait, ms. */
export async function runStatement(
  { sql, answerMsMax }: { readonly sql: Database; readonly answerMsMax: number },
  text: string,
  parameters: Parameter[],
): Promise<WriteBatchRow | undefined> {
  const answer = sql.unsafe<WriteBatchRow[]>(text, parameters, { prepare: true });
  const [row] = await answered(answer, answerMsMax);
  return row;
}

/** The events of a batch as rows; both statements have the same first eleven parameters. */
const INPUT = `rows from (
    unnest($5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[]),
    jsonb_array_elements($10::text::jsonb),
    unnest($11::bigint[])
  ) as input (event_id, session_id, event_type, ts, received_at, payload, "offset")`;

/**
 * Writes the batch [$3, $4) of partition $2 of log $1 if, and only if, the position stands at $3.
 * Read it downwards: hold the position, insert, judge who lost, set aside, move.
 *
 * `held` locks the position's row first, so two owners go one after the other, and the second finds
 * that it has moved. All parts see the table as it was at the start: a loser whose winner came in
 * meanwhile can't be judged, and `refuse_batch` ends the statement (TLY02); a loser whose content
 * differs from the winner's ends it, too (TLY01), to be sent again as a dead letter. A `ts` equal
 * to
 * `received_at` was not given by the client and differs between two sends of the same event.
 *
 * After a rewind records are read again whose rows, duplicates and dead letters are there. They are
 * counted, as the rewind took them off the counters, and not written twice: a loser whose winner
 * has its own place in the log is that row itself (`there`).
 */
export const WRITE_BATCH = `
with held as (
  select next_offset from positions
  where sink = 'postgres' and log = $1 and partition = $2 and next_offset = $3::bigint
  for update
), input as (
  select * from ${INPUT}
), written as (
  insert into web_events (event_id, session_id, event_type, ts, received_at, payload, log, partition, "offset")
  select event_id, session_id, event_type, ts, received_at, payload, $1, $2, "offset"
  from input where exists (select from held)
  on conflict (event_id) do nothing
  returning "offset", event_type
), losers as (
  select * from input
  where exists (select from held)
    and not exists (select from written where written."offset" = input."offset")
), winners as (
  select event_id, session_id, event_type, ts, received_at, payload, log, partition, "offset" from web_events
  where event_id in (select event_id from losers)
  union all
  select event_id, session_id, event_type, ts, received_at, payload, $1, $2, "offset"
  from input join (select "offset" from written) as inserted using ("offset")
  where event_id in (select event_id from losers)
), judged as (
  select loser."offset", event_id, winner.session_id is null as unseen,
    coalesce((winner.log, winner.partition, winner."offset") = ($1, $2, loser."offset"), false) as there,
    (winner.session_id, winner.event_type, winner.payload) is distinct from (loser.session_id, loser.event_type, loser.payload)
      or winner.ts <> loser.ts and (winner.ts <> winner.received_at or loser.ts <> loser.received_at) as conflict,
    loser.event_type
  from losers loser left join winners winner using (event_id)
), counted as (
  select event_type from written
  union all
  select event_type from judged where there
), refused as (
  select refuse_batch(
    array_agg("offset") filter (where conflict and not unseen),
    count(*) filter (where unseen)
  ) as refused from judged
), duplicates as (
  select "offset", event_id from judged where not there
), listed as (
  insert into duplicate_events (log, partition, "offset", event_id)
  select $1, $2, "offset", event_id from duplicates where not (select refused from refused)
  on conflict do nothing
), dead as (
  insert into dead_letters (log, partition, "offset", code, pointer, message, event_id, key, value, headers, record_timestamp_ms)
  select $1, $2, letter."offset"::bigint, letter.code, letter.pointer, letter.message, letter.event_id,
    decode(letter.key, 'hex'), decode(letter.value, 'hex'), decode(letter.headers, 'hex'), letter.record_timestamp_ms
  from jsonb_to_recordset($12::text::jsonb) as letter ("offset" text, code text, pointer text, message text, event_id text,
    key text, value text, headers text, record_timestamp_ms bigint)
  where exists (select from held)
  on conflict (log, partition, "offset") do nothing
), gaps as (
  insert into offset_gaps (sink, log, partition, first_offset, last_offset)
  select 'postgres', $1, $2, first_offset, last_offset
  from unnest($19::bigint[], $20::bigint[]) as gap (first_offset, last_offset)
  where exists (select from held)
  on conflict do nothing
), moved as (
  update positions set
    next_offset = $4::bigint,
    planned_to = $4::bigint,
    records = records + $14::bigint,
    events = events + (select count(*) from counted),
    duplicates = duplicates + (select count(*) from duplicates),
    dead_letters = dead_letters + jsonb_array_length($12::text::jsonb),
    dead_letter_codes = add_counts(dead_letter_codes, $13::text::jsonb, 200),
    event_types = add_counts(event_types, coalesce(
      (select jsonb_object_agg(event_type, events) from (select event_type, count(*) as events from counted group by event_type) as types),
      '{}'), 200),
    last_hash = coalesce($15, last_hash),
    last_received_at = coalesce($16::timestamptz, last_received_at),
    latency = add_buckets(latency, $17::bigint[]),
    latency_ms_sum = latency_ms_sum + $18::bigint
  where sink = 'postgres' and log = $1 and partition = $2 and exists (select from held)
    and not (select refused from refused)
  returning next_offset
)
select (select next_offset::text from moved) as next_offset,
  (select count(*)::integer from written) as events,
  (select count(*)::integer from duplicates) as duplicates,
  (select count(*)::integer from judged where there) as already`;

/**
 * Does the same for a batch of $12 events and nothing else, all of them new; $13 counts their
 * types. One that is known, also within the batch, ends it (23505, unique violation): then nothing
 * was changed, and `WRITE_BATCH` judges. A third less of the server's time (measured): no row is
 * inserted on approval, and no loser is looked for.
 *
 * `moved` is the lock and the fence: another owner waits for it, and finds that the position has
 * moved. The rows come only where it has found the position.
 */
export const WRITE_NEW_EVENTS = `
with moved as (
  update positions set
    next_offset = $4::bigint,
    planned_to = $4::bigint,
    records = records + $12::bigint,
    events = events + $12::bigint,
    event_types = add_counts(event_types, $13::text::jsonb, 200),
    last_hash = $14,
    last_received_at = $15::timestamptz,
    latency = add_buckets(latency, $16::bigint[]),
    latency_ms_sum = latency_ms_sum + $17::bigint
  where sink = 'postgres' and log = $1 and partition = $2 and next_offset = $3::bigint
  returning next_offset
), written as (
  insert into web_events (event_id, session_id, event_type, ts, received_at, payload, log, partition, "offset")
  select event_id, session_id, event_type, ts, received_at, payload, $1, $2, "offset"
  from ${INPUT}
  where exists (select from moved)
)
select (select next_offset::text from moved) as next_offset, $12::integer as events, 0 as duplicates, 0 as already`;
