-- Where the counts of [$1, $2), whole hours, are not the rows: by hour, in total, late, and by type.
-- Types without a number in their partition are compared together, as ''.

with hours as materialized (
  select bucket_of('1 hour', ts) as hour, log, partition, event_type, count(*) as events,
    count(*) filter (where received_at >= bucket_of('1 minute', ts) + interval '2 minutes') as late
  from web_events where ts >= $1::text::timestamptz and ts < $2::text::timestamptz
  group by bucket_of('1 hour', ts), log, partition, event_type
),
counted_by_total as materialized (
  select bucket_of('1 hour', start) as hour, events, late
  from counted_totals($1::text::timestamptz, $2::text::timestamptz)
)
select to_json(hour) #>> '{}' as hour, what, event_type, sum(counted)::text as counted,
  sum(rows)::text as rows
from (
  select hour, 'total' as what, null as event_type, 0 as counted, events as rows from hours
  union all
  select hour, 'total', null, events, 0 from counted_by_total
  union all
  select hour, 'late', null, 0, late from hours
  union all
  select hour, 'late', null, late, 0 from counted_by_total
  union all
  select hour, 'type', case when number is null then '' else event_type end, 0, events
  from hours left join counted_types using (log, partition, event_type)
  union all
  select bucket_of('1 hour', start), 'type', coalesce(event_type, ''), events, 0
  from counted_events($1::text::timestamptz, $2::text::timestamptz)
) as each
group by hour, what, event_type having sum(counted) <> sum(rows)
order by each.hour, what, event_type limit $3::integer
