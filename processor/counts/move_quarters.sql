-- Moves quarters of an hour older than $1 into hours over all partitions, up to $2 rows, as
-- move_minutes.sql does. An event that comes later still is counted by quarter and moved again.

with old as (
  select quarter, log, partition from quarter_counts where quarter < now() - $1::interval
  order by quarter, log, partition limit $2::integer
  for update skip locked
),
gone as (
  delete from quarter_counts using old
  where (quarter_counts.quarter, quarter_counts.log, quarter_counts.partition)
    = (old.quarter, old.log, old.partition)
  returning quarter_counts.*
),
placed as (
  select log, partition, total, late, counts, hour,
    extract(epoch from quarter - hour)::integer / 900 as place
  from gone cross join lateral (select bucket_of('1 hour', quarter) as hour) as hours
),
named as (
  select hour, place, known.event_type, counted.events
  from placed cross join lateral unnest(counts) with ordinality as counted (events, number)
    left join counted_types known using (log, partition, number)
  where counted.events <> 0
),
types as (
  select hour, place, event_type, events from named
  -- A row is moved as it is now. If its type was numbered after this statement began, the number is
  -- not visible yet: the statement ends and is sent again.
  where not (select refuse_batch(null, (select count(*) from named where event_type is null)))
  union all
  select hour, place, '', total - (select coalesce(sum(each), 0) from unnest(counts) as each)
  from placed
),
-- PostgreSQL runs parts that nothing reads from the last one to the first: so `moved` is first, and
-- locks are taken in the order of add_differences.sql.
moved_totals as (
  insert into hour_totals as counted (hour, total_00, total_15, total_30, total_45,
    late_00, late_15, late_30, late_45)
  select hour,
    coalesce(sum(total) filter (where place = 0), 0),
    coalesce(sum(total) filter (where place = 1), 0),
    coalesce(sum(total) filter (where place = 2), 0),
    coalesce(sum(total) filter (where place = 3), 0),
    coalesce(sum(late) filter (where place = 0), 0),
    coalesce(sum(late) filter (where place = 1), 0),
    coalesce(sum(late) filter (where place = 2), 0),
    coalesce(sum(late) filter (where place = 3), 0)
  from placed group by hour
  order by hour
  on conflict (hour) do update set
    total_00 = counted.total_00 + excluded.total_00,
    total_15 = counted.total_15 + excluded.total_15,
    total_30 = counted.total_30 + excluded.total_30,
    total_45 = counted.total_45 + excluded.total_45,
    late_00 = counted.late_00 + excluded.late_00,
    late_15 = counted.late_15 + excluded.late_15,
    late_30 = counted.late_30 + excluded.late_30,
    late_45 = counted.late_45 + excluded.late_45
),
moved as (
  insert into hour_counts as counted
    (hour, event_type, events_00, events_15, events_30, events_45)
  select hour, event_type,
    coalesce(sum(events) filter (where place = 0), 0),
    coalesce(sum(events) filter (where place = 1), 0),
    coalesce(sum(events) filter (where place = 2), 0),
    coalesce(sum(events) filter (where place = 3), 0)
  from types where events <> 0 group by hour, event_type
  order by hour, event_type collate "C"
  on conflict (hour, event_type) do update set
    events_00 = counted.events_00 + excluded.events_00,
    events_15 = counted.events_15 + excluded.events_15,
    events_30 = counted.events_30 + excluded.events_30,
    events_45 = counted.events_45 + excluded.events_45
)
select count(*)::integer as moved from gone
