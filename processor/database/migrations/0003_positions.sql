-- What an operator and the clean-up need to keep the ledger true: rows + duplicates + dead letters =
-- records, below every position, also after a rewind and after old duplicates are gone.

-- Duplicates that the clean-up has deleted, part of `duplicates`; all of them lie below `pruned_to`.
alter table positions
  add column pruned_duplicates bigint not null default 0,
  add column pruned_to bigint not null default 0;

alter table duplicate_events add column seen_at timestamptz not null default now();

-- Records of a stored range, with and without a line; what a rewind takes off the position again.
alter table archive_objects add column records bigint;
