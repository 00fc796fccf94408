-- What becomes of dead letters that are sent again, and of their bytes.

alter table dead_letters
  -- When nothing was left to do with it: its event became a row, or its resend another letter.
  add column resolved_at timestamptz,
  -- That other letter, which has the same bytes; null when the event is a row.
  add column superseded_by bigint,
  -- When key, value and headers were blanked. The row stays permanently: it accounts for its offset.
  add column cleared_at timestamptz;

-- By code, newest or oldest first; a separate index for those with something left to do.
create index dead_letters_code on dead_letters (code, id);
create index dead_letters_unresolved on dead_letters (code, id) where resolved_at is null;
create index dead_letters_resolved on dead_letters (resolved_at) where resolved_at is not null and cleared_at is null;

-- One row for each copy that Kafka has acknowledged, under its place in the log.
create table dead_letter_resends (
  log smallint not null,
  partition integer not null,
  "offset" bigint not null,
  dead_letter bigint not null,
  -- The id that the copy's event has, or null when the record holds no event.
  event_id text collate "C",
  resent_at timestamptz not null default now(),
  -- Null until the rows' position has passed it; lost: neither a row nor a dead letter.
  outcome text check (outcome in ('stored', 'dead', 'lost')),
  primary key (log, partition, "offset")
);
create index dead_letter_resends_letter on dead_letter_resends (dead_letter);
create index dead_letter_resends_open on dead_letter_resends (log, partition, "offset") where outcome is null;
