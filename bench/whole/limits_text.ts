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
| ingest | 50 | 9 | - |
| Kafka | 30 | 6 | 3 |
| processor, rows | 15 | 7 | 5 |
| processor, archive | 10 | 6 | 5 to 7 |
| PostgreSQL | 24 | 11 | 9 |
| S3 server | 6 | 5 | 5 |
| **all** | **about 155** | **about 45** | **about 28** |
| two cores do at most | 13,000/s | 44,000/s | 71,000/s |

- **Single events.** With everything running both cores are busy: nobody waits for a lock or a timer that could be taken away.
  Ingest alone answers 18,000 a second (a fifth of what \`Bun.serve\` does that reads nothing and sends nothing on). Of its
  50 µs 8 are the kernel's for sending the answer, 7 librdkafka's thread, 7 parsing and judging, 4 metrics, the rest Bun's HTTP,
  promises and the hand-over. A single event is dear behind ingest, too: librdkafka sends a request for each partition, so that at these
  rates a request has one to three records, and a statement has a dozen rows.
- **p99 at 5,000 a second.** 6 ms with ingest alone, 10 to 20 with rows and archive: six partitions' statements start together
  behind each fetch and take both cores for some milliseconds.
- **Rows against \`COPY\`.** \`COPY\` reads a file of its own server and costs 5 to 6 µs a row on one core. The statement costs the
  server 7 to 8: it reads rows as text arrays and JSON, checks each id for itself and moves the position. With the processor's
  5 and Kafka's 1 the most that two cores can do is about 0.8 of \`COPY\`.
- **Rows and archive against raw consume.** Since messages come packed the bare client reads a million records a second, eight times
  as many as when the ratio was set. Of the archive's CPU a quarter is decoding, as it trusts nobody else's verdict on a record,
  and most of the rest the upload: 1,000 lines an object.
- **Sustained.** 46,500 events a second held for 5 s and not for a minute: the bound above. The search then went down to
  37,000, which both sinks follow within 30 ms.
- **Memory of the processor.** It is garbage that JavaScriptCore has not collected yet, not what is held (two sinks, six partitions of
  2,500 records each). With a heap that is kept small it peaks at 270 MB, for a fifth more CPU and a tenth less throughput: not taken.

Tried without gain, or with a loss elsewhere: \`linger.ms\` of 0, 0.3, 2.5, 3 and 5; polling for reports at each hand-over; one to
three database connections instead of six; statements every 20, 25 and 50 ms (PostgreSQL saves up to 40 %, rows come that much later);
fetches of 20 ms or 256 KiB (the drain of both loses a fifth); lower priority for processor, PostgreSQL and S3 server; the
second compiler for the S3 server; larger shared buffers and WAL; forced generic plans.`;
