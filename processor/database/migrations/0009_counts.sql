-- Counts of the rows by time and event type. The statements that write rows add to them (rows/), so
-- that they are equal to the rows after any crash. Each row of counts has one writer at a time: the
-- owner of its partition. Times are those of `ts`.

-- Waits for the writes in progress; the next ones begin after this migration.
lock table positions in access exclusive mode;

-- The types of a partition by number. Numbers are given out in order and never change; a rewind
-- does not touch them. Types beyond 1,000 have no number and are counted together.
create table counted_types (
  log smallint not null,
  partition integer not null,
  event_type text collate "C" not null,
  number smallint not null check (number between 1 and 1000),
  primary key (log, partition, event_type),
  unique (log, partition, number)
);
-- How many of them the partition has: a writer that knows as many knows all of them.
alter table positions add column counted_types integer not null default 0;

-- Rows by minute. What is older than 48 hours is moved to quarter_counts.
-- Half of each page is free, so that an update stays on its page and changes no index.
create table minute_counts (
  minute timestamptz not null,
  log smallint not null,
  partition integer not null,
  total bigint not null,
  -- Rows whose received_at is at least 60 s after the end of their minute. They are part of total.
  late bigint not null,
  -- Rows by the number of their type, from 1; a missing element is 0. What total has beyond their
  -- sum are rows of types without a number.
  counts bigint[] not null,
  primary key (minute, log, partition)
) with (fillfactor = 50);

-- Rows by quarter of an hour. Older ones are moved to hour_counts.
create table quarter_counts (
  quarter timestamptz not null,
  log smallint not null,
  partition integer not null,
  total bigint not null,
  late bigint not null,
  counts bigint[] not null,
  primary key (quarter, log, partition)
) with (fillfactor = 50);

-- Rows by hour and type over all logs and partitions. The quarters stay apart: zones begin their
-- days at :15, :30 and :45, too.
create table hour_counts (
  hour timestamptz not null,
  -- '' stands for types without a number.
  event_type text collate "C" not null,
  events_00 bigint not null,
  events_15 bigint not null,
  events_30 bigint not null,
  events_45 bigint not null,
  primary key (hour, event_type)
);
create table hour_totals (
  hour timestamptz primary key,
  total_00 bigint not null,
  total_15 bigint not null,
  total_30 bigint not null,
  total_45 bigint not null,
  late_00 bigint not null,
  late_15 bigint not null,
  late_30 bigint not null,
  late_45 bigint not null
);

-- One row: how far the rows from before this migration are counted.
create table counts_fill (
  one boolean primary key default true check (one),
  -- Rows with a ts before this time are counted; null: none yet.
  filled_to timestamptz,
  -- When all rows were counted; null: not yet.
  completed_at timestamptz,
  -- Rows with an older ts may have been removed, so their counts can't be compared; null: none was.
  rows_kept_from timestamptz
);
insert into counts_fill (completed_at)
select case when not exists (select from web_events) then now() end;

-- The same function under another name. Without the old one, a processor of an older version can't
-- write rows that are not counted: its statements fail (42883), and it waits.
drop function add_counts (jsonb, jsonb, integer);
create function add_by_name(counts jsonb, added jsonb, names_max integer) returns jsonb
language plpgsql immutable as $$
declare
  name text;
  amount bigint;
begin
  for name, amount in select * from jsonb_each_text(added) loop
    if not counts ? name and (select count(*) from jsonb_object_keys(counts)) >= names_max then
      name := '';
    end if;
    counts := jsonb_set(counts, array[name], to_jsonb(coalesce((counts ->> name)::bigint, 0) + amount));
  end loop;
  return counts;
end $$;

-- Counts in the order of their numbers. A type without a number (null) is left out.
create function counts_of(numbers integer[], events bigint[]) returns bigint[]
language plpgsql immutable as $$
declare
  counts bigint[] := array_fill(0::bigint, array[
    coalesce((select max(number) from unnest(numbers) as number), 0)]);
begin
  for place in 1 .. cardinality(numbers) loop
    continue when numbers[place] is null;
    counts[numbers[place]] := counts[numbers[place]] + events[place];
  end loop;
  return counts;
end $$;

-- Start of the minute, quarter or hour. The origin lies before all times: date_bin of older servers
-- is wrong before it.
create function bucket_of(width interval, at timestamptz) returns timestamptz
language sql immutable as $$
  select date_bin(width, at, timestamptz '0010-01-01 00:00:00+00 BC')
$$;

-- Whether all rows are counted.
create function counts_complete() returns boolean
language sql stable as $$
  select completed_at is not null from counts_fill
$$;

-- Rows by bucket and type, for the buckets that begin in [from_ts, to_ts). A bucket has several rows
-- where it is counted for several partitions: sum them. `seconds` is its width, 60 or 900.
-- `event_type` is null for types without a number.
create function counted_events(from_ts timestamptz, to_ts timestamptz)
returns table (start timestamptz, seconds integer, event_type text, events bigint)
language sql stable as $$
  with partition_counts as (
    select minute as start, 60 as seconds, log, partition, total, counts
    from minute_counts where minute >= from_ts and minute < to_ts
    union all
    select quarter, 900, log, partition, total, counts
    from quarter_counts where quarter >= from_ts and quarter < to_ts
  )
  select start, seconds, known.event_type, counted.events
  from partition_counts
    cross join lateral unnest(counts) with ordinality as counted (events, number)
    join counted_types known using (log, partition, number)
  where counted.events <> 0
  union all
  select start, seconds, null, total - (select coalesce(sum(each), 0) from unnest(counts) as each)
  from partition_counts
  where total <> (select coalesce(sum(each), 0) from unnest(counts) as each)
  union all
  select hour + offset_in_hour, 900, nullif(hour_counts.event_type, ''), quarter_events
  from hour_counts cross join lateral (values
    (interval '0', events_00), (interval '15 minutes', events_15),
    (interval '30 minutes', events_30), (interval '45 minutes', events_45)
  ) as quarters (offset_in_hour, quarter_events)
  where hour > from_ts - interval '1 hour' and hour < to_ts
    and hour + offset_in_hour >= from_ts and hour + offset_in_hour < to_ts
    and quarter_events <> 0
$$;

-- Rows by bucket, as `counted_events`, and how many of them came late.
create function counted_totals(from_ts timestamptz, to_ts timestamptz)
returns table (start timestamptz, seconds integer, events bigint, late bigint)
language sql stable as $$
  select minute, 60, total, late from minute_counts where minute >= from_ts and minute < to_ts
  union all
  select quarter, 900, total, late from quarter_counts where quarter >= from_ts and quarter < to_ts
  union all
  select hour + offset_in_hour, 900, quarter_total, quarter_late
  from hour_totals cross join lateral (values
    (interval '0', total_00, late_00), (interval '15 minutes', total_15, late_15),
    (interval '30 minutes', total_30, late_30), (interval '45 minutes', total_45, late_45)
  ) as quarters (offset_in_hour, quarter_total, quarter_late)
  where hour > from_ts - interval '1 hour' and hour < to_ts
    and hour + offset_in_hour >= from_ts and hour + offset_in_hour < to_ts
    and (quarter_total <> 0 or quarter_late <> 0)
$$;
