-- Which partitions each running processor holds, for people who look for one: Kafka decides who owns
-- a partition, and positions decide whose writes count.
alter table processors
  -- Host and process number; empty for a processor of an older version.
  add column label text not null default '',
  add column rows_partitions integer[] not null default '{}',
  add column archive_partitions integer[] not null default '{}';
