/** What the counts cost, as `docs/performance.md` says it: measured apart from `bench`. */

export const COUNTS_TEXT = `## What the counts cost

The statement for new events against that of the version before the counts, in turn on one PostgreSQL (rounds of about a second,
2026-11-29, a busy machine): CPU of the server's process, and WAL bytes per row. Ratios are medians of pairs of rounds; CPU varies by 10 %
from round to round, WAL by less than 1 %.

| Rows a statement | Types                 | Late    | Rounds |      CPU |  WAL | Buffers |
| ---------------: | --------------------- | ------- | -----: | -------: | ---: | ------: |
|               15 | 5                     | none    |      6 |     0.98 | 1.02 |    1.06 |
|               15 | 20                    | none    |     10 |     0.92 | 1.04 |    1.06 |
|               15 | 5                     | 1 %     |      6 |     0.99 | 1.03 |       - |
|               15 | 200 of 128 characters | none    |      6 |     1.19 | 1.15 |    1.06 |
|               15 | 5                     | 100 %   |      6 |     1.29 | 1.42 |       - |
|             1000 | 5                     | none    |      6 |     0.98 | 1.00 |    1.00 |
|             1000 | 200 of 128 characters | none    |      6 | 0.87 (1) | 1.00 |    1.00 |
|             1000 | 5                     | 100 %   |      6 |     1.51 | 1.28 |       - |
|             1000 | 5, spread over a year | all old |      4 |     2.06 | 1.47 |       - |

(1) From before the last speed-up of the statement, one aggregate for types and latencies; all other rows are from after it.

- **How it pays.** The counts themselves cost a statement about 30 µs: one upsert of one row. Two parts of the statement became cheaper at
  the same time, the types and the latencies of the position, which are added by one aggregate now instead of functions.
- **Forms that were tried.** Looking up the numbers of types in the statement (26 to 34 % more CPU at 15 rows: each part of a statement
  costs, also one that does nothing), so the process keeps the numbers and sends arrays. A plain \`update\` instead of the upsert: slower, by
  its plan. The upsert of quarters in every statement: 4 to 10 % more, so only batches with old events have it. Open minutes in the
  position's own row were not built: what is left to save is that one upsert, and each late event would need the other form.
- **Late events** touch a minute each, scattered over 24 hours here: at most one update an event. So a batch of nothing but late events costs
  up to half more, and one of 1,000 events over a year twice as much.
- **200 types at 15 rows.** The row of a minute has 8 bytes a type, and an update of 15 types writes most of it: 1.7 kB of WAL a statement.
- **Storage.** A year of 20 types by hour: 24 MB. 48 hours of minutes in 6 partitions with 20 types: 9 MB.`;
