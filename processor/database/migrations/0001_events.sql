-- Rows, positions and everything that accounts for a record of the log.
-- Each partition of each log has one owner at a time. Every statement that writes for a partition
-- moves its row in `positions` from the offset that it expects: this makes writing exactly once.

-- One row per generation of a topic: a topic deleted and created again has another id and is another log.
create table logs (
  log smallint generated always as identity primary key,
  topic text not null,
  topic_id text not null,
  first_seen timestamptz not null default now(),
  unique (topic, topic_id)
);

create table web_events (
  event_id text collate "C" primary key,
  session_id text not null,
  event_type text not null,
  ts timestamptz not null,
  received_at timestamptz not null,
  payload jsonb not null,
  log smallint not null,
  partition integer not null,
  "offset" bigint not null
);
-- Newest first (GET /events), and the oldest row without an archive line.
create index web_events_received_at on web_events (received_at);

-- Next offset a sink will write, and the totals of what it wrote, moved together.
create table positions (
  sink text not null,
  log smallint not null references logs,
  partition integer not null,
  next_offset bigint not null,
  -- Archive: the next offset to plan; ranges from next_offset up to here are planned, not confirmed.
  planned_to bigint not null,
  -- xxHash64 (hex) of the last record's value, to recognise a log that was replaced.
  last_hash text,
  last_received_at timestamptz,
  records bigint not null default 0,
  -- PostgreSQL: rows. Archive: lines.
  events bigint not null default 0,
  duplicates bigint not null default 0,
  dead_letters bigint not null default 0,
  objects bigint not null default 0,
  bytes bigint not null default 0,
  last_key text,
  -- Rows by event type; at most 200 types, the others under "".
  event_types jsonb not null default '{}',
  dead_letter_codes jsonb not null default '{}',
  -- receivedAt -> row committed: counts per bucket of shared/latency.ts, and the sum of milliseconds.
  latency bigint[] not null default '{}',
  latency_ms_sum bigint not null default 0,
  -- Why the partition waits for an operator; null when it runs.
  stopped text,
  primary key (sink, log, partition)
) with (fillfactor = 50);

create table duplicate_events (
  log smallint not null,
  partition integer not null,
  "offset" bigint not null,
  event_id text collate "C" not null,
  primary key (log, partition, "offset")
);

create table dead_letters (
  id bigint generated always as identity primary key,
  log smallint not null,
  partition integer not null,
  "offset" bigint not null,
  code text not null,
  pointer text not null default '',
  message text not null,
  event_id text,
  -- Exact bytes; headers are JSON text: [[base64 of key, base64 of value or null], ...].
  key bytea,
  value bytea,
  headers bytea not null,
  record_timestamp_ms bigint not null,
  first_seen timestamptz not null default now(),
  -- The outbox flag: when it reached the DLQ topic, at least once.
  published_at timestamptz,
  -- Until then one processor is publishing it, and the others leave it alone.
  leased_until timestamptz,
  unique (log, partition, "offset")
);
create index dead_letters_unpublished on dead_letters (id) where published_at is null;
-- To find out what became of an event.
create index dead_letters_event_id on dead_letters (event_id);

create table archive_objects (
  log smallint not null,
  partition integer not null,
  first_offset bigint not null,
  last_offset bigint not null,
  -- Null when nothing was left to write.
  key text,
  format text not null,
  encoder smallint not null,
  events bigint not null,
  bytes bigint not null,
  sha256 text not null,
  state text not null check (state in ('planned', 'stored')),
  planned_at timestamptz not null default now(),
  stored_at timestamptz,
  primary key (log, partition, first_offset)
);

create table offset_gaps (
  sink text not null,
  log smallint not null,
  partition integer not null,
  first_offset bigint not null,
  last_offset bigint not null,
  seen_at timestamptz not null default now(),
  primary key (sink, log, partition, first_offset)
);

-- Adds counts by name; a name beyond `names_max` is counted under "".
create function add_counts(counts jsonb, added jsonb, names_max integer) returns jsonb
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

-- Adds two histograms bucket by bucket; an empty one counts as zeros.
create function add_buckets(buckets bigint[], added bigint[]) returns bigint[]
language sql immutable as $$
  select coalesce(array_agg(coalesce(a, 0) + coalesce(b, 0) order by i), '{}')
  from unnest(buckets, added) with ordinality as both_arrays (a, b, i)
$$;

-- Ends a statement that can't judge its losers. TLY01 has the offsets whose event is in conflict with
-- a row as its detail. TLY02 means that the row which won is not visible yet, so that the statement
-- must be sent again.
create function refuse_batch(conflicts bigint[], unseen bigint) returns boolean
language plpgsql as $$
begin
  if unseen > 0 then
    raise exception using errcode = 'TLY02', message = 'the row that won is not visible yet';
  end if;
  if conflicts is not null then
    raise exception using errcode = 'TLY01', message = 'ids in conflict', detail = conflicts::text;
  end if;
  return false;
end $$;
