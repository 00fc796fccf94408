-- The processors that run, so that each notices another one that works on the same tables under
-- another group prefix. A process shows that it lives by counting up: no clock is compared.
create table processors (
  process_id text primary key,
  group_prefix text not null,
  log smallint not null references logs,
  beats bigint not null default 0,
  -- When it counted last; rows of killed processes are deleted a day later.
  seen_at timestamptz not null default now()
);
