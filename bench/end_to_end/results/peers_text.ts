/** What other systems did on the same machine: a part of `docs/performance.md`. */

export const PEERS_TEXT = `## Beside other systems

Measured on 2026-11-27 on commit 81f9572, one after the other on one machine: two cores, the same broker, database, sender and events.
Every answer of Tally and of Bento comes after the broker has the event; the Spring demo answers before.

| The same work | Tally | Spring demo | Bento 1.20, tuned |
| --- | ---: | ---: | ---: |
| single events, 64 connections, everything on | 8,351/s, p99 24 ms | **12,013/s**, p99 74 ms | 5,860/s, p99 33 ms |
| single events, 256 connections, everything on | 10,547/s, p99 60 ms | **11,440/s**, p99 778 ms | 9,073/s, p99 63 ms |
| single events, ingest alone, 64 connections | 14,804/s | **17,406/s** | 14,697/s |
| single events, ingest alone, 256 connections | **21,170/s** | 16,983/s | 15,660/s |
| batches of 500, ingest alone, payload a string | 108,735/s | - | **144,813/s** |
| batches of 500, ingest alone, payload an object | **130,946/s** | - | 109,152/s |
| drain of 600,000 to rows; CPU of all processes a row | **76,645/s**, 23.5 µs | 31,666/s, 29.3 µs | 45,192/s, 42.8 µs |
| CPU an event at 64 connections: own services, Kafka, PostgreSQL, S3 server | 112, 35, 28, 9 µs | 95, 14, 29, - µs | 171, 44, 75, - µs |
| nothing to do: CPU of own services, Kafka | 38, 81 ms/s | **13**, 30 ms/s | 24, **20** ms/s |

Kafka Connect with Debezium's JDBC sink drained 39,554 rows a second at 49.3 µs a row. To repeat a line of Tally: the benchmark of the same
name in \`bun run bench\`. The others were given the same topic and table, and the same sender (\`bench/driver/\`) with their own address.

Tally has changed since then, and the others were not measured again. Before and after each change, in one sitting, on a machine that was
between half as fast and as fast as the one above:

| What | Before | After |
| --- | ---: | ---: |
| single events, 64 connections, everything on | 4,300 to 5,100/s, p99 65 to 82 ms | 6,400/s, p99 30 to 36 ms |
| single events, 256 connections, everything on | 4,100 to 6,500/s | 6,800 to 14,300/s |
| CPU of all processes, an event, 256 connections | 196 to 255 µs | 106 to 204 µs |
| CPU of ingest, a request, with a producer that answers by itself | 51 µs | 37 µs |
| batches of 500, ingest alone, payload an object: CPU of ingest an event | 9.8 µs | 4.9 to 6.9 µs |
| nothing to do: CPU of ingest and processor together | 38 ms/s | 13 ms/s |

The version before the speed work (ca3a798) and the present one, in turn on one quiet machine on 2026-11-29: five rounds each, warm servers,
medians. The ratio is the median of the five pairs, with the least and the most.

| What | Before | After | Ratio |
| --- | ---: | ---: | ---: |
| single events, 64 connections, everything on | 14,762/s, p99 12.2 ms | 15,143/s, p99 11.5 ms | 1.03 (0.98 to 1.08) |
| single events, 256 connections, everything on | 19,366/s, p99 29.7 ms | 21,981/s, p99 26.7 ms | 1.12 (0.96 to 1.29) |
| CPU of all processes an event, 64; 256 connections | 79.6; 74.6 µs | 81.8; 63.9 µs | 1.03 (0.93 to 1.09); 0.87 (0.75 to 1.02) |
| single events, ingest alone, 64 connections | 21,087/s | 23,448/s | 1.14 (1.02 to 1.26) |
| single events, ingest alone, 256 connections | 35,955/s | 38,520/s | 0.97 (0.95 to 1.18) |
| batches of 500, ingest alone, payload an object | 202,671/s, 5.6 µs | 341,632/s, 3.3 µs | 1.80 (1.62 to 1.98) |
| batches of 500, ingest alone, payload a string | 172,746/s, 6.4 µs | 259,168/s, 4.2 µs | 1.55 (1.41 to 1.71) |
| batches of 500 for 10 s until all are rows and archive lines | 69,358/s | 81,578/s | 1.16 (1.08 to 1.21) |
| drain to rows | 154,493/s | 150,043/s | 1.00 (0.91 to 1.09) |
| drain to rows and archive | 104,763/s | 101,160/s | 0.97 (0.76 to 1.15) |

So batches are much faster, and single events a little. The targets of that work for single events (1.6 times at 64 connections, 1.4 at 256) and
for the drain of both sinks (1.15) are not met. On this machine two cores have 2,000,000 µs a second. With 256 connections, where every batch
is full, an event costs all processes 64 µs and its sender about 19: that is 24,000 a second at most, 1.6 times the version before at 64
connections, with no idle moment. With 64 connections a quarter of both cores is idle, because each request waits for a round trip of about
3 ms through ingest, its client and the broker. Without the client's linger of 1 ms the wait is shorter, but there are more and smaller requests
to the broker: the CPU rises by a sixth, and the rate stays (two rounds: 14,480 and 14,100/s against 14,250 and 14,240).

- **Nothing to do.** Of the 13 ms a second, ingest takes 2 and the processor 11. Kafka takes 30 when its compilers have finished, 20 of them
  by itself; what is left are two fetches a second of each sink, heartbeats, and a look at the partitions every second. They are the price of
  noticing a dead leader in a second and new partitions in ten.
- **A string as payload** costs more than an object: the string is judged as a string of the request, and what it holds is judged as JSON.
  The JSON inside must be parsed, because the record holds it as a value.
- **The first seconds after a start** are slow because Kafka and PostgreSQL are cold: 3,000 requests that run inside ingest before the first
  one comes shorten its own part by 0.06 s in all, so ingest does without.`;
