-- Rows whose own time is far from their receive time, by their own time. All others are found by the
-- index on received_at: so an ordinary event pays nothing for questions about its time
-- (queries/sql/rows_in_range.ts, which has the same condition).
create index web_events_far_ts on web_events (ts)
  where not (received_at - ts between interval '-10 minutes' and interval '10 minutes');

-- Like `counted_events`, with one row for an hour that has become one, instead of four: for questions
-- over months whose buckets and ends are all whole hours of UTC.
create function counted_events_by_hour(from_ts timestamptz, to_ts timestamptz)
returns table (start timestamptz, event_type text, events bigint)
language sql stable as $$
  with partition_counts as (
    select minute as start, log, partition, total, counts
    from minute_counts where minute >= from_ts and minute < to_ts
    union all
    select quarter, log, partition, total, counts
    from quarter_counts where quarter >= from_ts and quarter < to_ts
  )
  select start, known.event_type, counted.events
  from partition_counts
    cross join lateral unnest(counts) with ordinality as counted (events, number)
    join counted_types known using (log, partition, number)
  where counted.events <> 0
  union all
  select start, null, total - (select coalesce(sum(each), 0) from unnest(counts) as each)
  from partition_counts
  where total <> (select coalesce(sum(each), 0) from unnest(counts) as each)
  union all
  select hour, nullif(event_type, ''), events_00 + events_15 + events_30 + events_45
  from hour_counts where hour >= from_ts and hour < to_ts
$$;
