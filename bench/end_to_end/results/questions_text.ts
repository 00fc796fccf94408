/** What questions cost, as `docs/performance.md` says it: measured apart from `bench`. */

export const QUESTIONS_TEXT = `## What questions cost

\`POST /api/v2/query\` and \`/api/v2/funnel\` in one process, on busy machines: compare, don't quote. Counts: median of 20 (2026-11-30), a year of
hours and 48 hours of minutes, 20 types, 6 partitions; "before" is what they took when each row of counts was compared with every type. Rows:
median of three (2026-11-29), 6,000,000 rows over 300 days, 1 % of them up to 30 days late.

| Question                                                              | From   |   Time |
| --------------------------------------------------------------------- | ------ | -----: |
| 30 days by hour and type: 14,260 results (before: 1.25 s)             | counts |  86 ms |
| 24 hours by minute and type: 28,820 results (before: 0.65 s)          | counts | 125 ms |
| 12 months by day (before: 57 ms)                                      | counts |  20 ms |
| 12 months by day and type (before: 2.35 s)                            | counts | 121 ms |
| the same in Asia/Kolkata, at UTC+5:30 (before: 1.71 s)                | counts | 138 ms |
| 12 months by day, two types of the 20 (before: 229 ms)                | counts |  68 ms |
| all by month (before: 76 ms)                                          | counts |  17 ms |
| 1,000,000 rows: top 100 of a property                                 | rows   | 0.70 s |
| 1,000,000 rows: sessions by day (103,000 sessions)                    | rows   | 0.49 s |
| 1,000,000 rows: different values of a property by day (before: 3.1 s)  | rows   | 1.04 s |
| 1,000,000 rows: 95th percentile of a property by day                  | rows   | 1.47 s |
| 1,000,000 rows: funnel of three steps (before: 3.6 s)                 | rows   | 1.90 s |
| 5,000,000 rows: top 100 of a property                                 | rows   |  3.6 s |
| 5,000,000 rows: sessions by day                                       | rows   |  2.7 s |
| 5,000,000 rows: 95th percentile of a property by day                  | rows   |  5.2 s |
| 5,000,000 rows: funnel of three steps                                 | rows   |  7.8 s |
| 5,000,000 rows: different values of a property by day                 | rows   |  7.8 s |

On another machine, quiet and about twice as fast, \`bench questions\` (5,000,000 rows in the range of 30,000,000, 1 % late): top 100 of a property
3.4 s, sessions by day 2.9 s, 95th percentile by day 4.6 s, funnel of three steps 3.6 s.

- **Counts.** Of the 86 ms PostgreSQL works for 65: 20 add up the minutes of 48 hours, the rest is 14,000 groups and their order. The process takes
  12 to read 10,000 results and 3 to print them. With 200 types the same question takes 0.5 s, and with 1,000 3.8 s; 24 hours by
  minute and 1,000 types are 1.4 million results, and end at 5 s. With a filter for two of 200 types it takes 0.22 s.
- **Busy machine.** The lines of rows in the table were measured beside a load of 3 to 8 processes on two cores; those with a "before" in turn with the code
  before, each the best of three; single runs took up to twice as long. In the funnel 833,000 of a million rows fit a step and six in ten
  sessions come to the second; where one in a hundred does, it costs as much as before (1.9 and 2.2 s).
- **More rows.** A question has 5 s. At 5,000,000 rows a funnel and the different values of a property take longer on a slow or busy machine and
  are refused with \`query_too_wide\`; a percentile is at the border. Lines above 5 s were measured without the limit. The sort of a funnel
  runs in one process.
- **Writers.** At most one more process of PostgreSQL helps a question, so two questions at once use four. Beside two
  questions without pause, 20,000 events a second keep their rate, and accept → row p99 is 1.5 times that without (four pairs, quiet).
- **Finding rows by \`ts\`.** WAL per row (449 bytes without): a B-tree on \`ts\` adds 73 to 79 bytes (16 to 18 %) whether events are late or not. BRIN
  (\`minmax_multi\`) adds 0 to 11 bytes, but 1 % of rows that are late by days widen most of its ranges. So rows are found by the index
  on \`received_at\`, which is there anyway, and those that came more than ten minutes from their own time by a partial B-tree: it adds
  1 byte at 1 % late (at 15 rows a statement up to 5), and 77 bytes where all are.
- **Sessions without rows.** A narrow table of sessions by day (\`session_days\`: day, 128-bit hash, first and last \`ts\`, events), kept by the
  statement that writes the rows, was tried and left out. It costs PostgreSQL 8 µs a row at 1 and 3 events a session, 6 µs at 10, where a
  row costs 3.2 µs in the same plain insert and 7.6 µs in Tally's whole statement; WAL grows by 265, 242 and 175 bytes a row from 345. When
  all ten events of a session come in one batch it still costs 2 µs. A tenth was the goal. (Median of five interleaved rounds of 200
  batches of 1,000 rows, 2026-11-29, a busy machine.)`;
