-- Gaps: many at once cost one row, and losses are told from what was never there to read.

-- Offset of the record that last_hash belongs to; null: the one right before next_offset.
alter table positions add column last_offset bigint;

-- One row for all gaps of a batch, or one row for a loss.
alter table offset_gaps
  -- How many offsets the row stands for.
  add column offsets bigint,
  -- Which offsets they are; null: all from first_offset to last_offset.
  add column holes int8multirange,
  -- Whether Kafka deleted the records before any sink had read them.
  add column lost boolean not null default false,
  -- Archive: lines that were made from rows for these offsets; null: unknown, from before this column.
  add column rebuilt bigint,
  -- Until an operator has acknowledged it, a loss is an alarm.
  add column acknowledged_at timestamptz,
  add column acknowledged_by text,
  add column note text;

-- A rewind left these behind. It deletes them now, as they are found again.
delete from offset_gaps gap using positions position
where position.sink = gap.sink and position.log = gap.log and position.partition = gap.partition
  and gap.first_offset >= position.next_offset;

update offset_gaps set offsets = last_offset - first_offset + 1;
alter table offset_gaps alter column offsets set not null;

create index offset_gaps_lost on offset_gaps (log, partition) where lost;

-- The offsets that a row stands for, as ranges.
create function gap_holes(gap offset_gaps) returns int8multirange
language sql immutable as $$
  select coalesce(gap.holes, int8multirange(int8range(gap.first_offset, gap.last_offset, '[]')))
$$;
