-- Makes the counts of [$1, $2), whole hours, equal to the rows: adds to them what they lack.
--
-- Rows and counts are read in one snapshot, in which they differ only by what an error or an older
-- version has left. Adding that difference is right also when writers have added to both meanwhile.
-- Two of these statements must not run at once: both would add the same difference.
-- Locks are taken in one order by all statements: minutes, quarters, types of hours, hours.
--
-- Minutes that the writers still count are compared by minute and partition. What is older is
-- compared by quarter of an hour over all partitions, and the difference is added to its hour.

with zone as materialized (
  select bucket_of('1 hour', now() - interval '47 hours') as minutes_from
),
actual as (
  select is_minute, start, log, partition, event_type, count(*) as events,
    count(*) filter (where received_at >= minute + interval '2 minutes') as late
  from (
    select log, partition, event_type, received_at, bucket_of('1 minute', ts) as minute,
      ts >= minutes_from as is_minute,
      bucket_of(case when ts >= minutes_from then interval '1 minute' else '15 minutes' end, ts)
        as start
    from web_events, zone where ts >= $1::text::timestamptz and ts < $2::text::timestamptz
  ) as placed
  group by is_minute, start, log, partition, event_type
),
named as (
  select actual.*, number from actual left join counted_types using (log, partition, event_type)
),

-- 1. Minutes, by partition and number; 0 stands for types without a number.
open_minutes as (
  select * from minute_counts, zone
  where minute >= minutes_from and minute >= $1::text::timestamptz and minute < $2::text::timestamptz
),
minute_types as (
  select minute, log, partition, number, sum(events) as events, sum(late) as late from (
    select start as minute, log, partition, coalesce(number, 0) as number, events, late
    from named where is_minute
    union all
    select minute, log, partition, counted.number, -counted.events, 0
    from open_minutes cross join lateral unnest(counts) with ordinality as counted (events, number)
    union all
    select minute, log, partition, 0,
      (select coalesce(sum(each), 0) from unnest(counts) as each) - total, -late
    from open_minutes
  ) as each group by minute, log, partition, number
),
minutes as (
  insert into minute_counts as counted (minute, log, partition, total, late, counts)
  select minute, log, partition, sum(events), sum(late),
    counts_of(array_agg(nullif(number, 0)::integer), array_agg(events::bigint))
  from minute_types group by minute, log, partition
  having bool_or(events <> 0) or sum(late) <> 0
  order by minute, log, partition
  on conflict (minute, log, partition) do update set
    total = counted.total + excluded.total,
    late = counted.late + excluded.late,
    counts = array(select coalesce(a, 0) + coalesce(b, 0)
      from unnest(counted.counts, excluded.counts) as both_arrays (a, b))
  returning minute
),

-- 2. Quarters of an hour over all partitions. Of an open minute nothing may be counted here.
quarter_types as (
  select hour, event_type, (extract(epoch from start - hour)::integer / 900) as place,
    sum(events) as events
  from (
    select start, case when number is null then '' else event_type end as event_type, events
    from named where not is_minute
    union all
    select bucket_of('15 minutes', start), coalesce(event_type, ''), -events
    from counted_events($1::text::timestamptz, $2::text::timestamptz), zone
    where seconds = 900 or start < minutes_from
  ) as each
  cross join lateral (select bucket_of('1 hour', start) as hour) as hours
  group by hour, event_type, place having sum(events) <> 0
),
quarter_totals as (
  select hour, (extract(epoch from start - hour)::integer / 900) as place,
    sum(events) as events, sum(late) as late
  from (
    select start, events, late from named where not is_minute
    union all
    select bucket_of('15 minutes', start), -events, -late
    from counted_totals($1::text::timestamptz, $2::text::timestamptz), zone
    where seconds = 900 or start < minutes_from
  ) as each
  cross join lateral (select bucket_of('1 hour', start) as hour) as hours
  group by hour, place having sum(events) <> 0 or sum(late) <> 0
),
types as (
  insert into hour_counts as counted
    (hour, event_type, events_00, events_15, events_30, events_45)
  select hour, event_type,
    coalesce(sum(events) filter (where place = 0), 0),
    coalesce(sum(events) filter (where place = 1), 0),
    coalesce(sum(events) filter (where place = 2), 0),
    coalesce(sum(events) filter (where place = 3), 0)
  from quarter_types group by hour, event_type
  order by hour, event_type collate "C"
  on conflict (hour, event_type) do update set
    events_00 = counted.events_00 + excluded.events_00,
    events_15 = counted.events_15 + excluded.events_15,
    events_30 = counted.events_30 + excluded.events_30,
    events_45 = counted.events_45 + excluded.events_45
  returning hour
),
totals as (
  insert into hour_totals as counted (hour, total_00, total_15, total_30, total_45,
    late_00, late_15, late_30, late_45)
  select hour,
    coalesce(sum(events) filter (where place = 0), 0),
    coalesce(sum(events) filter (where place = 1), 0),
    coalesce(sum(events) filter (where place = 2), 0),
    coalesce(sum(events) filter (where place = 3), 0),
    coalesce(sum(late) filter (where place = 0), 0),
    coalesce(sum(late) filter (where place = 1), 0),
    coalesce(sum(late) filter (where place = 2), 0),
    coalesce(sum(late) filter (where place = 3), 0)
  from quarter_totals group by hour
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
  returning hour
)
select count(distinct hour)::integer as hours from (
  select bucket_of('1 hour', minute) as hour from minutes
  union all select hour from types
  union all select hour from totals
) as changed
