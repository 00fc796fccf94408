-- Writes batches whose records are all new events, of one partition or of several.
--
-- Each batch is stored completely, with its position, or not at all, independently of the others.
-- A batch is left out when its position is not where it begins, when another transaction holds that
-- position (no batch waits for another one's position), or when the partition has other numbers of
-- types than those that the batch is counted by.
--
-- An event id that is a row already, or that is twice in these batches, ends the statement (unique
-- violation, 23505). Nothing is stored then, and write_batch.sql judges. Because no row is inserted
-- conditionally and no loser is looked up, this takes a third less of the server's time (measured).
--
-- $1 is the number of the log, $2 the batches, $3 to $11 the columns of their events
-- (statement_parameters.ts), $12 the schema of the tables, $13 to $18 the columns of what the
-- events add to the counts (count_sums.ts).

with batches as (
  select * from jsonb_to_recordset($2::text::jsonb) as batch (
    partition integer, first_offset bigint, next_offset bigint, records bigint, event_types jsonb,
    counted_types integer,
    last_hash text, last_offset bigint, last_received_at timestamptz,
    latency bigint[], latency_ms_sum bigint)
  -- A pooler may run this in a session whose search_path leads to other tables
  -- (`inSchema` in database/connect.ts).
  where current_schema()::text = coalesce($12::text, current_schema()::text)
    or quote_ident('search_path is ' || current_setting('search_path'))::regclass is null
),

-- 1. The fence: lock the positions that are where their batch begins.
held as (
  select partition from positions join batches using (partition)
  where sink = 'postgres' and log = $1 and positions.next_offset = batches.first_offset
    and positions.counted_types = batches.counted_types
  for update of positions skip locked
),

-- 2. Move only those positions.
moved as (
  update positions set
    next_offset = batch.next_offset,
    planned_to = batch.next_offset,
    records = positions.records + batch.records,
    events = positions.events + batch.records,
    -- Up to 200 types are added at once; the function, name by name, costs more (measured).
    event_types = (
      select case when count(*) <= 200 then jsonb_object_agg(name, events)
        else add_by_name(positions.event_types, batch.event_types, 200) end
      from (
        select name, sum(events::bigint) as events from (
          select * from jsonb_each_text(positions.event_types)
          union all
          select * from jsonb_each_text(batch.event_types)
        ) as both_counts (name, events)
        group by name
      ) as types),
    last_hash = batch.last_hash,
    last_offset = batch.last_offset,
    last_received_at = coalesce(batch.last_received_at, positions.last_received_at),
    latency = array(select coalesce(a, 0) + coalesce(b, 0)
      from unnest(positions.latency, batch.latency) as both_arrays (a, b)),
    latency_ms_sum = positions.latency_ms_sum + batch.latency_ms_sum
  from batches as batch join held using (partition)
  where sink = 'postgres' and log = $1 and positions.partition = batch.partition
  returning batch.partition
),

-- 3. Count what these partitions got by minute, in the order of time and partition. Where something
-- is counted by quarter of an hour, the part of count_old_events.sql stands before `minutes`
-- (write_statements.ts). PostgreSQL runs parts that nothing reads from the last one to the first: so
-- ids are locked before minutes and these before quarters, as in all other statements.
sums as (
  select * from unnest($13::integer[], $14::timestamptz[], $15::boolean[], $16::bigint[],
      $17::bigint[], $18::text[])
    as input (partition, start, is_minute, total, late, counts)
  where partition = any (array(select partition from moved))
),
minutes as (
  insert into minute_counts as counted (minute, log, partition, total, late, counts)
  select start, $1, partition, total, late, counts::bigint[] from sums where is_minute
  order by start, partition
  on conflict (minute, log, partition) do update set
    total = counted.total + excluded.total,
    late = counted.late + excluded.late,
    counts = array(select coalesce(a, 0) + coalesce(b, 0)
      from unnest(counted.counts, excluded.counts) as both_arrays (a, b))
),

-- 4. Insert the rows of the partitions that moved, by event id.
written as (
  insert into web_events
    (event_id, session_id, event_type, ts, received_at, payload, log, partition, "offset", source)
  select event_id, session_id, event_type, ts, received_at, payload, $1, partition, "offset", source
  from rows from (
    unnest($3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[]),
    jsonb_array_elements($8::text::jsonb),
    unnest($9::integer[], $10::bigint[], $11::text[])
  ) as input
    (event_id, session_id, event_type, ts, received_at, payload, partition, "offset", source)
  where partition = any (array(select partition from moved))
)

-- The partitions whose batch is stored.
select partition from moved
