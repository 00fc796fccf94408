-- How the last audit of everything ended, for the dashboard; an audit of some hours or of one
-- partition is not noted. One row, none before the first audit.
create table last_audit (
  only_row boolean primary key default true check (only_row),
  ended_at timestamptz not null,
  -- Problems that it found; 0: clean.
  problems bigint not null check (problems >= 0)
);
