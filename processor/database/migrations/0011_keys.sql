-- Keys of senders and operators: a request presents one, and only its SHA-256 is here. A row stays
-- when its key is revoked, because rows of web_events carry its name as `source`: the name of one
-- sender must never become the name of another.
create table api_keys (
  name text collate "C" primary key check (name ~ '^[A-Za-z0-9._-]{1,64}$'),
  hash bytea not null unique check (length(hash) = 32),
  -- The beginning of the key, by which a person finds it.
  prefix text not null,
  scopes text[] not null check (scopes <@ '{write,read,operate}' and scopes <> '{}'),
  -- Origins of the pages that may use it; empty: bound to none.
  origins text[] not null default '{}',
  -- The event types that it may send; null: all.
  event_types text[],
  -- Quotas; null: none.
  events_per_second integer check (events_per_second > 0),
  bytes_per_second bigint check (bytes_per_second > 0),
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

-- One row. Every change of api_keys moves it, in the same transaction: readers look at it every
-- 2 s, and read all keys when it has moved.
create table key_changes (
  only_row boolean primary key default true check (only_row),
  version bigint not null
);
insert into key_changes (version) values (0);

create function note_key_change() returns trigger
language plpgsql as $$
begin
  -- Of the same schema as the keys, whatever the session's search_path is.
  execute format('update %I.key_changes set version = version + 1', tg_table_schema);
  return null;
end
$$;
create trigger api_keys_changed after insert or update or delete or truncate on api_keys
  for each statement execute function note_key_change();

-- Who is signed in on the dashboard: the SHA-256 of a random text that the browser keeps, never of a
-- key. A key that is revoked ends its sessions.
create table dashboard_sessions (
  hash bytea primary key check (length(hash) = 32),
  key_name text collate "C" not null references api_keys (name),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index dashboard_sessions_expiry on dashboard_sessions (expires_at);
