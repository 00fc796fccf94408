-- Rows whose own time is far from their receive time, by their own time. All others are found by the
-- index on received_at: so an ordinary event pays nothing for questions about its time
-- (queries/sql/rows_in_range.ts, which has the same condition).
create index web_events_far_ts on web_events (ts)
  where not (received_at - ts between interval '-10 minutes' and interval '10 minutes');
