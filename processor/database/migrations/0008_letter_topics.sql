-- How far this database knows the DLQ topic: the letter of each copy before next_offset was in
-- dead_letters when its position was. A restored dump has an older next_offset, and the letters from
-- there on are learned from the topic (dead_letters/letter_topic.ts).
create table letter_topics (
  topic_id text not null,
  partition integer not null,
  next_offset bigint not null,
  primary key (topic_id, partition)
);
