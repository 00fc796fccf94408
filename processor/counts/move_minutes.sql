-- Moves minutes older than $1 into quarters of an hour, up to $2 rows. One statement moves
-- them, so each snapshot holds every event once. A row that a writer holds is left for later.

with old as (
  select minute, log, partition from minute_counts where minute < now() - $1::interval
  order by minute, log, partition limit $2::integer
  for update skip locked
),
gone as (
  delete from minute_counts using old
  where (minute_counts.minute, minute_counts.log, minute_counts.partition)
    = (old.minute, old.log, old.partition)
  returning bucket_of('15 minutes', minute_counts.minute) as quarter, minute_counts.log,
    minute_counts.partition, total, late, counts
),
totals as (
  select quarter, log, partition, sum(total)::bigint as total, sum(late)::bigint as late
  from gone group by quarter, log, partition
),
types as (
  select quarter, log, partition, counts_of(array_agg(number::integer), array_agg(events)) as counts
  from gone cross join lateral unnest(counts) with ordinality as counted (events, number)
  group by quarter, log, partition
),
moved as (
  insert into quarter_counts as counted (quarter, log, partition, total, late, counts)
  select quarter, log, partition, total, late, coalesce(counts, '{}')
  from totals left join types using (quarter, log, partition)
  order by quarter, log, partition
  on conflict (quarter, log, partition) do update set
    total = counted.total + excluded.total,
    late = counted.late + excluded.late,
    counts = array(select coalesce(a, 0) + coalesce(b, 0)
      from unnest(counted.counts, excluded.counts) as both_arrays (a, b))
)
select count(*)::integer as moved from gone
