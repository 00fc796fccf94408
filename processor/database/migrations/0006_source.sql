-- Who sent the event, as ingest knows it: `context.source` of the record. No part of the content,
-- so events with the same id are compared without it. Null when ingest did not know.
-- A column without a default changes no row: it takes no time, however large the table is.
alter table web_events add column source text;
