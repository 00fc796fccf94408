/**
 * Why figures below their target are there, what was tried, and what the limit
 * is: a part of `bench/README.md`.
 */

export const LIMITS_TEXT = `## Why it is no faster

Where figures stay below their targets: the profile, what was tried, and where the limit lies. Measured on 2026-11-26 with \`perf\`, Bun's
\`--cpu-prof\` and the kernel's counters on two shared cores, µs of CPU an event; two cores have 2,000,000 µs a second. The
machine is noisy: minutes apart the same code took 53,000 and 72,000 events a second into rows and archive.

| An event's way | Single events | Batches of 500, sustained | Drain, rows and archive |
| --- | ---: | ---: | ---: |
| load | 19 | 1 | - |
| ingest | 46 | 9 | - |
| Kafka | 24 | 5 | 2 |
| processor, rows | 12 | 7 | 6 |
| processor, archive | 10 | 6 | 5 to 6 |
| PostgreSQL | 18 | 12 | 9 |
| S3 server | 6 | 2 | 3 to 5 |
| **all** | **about 135** | **about 42** | **about 26** |
| two cores do at most | 14,800/s | 47,000/s | 77,000/s |

- **Single events.** With everything running both cores are busy: nobody waits for a lock or a timer that could be taken away.
  Ingest alone answers 18,000 a second (a fifth of what \`Bun.serve\` does that reads nothing and sends nothing on). Of its
  46 µs 8 are the kernel's for sending the answer, 7 librdkafka's thread, 7 parsing and judging, 4 metrics, the rest Bun's HTTP,
  promises and the hand-over. A single event is dear behind ingest, too: librdkafka sends a request for each partition, so that at these
  rates a request has one to three records. The small batches of all partitions share a statement since they cost most of all.
- **p99 at 5,000 a second.** 6 ms with ingest alone, 11 without the archive, 11 to 17 with it. The scheduler's own record of
  what ran in the 28 slow moments of three seconds: the archive's objects (a thousand lines of each partition are full at about the same
  time), collections of Kafka's and Bun's garbage, compilers, now and then PostgreSQL.
- **Rows against \`COPY\`.** \`COPY\` reads a file of its own server and costs 5 to 6 µs a row on one core. The statement costs the
  server 7 to 8: it reads rows as text arrays and JSON, checks each id for itself and moves the position. With the processor's
  6 and Kafka's 1 the most that two cores can do is below 0.9 of \`COPY\`.
- **Rows and archive against raw consume.** Since messages come packed the bare client reads nearly a million records a second, eight
  times as many as when the ratio was set. The archive decodes nothing that the rows' pipeline of the same process has decoded and found
  canonical, which saved it a sixth to a quarter. Of what is left a third is consuming, a third the SDK's upload (1,000 lines an object).
- **Sustained.** Both cores are busy: the bound above. 50,000 a second held for 15 s within 2 s of lag, 49,000
  not for a minute, 44,000 did; 0.35 of what the client alone produces would be more than the cores have time for.
- **Memory of the processor.** In a drain of both sinks 21 to 30 MB of its heap are alive after a whole collection (two sinks, six
  partitions of 2,500 records each); by default it grew to 150 until the next, with 75 in librdkafka's queues, 45 of Bun's own code and
  what the allocator keeps. Now JavaScriptCore's \`heapGrowthMaxIncrease\` is 1.5 and 7 MiB are fetched ahead, not 16: 300 MB instead of
  390 at nearly the same speed. With 1.25: 270 MB, a tenth slower. Machines below 16 GiB have less by default, and the option does nothing there.

Tried without gain, or with a loss elsewhere: \`linger.ms\` of 0, 0.3, 2, 3 and 5; polling for reports at each hand-over, handing
over at each poll; one to three database connections instead of six; statements every 20, 25 and 50 ms (PostgreSQL saves up to
40 %, rows come that much later); fetches of 20 ms or 256 KiB (the drain of both loses a fifth); lower priority for processor,
PostgreSQL and S3 server; the first compiler alone for Kafka; larger shared buffers and WAL; forced generic plans.`;
