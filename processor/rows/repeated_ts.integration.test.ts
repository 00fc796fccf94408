/**
 * An event that is sent again may have got another `ts` the first time: ingest replaces
 * one that is outside its window, and makes one when there is none. Such repeats are
 * duplicates, whichever of the two came first; only two given times can differ.
 */
import { beforeAll, expect, test } from "bun:test";
import { FIXED_EVENT_LIMITS, isRejection, parseEvent, type AcceptedEvent } from "@tally/shared";
import { batchOf, event, RECEIVED_MS } from "./testing/batches.ts";
import { NEVER, newSink, useTables } from "./testing/tables.ts";
import type { Sink } from "../pipeline/sink.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const tables = useTables();
/** One tries the statement for new events with each batch, the other only once. */
const sinks: Sink[] = [];
let partitions = 0;

beforeAll(async () => {
  for (const judgedBatches of [0, 1000]) {
    const { sink } = await newSink(tables.sql, `judged-${judgedBatches}`, {
      judgedBatches,
      partitions: 0,
    });
    sinks.push(sink);
  }
});

/** An event as ingest accepts it at a time. */
interface Sent {
  readonly ts: number | null;
  readonly receivedAtMs: number;
}

function accepted(eventId: string, { ts, receivedAtMs }: Sent): AcceptedEvent {
  const raw = { eventId, sessionId: "s-1", eventType: "page_view", payload: { n: 1 }, ts };
  const context = {
    limits: { ...FIXED_EVENT_LIMITS, tsOutside: "replace" },
    receivedAtMs,
    newEventId: () => "",
  } as const;
  const verdict = parseEvent(raw, context, false);
  if (isRejection(verdict)) throw new Error(verdict.code);
  return verdict;
}

const NOW = RECEIVED_MS;
const OLD = NOW - 366 * DAY_MS;
const AHEAD = NOW + 10 * 60_000;
const table: [title: string, first: Sent, second: Sent, fate: "duplicate" | "id_conflict"][] = [
  [
    "inside, inside",
    { ts: NOW, receivedAtMs: NOW + 5 },
    { ts: NOW, receivedAtMs: NOW + 9 },
    "duplicate",
  ],
  [
    "given, absent",
    { ts: NOW - 1, receivedAtMs: NOW },
    { ts: null, receivedAtMs: NOW + 9 },
    "duplicate",
  ],
  [
    "absent, given",
    { ts: null, receivedAtMs: NOW },
    { ts: NOW - 1, receivedAtMs: NOW + 9 },
    "duplicate",
  ],
  [
    "absent, absent",
    { ts: null, receivedAtMs: NOW },
    { ts: null, receivedAtMs: NOW + 9 },
    "duplicate",
  ],
  // The same event, repeated while the window moves on over its time.
  [
    "inside, then too old",
    { ts: OLD, receivedAtMs: NOW },
    { ts: OLD, receivedAtMs: NOW + HOUR_MS },
    "duplicate",
  ],
  [
    "too far ahead, then inside",
    { ts: AHEAD + 1, receivedAtMs: NOW },
    { ts: AHEAD + 1, receivedAtMs: NOW + 1 },
    "duplicate",
  ],
  // Received by another ingest, whose clock is behind the first one's.
  [
    "too old, then inside",
    { ts: OLD, receivedAtMs: NOW + 1 },
    { ts: OLD, receivedAtMs: NOW },
    "duplicate",
  ],
  [
    "inside, then too far ahead",
    { ts: AHEAD, receivedAtMs: NOW },
    { ts: AHEAD, receivedAtMs: NOW - 1 },
    "duplicate",
  ],
  [
    "too old both times",
    { ts: OLD - 1, receivedAtMs: NOW },
    { ts: OLD - 1, receivedAtMs: NOW + DAY_MS },
    "duplicate",
  ],
  [
    "too far ahead both times",
    { ts: AHEAD + DAY_MS, receivedAtMs: NOW },
    { ts: AHEAD + DAY_MS, receivedAtMs: NOW + 1 },
    "duplicate",
  ],
  [
    "too far ahead, then too old",
    { ts: NOW, receivedAtMs: NOW - HOUR_MS },
    { ts: NOW, receivedAtMs: NOW + 367 * DAY_MS },
    "duplicate",
  ],
  [
    "too old, absent",
    { ts: OLD - 1, receivedAtMs: NOW },
    { ts: null, receivedAtMs: NOW + 9 },
    "duplicate",
  ],
  [
    "absent, too far ahead",
    { ts: null, receivedAtMs: NOW },
    { ts: AHEAD + DAY_MS, receivedAtMs: NOW + 9 },
    "duplicate",
  ],
  [
    "two given times",
    { ts: NOW - 1, receivedAtMs: NOW },
    { ts: NOW - 2, receivedAtMs: NOW + 9 },
    "id_conflict",
  ],
  [
    "two given times at the edges",
    { ts: OLD, receivedAtMs: NOW },
    { ts: AHEAD, receivedAtMs: NOW },
    "id_conflict",
  ],
];

async function newPartition(sink: Sink): Promise<number> {
  const partition = partitions++;
  await sink.begin(partition, 0n);
  return partition;
}

for (const [title, first, second, fate] of table) {
  test(`write() finds a ${fate} when the times are: ${title}`, async () => {
    for (const sink of sinks) {
      const places = ["one batch", "two batches", "two partitions", "a batch with new events"];
      for (const place of places) {
        const id = Bun.randomUUIDv7();
        const [a, b] = [accepted(id, first), accepted(id, second)];
        const one = await newPartition(sink);
        const batches =
          place === "one batch"
            ? [batchOf(one, 0n, [a, b])]
            : place === "two batches"
              ? [batchOf(one, 0n, [a]), batchOf(one, 1n, [b])]
              : place === "two partitions"
                ? [batchOf(one, 0n, [a]), batchOf(await newPartition(sink), 0n, [b])]
                : [
                    batchOf(one, 0n, [a]),
                    batchOf(one, 1n, [event(`${id}-0`), b, event(`${id}-1`)]),
                  ];

        const written = [];
        for (const batch of batches) written.push(await sink.write(batch, NEVER));

        expect({
          place,
          duplicates: written.reduce((sum, { duplicates }) => sum + duplicates, 0),
          deadLetters: written.flatMap(({ deadLetters }) => deadLetters),
        }).toEqual({
          place,
          duplicates: fate === "duplicate" ? 1 : 0,
          deadLetters: fate === "duplicate" ? [] : ["id_conflict"],
        });
        const rows = await tables.sql`select ts from web_events where event_id = ${id}`;
        expect(rows.map(({ ts }) => (ts as Date).toISOString())).toEqual([a.ts]);
      }
    }
  });
}

test("write() compares each repeat with the row: many times on many sides of the window", async () => {
  const [sink] = sinks;
  if (sink === undefined) throw new Error("No sink");
  const id = Bun.randomUUIDv7();
  const sent: Sent[] = [
    { ts: OLD, receivedAtMs: NOW + 1 },
    { ts: OLD, receivedAtMs: NOW },
    { ts: null, receivedAtMs: NOW + 2 },
    { ts: OLD, receivedAtMs: NOW + DAY_MS },
    { ts: OLD, receivedAtMs: NOW - DAY_MS },
  ];

  const written = await sink.write(
    batchOf(
      await newPartition(sink),
      0n,
      sent.map((each) => accepted(id, each)),
    ),
    NEVER,
  );

  expect(written).toMatchObject({ events: 1, duplicates: 4, deadLetters: [] });
});
