/** A batch as parameters of the statements (postgres_statement.ts). Pure. */
import { isRecordFault, type DecodedEvent } from "@tally/shared";
import { deadLetter, type DeadLetter } from "../dead_letters/dead_letter.ts";
import type { Latencies } from "./pending_latencies.ts";
import { recordHash } from "../pipeline/record_hash.ts";
import type { Batch } from "../pipeline/sink.ts";

/** An event and where it stands in the log. */
export interface EventAt {
  readonly event: DecodedEvent;
  readonly partition: number;
  readonly offset: bigint;
}

/** A batch, taken apart. */
export interface Parts {
  /** By event id, then offset: statements that share ids take their locks in one order. */
  readonly events: readonly EventAt[];
  readonly deadLetters: readonly DeadLetter[];
}

/** Events and dead letters of a batch. */
export function takeApart({ partition, records }: Batch): Parts {
  const events: EventAt[] = [];
  const deadLetters: DeadLetter[] = [];
  for (const { record, decoded } of records) {
    if (isRecordFault(decoded)) deadLetters.push(deadLetter(record, decoded));
    else events.push({ event: decoded, partition, offset: record.offset });
  }
  // Sorting is stable, so equal ids keep their offset order: the first one wins.
  events.sort(byEventId);
  return { events, deadLetters };
}

function byEventId({ event: a }: EventAt, { event: b }: EventAt): number {
  return a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0;
}

/** What the statements are told. */
export interface StatementInput {
  /** Number of the log in the tables. */
  readonly logNumber: number;
  readonly batch: Batch;
  readonly parts: Parts;
  /** Of the batch before. */
  readonly latencies: Latencies;
}

/** A value as it is sent. */
export type Parameter = string | number | null;

/** Parameters of `WRITE_BATCH`. */
export function batchParameters({
  logNumber,
  batch,
  parts,
  latencies,
}: StatementInput): Parameter[] {
  const { events, deadLetters } = parts;
  const codes = countBy(deadLetters, ({ code }) => code);
  return [
    logNumber,
    ...columns(events),
    batch.partition,
    batch.firstOffset.toString(),
    batch.nextOffset.toString(),
    JSON.stringify(deadLetters.map(deadLetterJson)),
    JSON.stringify(codes),
    batch.records.length,
    lastHash(batch),
    latestReceivedAt(events),
    `{${latencies.buckets}}`,
    latencies.sumMs,
    `{${batch.gaps.map((gap) => gap.firstOffset)}}`,
    `{${batch.gaps.map((gap) => gap.lastOffset)}}`,
  ];
}

/**
 * Parameters of `WRITE_NEW_EVENTS`.
 *
 * @param log Number of the log in the tables.
 * @param inputs Batches of different partitions; each has 1 event or more and nothing else.
 */
export function newEventsParameters(
  logNumber: number,
  inputs: readonly StatementInput[],
): Parameter[] {
  const rows = inputs.flatMap(({ parts: { events } }) => events);
  if (inputs.length > 1) rows.sort(byEventId);
  return [
    logNumber,
    ...columns(rows),
    `{${rows.map(({ partition }) => partition)}}`,
    JSON.stringify(inputs.map(newBatchJson)),
  ];
}

/** A batch as `WRITE_NEW_EVENTS` takes it; an offset is a string, which holds all of a bigint. */
function newBatchJson({ batch, parts: { events }, latencies }: StatementInput) {
  return {
    partition: batch.partition,
    first_offset: batch.firstOffset.toString(),
    next_offset: batch.nextOffset.toString(),
    records: events.length,
    event_types: countBy(events, ({ event }) => event.eventType),
    last_hash: lastHash(batch),
    last_received_at: latestReceivedAt(events),
    latency: latencies.buckets,
    latency_ms_sum: latencies.sumMs,
  };
}

/** $2 to $8 of both: arrays as PostgreSQL's text form, payloads as one JSON array. */
function columns(events: readonly EventAt[]): Parameter[] {
  return [
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

/** How many there are of each name, which may be any text, also `__proto__`. */
function countBy<T>(
  values: readonly T[],
  nameOf: (value: T) => string,
): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const value of values) {
    const name = nameOf(value);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
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
