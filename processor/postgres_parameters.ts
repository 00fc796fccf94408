/** A batch as parameters of the statements (postgres_statement.ts). Pure. */
import { isRecordFault, type DecodedEvent } from "@tally/shared";
import { deadLetter, type DeadLetter } from "./dead_letter.ts";
import type { Latencies } from "./pending_latencies.ts";
import { recordHash } from "./positions.ts";
import type { Batch } from "./sink.ts";

/** An event and where it stands in the log. */
export interface EventAt {
  readonly event: DecodedEvent;
  readonly offset: bigint;
}

/** A batch, taken apart. */
export interface Parts {
  /** By event id, then offset: statements that share ids take their locks in one order. */
  readonly events: readonly EventAt[];
  readonly deadLetters: readonly DeadLetter[];
}

/** Events and dead letters of a batch. */
export function takeApart(batch: Batch): Parts {
  const events: EventAt[] = [];
  const deadLetters: DeadLetter[] = [];
  for (const { record, decoded } of batch.records) {
    if (isRecordFault(decoded)) deadLetters.push(deadLetter(record, decoded));
    else events.push({ event: decoded, offset: record.offset });
  }
  // Sorting is stable, so equal ids keep their offset order: the first one wins.
  events.sort((a, b) =>
    a.event.eventId < b.event.eventId ? -1 : a.event.eventId > b.event.eventId ? 1 : 0,
  );
  return { events, deadLetters };
}

/** What the statements are told. */
export interface StatementInput {
  /** Number of the log in the tables. */
  readonly log: number;
  readonly batch: Batch;
  readonly parts: Parts;
  /** Of the batch before. */
  readonly latencies: Latencies;
}

/** A value as it is sent. */
export type Parameter = string | number | null;

/** Parameters of `WRITE_BATCH`. */
export function batchParameters(input: StatementInput): Parameter[] {
  const { batch, parts, latencies } = input;
  const { events, deadLetters } = parts;
  const codes = countBy(deadLetters, ({ code }) => code);
  return [
    ...eventParameters(input),
    JSON.stringify(deadLetters.map(deadLetterJson)),
    codes,
    batch.records.length,
    lastHash(batch),
    latestReceivedAt(events),
    `{${latencies.buckets}}`,
    latencies.sumMs,
    `{${batch.gaps.map((gap) => gap.firstOffset)}}`,
    `{${batch.gaps.map((gap) => gap.lastOffset)}}`,
  ];
}

/** Parameters of `WRITE_NEW_EVENTS`; the batch has 1 event or more and nothing else. */
export function newEventsParameters(input: StatementInput): Parameter[] {
  const { batch, parts, latencies } = input;
  const { events } = parts;
  return [
    ...eventParameters(input),
    events.length,
    countBy(events, ({ event }) => event.eventType),
    lastHash(batch),
    latestReceivedAt(events),
    `{${latencies.buckets}}`,
    latencies.sumMs,
  ];
}

/** $1 to $11; arrays as PostgreSQL's text form, payloads as one JSON array. */
function eventParameters({ log, batch, parts: { events } }: StatementInput): Parameter[] {
  return [
    log,
    batch.partition,
    batch.firstOffset.toString(),
    batch.nextOffset.toString(),
    // Quoted like the others: an id may be the word null.
    textArray(events.map(({ event }) => event.eventId)),
    textArray(events.map(({ event }) => event.sessionId)),
    textArray(events.map(({ event }) => event.eventType)),
    `{${events.map(({ event }) => event.ts)}}`,
    `{${events.map(({ event }) => event.receivedAt)}}`,
    `[${events.map(({ event }) => event.payload)}]`,
    `{${events.map(({ offset }) => offset)}}`,
  ];
}

/** A JSON object: how many there are of each name. A name may be any text, also `__proto__`. */
function countBy<T>(values: readonly T[], nameOf: (value: T) => string): string {
  const counts = new Map<string, number>();
  for (const value of values) {
    const name = nameOf(value);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return JSON.stringify(Object.fromEntries(counts));
}

function lastHash({ records }: Batch): string | null {
  const last = records.at(-1);
  return last === undefined ? null : recordHash(last.record.value);
}

/** Bytes travel as hex: PostgreSQL's `decode` takes it, and it can't hold anything to escape. */
function deadLetterJson(letter: DeadLetter): Record<string, string | number | null> {
  return {
    offset: letter.offset.toString(),
    code: letter.code,
    pointer: letter.pointer,
    message: letter.message,
    event_id: letter.eventId,
    key: letter.key?.toString("hex") ?? null,
    value: letter.value?.toString("hex") ?? null,
    headers: letter.headers.toString("hex"),
    record_timestamp_ms: letter.recordTimestampMs,
  };
}

/** The text form of a text[]: every element quoted. */
function textArray(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, "\\$&")}"`)}}`;
}

function latestReceivedAt(events: readonly EventAt[]): string | null {
  let latest: EventAt | null = null;
  for (const candidate of events) {
    if (latest === null || candidate.offset > latest.offset) latest = candidate;
  }
  return latest?.event.receivedAt ?? null;
}
