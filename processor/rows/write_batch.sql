-- Writes any batch of one partition: rows, duplicates, dead letters, gaps and the moved position,
-- all of them or nothing.
--
-- Two owners that write for one partition go one after the other: the second one waits for the lock
-- on the position and then finds that the position has moved.
--
-- An event whose id is a row already is a loser, and is compared with that row, its winner:
--   same content       a duplicate; ts is part of the content where both events were sent with one,
--                      source is not
--   other content      the statement ends (TLY01) with the offsets of these events; the batch is
--                      sent again with them as dead letters
--   winner not visible the statement ends (TLY02) and the batch is sent again: the winner was
--                      committed after this statement began, and all parts of a statement see the
--                      tables as they were at its start
--
-- After a rewind, records are read again whose rows, duplicates and dead letters exist. They are
-- counted, because the rewind took them off the counters, but they are not stored a second time.
-- After a restore from an older dump the same is true of dead letters that were learned meanwhile.
--
-- $1 is the number of the log, $2 the batch (an array of one), $3 to $11 the columns of its events
-- (statement_parameters.ts), $12 the schema of the tables.

with batches as (
  select * from jsonb_to_recordset($2::text::jsonb) as batch (
    partition integer, first_offset bigint, next_offset bigint, records bigint,
    dead_letters jsonb, dead_letter_codes jsonb, gaps jsonb,
    last_hash text, last_offset bigint, last_received_at timestamptz,
    latency bigint[], latency_ms_sum bigint)
  -- A pooler may run this in a session whose search_path leads to other tables
  -- (`inSchema` in database/connect.ts).
  where current_schema()::text = coalesce($12::text, current_schema()::text)
    or quote_ident('search_path is ' || current_setting('search_path'))::regclass is null
),

input as (
  select * from rows from (
    unnest($3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[]),
    jsonb_array_elements($8::text::jsonb),
    unnest($9::integer[], $10::bigint[], $11::text[])
  ) as input
    (event_id, session_id, event_type, ts, received_at, payload, partition, "offset", source)
),

-- 1. The fence: lock the position if it is where the batch begins. All changes depend on it.
held as (
  select partition from positions join batches using (partition)
  where sink = 'postgres' and log = $1 and positions.next_offset = batches.first_offset
  for update of positions
),

-- 2. Insert the rows whose id is new.
written as (
  insert into web_events
    (event_id, session_id, event_type, ts, received_at, payload, log, partition, "offset", source)
  select event_id, session_id, event_type, ts, received_at, payload, $1, partition, "offset", source
  from input where exists (select from held)
  on conflict (event_id) do nothing
  returning "offset", event_type, ts, received_at
),

-- 3. Judge the losers. The winner is an existing row or an earlier event of the same batch.
losers as (
  select * from input
  where exists (select from held)
    and not exists (select from written where written."offset" = input."offset")
),
inserted as materialized (
  select event_id, session_id, event_type, ts, received_at, payload, $1 as log, partition, "offset"
  from input where "offset" in (select "offset" from written)
),
judged as (
  select loser."offset", loser.event_id, loser.event_type,
    winner.session_id is null as unseen,
    -- The winner has the loser's own place in the log: the row is that record itself, reread.
    coalesce((winner.log, winner.partition, winner."offset")
      = ($1, loser.partition, loser."offset"), false) as reread,
    -- A ts equal to received_at was not sent, or was replaced by ingest because it was outside the
    -- window: then it differs each time the event is sent, and tells nothing about its content.
    (winner.session_id, winner.event_type, winner.payload)
        is distinct from (loser.session_id, loser.event_type, loser.payload)
      or winner.ts <> loser.ts
        and winner.ts <> winner.received_at and loser.ts <> loser.received_at as conflict
  -- Lateral: one look-up per loser. The planner expects one loser and may get a thousand; joined as
  -- sets, all winners were looked up again for each loser (measured: 6 s for a batch of 1,000).
  from losers loser left join lateral (
    select log, partition, "offset", session_id, event_type, ts, received_at, payload
    from web_events where web_events.event_id = loser.event_id
    union all
    select log, partition, "offset", session_id, event_type, ts, received_at, payload
    from inserted where inserted.event_id = loser.event_id
  ) as winner on true
),
refused as (
  select refuse_batch(
    array_agg("offset") filter (where conflict and not unseen),
    count(*) filter (where unseen)
  ) as refused from judged
),

-- 4. List duplicates, set dead letters aside and note the gaps.
duplicates as (
  select "offset", event_id from judged where not reread
),
listed as (
  insert into duplicate_events (log, partition, "offset", event_id)
  select $1, partition, "offset", event_id from duplicates, batches
  where not (select refused from refused)
  on conflict do nothing
),
dead as (
  insert into dead_letters (log, partition, "offset", code, pointer, message, event_id,
    key, value, headers, record_timestamp_ms)
  select $1, partition, letter."offset", code, pointer, message, event_id,
    decode(key, 'hex'), decode(value, 'hex'), decode(headers, 'hex'), record_timestamp_ms
  from batches, jsonb_to_recordset(dead_letters) as letter (
    "offset" bigint, code text, pointer text, message text, event_id text,
    key text, value text, headers text, record_timestamp_ms bigint)
  where exists (select from held)
  -- One that was learned from the DLQ topic after a restore gets its bytes (learned_letters.ts).
  on conflict (log, partition, "offset") do update set
    event_id = coalesce(dead_letters.event_id, excluded.event_id),
    key = excluded.key, value = excluded.value, headers = excluded.headers, cleared_at = null
  where dead_letters.cleared_at is not null and dead_letters.resolved_at is null
),
noted as (
  insert into offset_gaps (sink, log, partition, first_offset, last_offset, offsets, holes, lost)
  select 'postgres', $1, partition, gap.first_offset, gap.last_offset, gap.offsets, gap.holes, gap.lost
  from batches, jsonb_to_recordset(gaps) as gap (
    first_offset bigint, last_offset bigint, offsets bigint, holes int8multirange, lost boolean)
  where exists (select from held)
  on conflict do nothing
),

-- 5. Count the rows that were inserted. Rows from before a rewind are counted already. What is older
-- than 48 hours on arrival is counted by quarter of an hour, the rest by minute (count_sums.ts).
sums as (
  select batches.partition, is_minute, event_type,
    case when is_minute then minute else bucket_of('15 minutes', minute) end as start,
    count(*) as events, count(*) filter (where received_at >= minute + interval '2 minutes') as late
  from (
    select event_type, received_at, minute, minute >= received_at - interval '48 hours' as is_minute
    from written cross join lateral (select bucket_of('1 minute', ts) as minute) as minutes
  ) as timed, batches
  group by batches.partition, is_minute, event_type, start
),
-- A type of the partition has a number, gets the next one, or has none because all are given out.
numbered as (
  select sums.*, known.number from sums
  left join lateral (
    select number from counted_types
    where log = $1 and partition = sums.partition and event_type = sums.event_type
  ) as known on true
),
new_types as (
  select partition, event_type, highest + place as number
  from (
    select partition, event_type, row_number() over (partition by partition order by event_type) as place
    from numbered where number is null group by partition, event_type
  ) as unknown
  cross join lateral (
    select coalesce(max(number), 0) as highest from counted_types
    where log = $1 and partition = unknown.partition
  ) as given
  where highest + place <= 1000
),
registered as (
  insert into counted_types (log, partition, event_type, number)
  select $1, partition, event_type, number from new_types
  on conflict do nothing
  returning partition, event_type, number
),
buckets as (
  select partition, start, is_minute, sum(events)::bigint as total, sum(late)::bigint as late,
    counts_of(array_agg(coalesce(numbered.number, registered.number)::integer),
      array_agg(events)) as counts
  from numbered left join registered using (partition, event_type)
  -- A rebuild of the counts has registered a type after this statement began: send it again.
  where not (select refuse_batch(null,
    (select count(*) from new_types) - (select count(*) from registered)))
  group by partition, start, is_minute
),
-- PostgreSQL runs parts that nothing reads from the last one to the first: so minutes are locked
-- before quarters, each by time and partition. All statements, also those that move counts, take
-- their locks in that order.
quarters as (
  insert into quarter_counts as counted (quarter, log, partition, total, late, counts)
  select start, $1, partition, total, late, counts from buckets where not is_minute
  order by start, partition
  on conflict (quarter, log, partition) do update set
    total = counted.total + excluded.total,
    late = counted.late + excluded.late,
    counts = array(select coalesce(a, 0) + coalesce(b, 0)
      from unnest(counted.counts, excluded.counts) as both_arrays (a, b))
),
minutes as (
  insert into minute_counts as counted (minute, log, partition, total, late, counts)
  select start, $1, partition, total, late, counts from buckets where is_minute
  order by start, partition
  on conflict (minute, log, partition) do update set
    total = counted.total + excluded.total,
    late = counted.late + excluded.late,
    counts = array(select coalesce(a, 0) + coalesce(b, 0)
      from unnest(counted.counts, excluded.counts) as both_arrays (a, b))
),

-- 6. Move the position and add to its counters.
counted as (
  select event_type from written
  union all
  select event_type from judged where reread
),
moved as (
  update positions set
    next_offset = batch.next_offset,
    planned_to = batch.next_offset,
    records = positions.records + batch.records,
    events = positions.events + (select count(*) from counted),
    duplicates = positions.duplicates + (select count(*) from duplicates),
    dead_letters = positions.dead_letters + jsonb_array_length(batch.dead_letters),
    dead_letter_codes = add_by_name(positions.dead_letter_codes, batch.dead_letter_codes, 200),
    counted_types = positions.counted_types + (select count(*) from registered),
    event_types = add_by_name(positions.event_types, coalesce(
      (select jsonb_object_agg(event_type, events) from (
        select event_type, count(*) as events from counted group by event_type) as types),
      '{}'), 200),
    last_hash = coalesce(batch.last_hash, positions.last_hash),
    last_offset = coalesce(batch.last_offset, positions.last_offset, positions.next_offset - 1),
    last_received_at = coalesce(batch.last_received_at, positions.last_received_at),
    latency = array(select coalesce(a, 0) + coalesce(b, 0)
      from unnest(positions.latency, batch.latency) as both_arrays (a, b)),
    latency_ms_sum = positions.latency_ms_sum + batch.latency_ms_sum
  from batches as batch
  where sink = 'postgres' and log = $1 and positions.partition = batch.partition
    and exists (select from held) and not (select refused from refused)
  returning positions.partition
)

-- No row when the position was not where the batch begins.
select (select count(*)::integer from written) as events,
  (select count(*)::integer from duplicates) as duplicates,
  (select count(*)::integer from judged where reread) as reread
from moved
