/**
 * Why some figures stay below their targets, what was tried, and where the limit
 * lies: a part of `docs/performance.md`.
 */

export const LIMITS_TEXT = `## Why it is no faster

Some figures stay below their targets. This section shows the profile, what was tried, and where the limit lies. It was measured on
2026-11-26 with \`perf\`, Bun's \`--cpu-prof\` and the kernel's counters on two shared cores, in µs of CPU per event; two cores have
2,000,000 µs per second. The machine is noisy: minutes apart, the same code stored and archived 53,000 and 72,000 events a second.

| CPU per event | Single events | Batches of 500, sustained | Drain, rows and archive |
| --- | ---: | ---: | ---: |
| load | 19 | 1 | not used |
| ingest | 46 | 9 | - |
| Kafka | 24 | 5 | 2 |
| processor, rows | 12 | 7 | 6 |
| processor, archive | 10 | 6 | 5 to 6 |
| PostgreSQL | 18 | 12 | 9 |
| S3 server | 6 | 2 | 3 to 5 |
| **all** | **about 135** | **about 42** | **about 26** |
| most that two cores can do | 14,800/s | 47,000/s | 77,000/s |

- **Single events.** With everything running, both cores were busy. Ingest alone answers 18,000 a second, a sixth of what a \`Bun.serve\`
  answers that reads nothing and forwards nothing. Of its 46 µs the kernel needs 8 to send the answer, librdkafka's thread 7, parsing and
  judging 7 and metrics 4; the rest is Bun's HTTP, promises and the hand-over. A single event is expensive after ingest, too: librdkafka
  sends one request per partition, so that at these rates a request holds one to three records. The small batches of all partitions share
  one statement, because they were the largest cost.
- **Single events since then.** Records wait for the reports of those before them, and go to the client packed, in one call. So a request to
  Kafka holds the records of a whole round trip, reports come by an event instead of a timer, and batches of all partitions close at the
  same moments. The client costs 1.3 µs of CPU a record instead of 5.8. The tables of "Beside other systems" have what this changed; the
  figures above were not measured again yet. A fetch for rows that asks for one byte is answered at once: with 64 connections it brought a
  few records, and the processor took 42 to 51 µs an event instead of 22 to 26. So while many records come, the broker collects them for up
  to 15 ms or 32 KiB.
- **p99 at 5,000 a second.** It is 6 ms with ingest alone, 11 without the archive and 11 to 17 with it. The scheduler's own record shows
  what ran in the 28 slow moments of three seconds: the archive's objects (each partition fills a thousand lines at about the same time),
  garbage collections of Kafka and Bun, compilers, and now and then PostgreSQL.
- **Rows against \`COPY\`.** \`COPY\` reads a file on its own server and costs 5 to 6 µs per row on one core. Tally's statement costs the
  server 7 to 8: it reads rows as text arrays and JSON, checks each id and moves the position. Together with 6 for the processor and 1 for
  Kafka, that is 14 to 15 µs, so that two cores write at most about 138,000 rows a second. That is 0.76 of \`COPY\` at 5.5 µs; the wanted
  ratio is 0.80.
- **Rows and archive against raw consume.** Since messages arrive packed, the bare client reads about 800,000 records a second, several
  times as many as when the ratio was set. The archive does not decode what the rows' pipeline of the same process has already decoded and
  found canonical; that saved a sixth to a quarter of its CPU. Of what remains, a third is consuming and a third the SDK's upload (1,000
  lines per object).
- **Sustained.** Both cores are busy, as above. 50,000 a second held for 15 s within 2 s of lag; 49,000 did not hold for a minute, 44,000
  did. The wanted 0.35 would need more CPU than two cores have.
- **Memory of the processor.** In a drain of both sinks, 21 to 30 MB of its heap are alive after a full collection (two sinks, six
  partitions of 2,500 records each). By default the heap grew to 150 MB until the next collection; librdkafka's queues held 75, Bun's own
  code 45, and the allocator kept some more. JavaScriptCore's \`heapGrowthMaxIncrease\` is now 1.5, and 7 MiB are fetched ahead instead of
  16: 300 MB instead of 390 at nearly the same speed. With 1.25 it is 270 MB and a tenth slower. Machines with less than 16 GiB use less by
  default, and the option has no effect there.
- **The index of the event ids** is 70 % full after a backlog from six partitions with UUIDv7, as full as with random ids: the ids of a
  statement are sorted, but each partition inserts between the ids of the others. A fill factor of 70 or 100 gives 72 and 73 %, at the same
  CPU and WAL, and statements of 6,000 rows instead of 1,000 change nothing (measured with up to 1.5 million rows on 2026-11-29), so the
  index keeps PostgreSQL's default. Random ids (UUIDv4), beside other work: with 128 MB of shared buffers a row cost PostgreSQL 18 µs and
  0.5 kB of WAL in the first three million, 27 to 31 µs and 1.3 to 1.6 kB from the fourth to the sixth. With the settings for 8 GB of memory
  it cost 16 to 21 µs and 0.5 kB in all six. To 30 million rows on 24 GiB (\`bench growth\`, 2026-11-29; tests ran beside the second half):
  ids in order cost 8 to 10 µs a row from the first part to the last, random ones 12 at first, 16 at 10 million and 17 at 30 million, and
  twice the WAL in every part with a checkpoint. So at 10 million a random id costs 1.7 times one in order, not the wanted 1.4: nearly
  each row touches a page of the index of its own. Ids that ingest makes are in order.
- **Viewers.** A frame has about 2.5 kB and is made and serialised once; sending it costs 26 µs a viewer, so 2,000 viewers cost 5 % of a
  core. Sent in one go, a frame held the processor up for 55 ms, and all viewers of the machine woke up at once; in slices it is half a
  millisecond at a time (2026-11-29, 2,000 sockets, a busy machine). Compression and sending differences were not
  tried.

Tried without gain, or with a loss elsewhere: \`linger.ms\` of 0, 0.3, 2, 3 and 5; polling for reports at each hand-over, handing over at
each poll (before the client took records packed); handing over when half of the reports are there, at the same rate; one to three database connections instead of six; statements every 20, 25 and 50 ms at
any load (PostgreSQL saves up to 40 %, and rows arrive that much later: now only while statements take long); fetches of 20 ms or 256 KiB (a
drain of both sinks loses a fifth); lower priority for the processor, PostgreSQL and the S3 server; only the first compiler for Kafka;
larger shared buffers and WAL, while ids are in order; forced generic plans.`;
