/**
 * Batches as the parameters of both statements (write_batch.sql,
 * write_new_events.sql). Pure.
 */
import { isReceiveTime, isRecordFault, isResent, type DecodedEvent } from "@tally/shared";
import { countSums, type CountSum } from "./count_sums.ts";
import { deadLetter, type DeadLetter } from "../dead_letters/dead_letter.ts";
import type { Latencies } from "./pending_latencies.ts";
import { lastRecordOf } from "../pipeline/record_hash.ts";
import { gapRows } from "../pipeline/gap_rows.ts";
import type { Batch } from "../pipeline/sink.ts";

/** An event and its place in the log. */
export interface EventAt {
  readonly event: DecodedEvent;
  readonly partition: number;
  readonly offset: bigint;
  /** Whether its record is a dead letter that was sent again. */
  readonly isResent: boolean;
}

/** The events and dead letters of a batch. */
export interface Parts {
  /** By event id, then offset: statements that share ids take their locks in one order. */
  readonly events: readonly EventAt[];
  readonly deadLetters: readonly DeadLetter[];
}

/** Sorts the records of a batch into events and dead letters. */
export function takeApart({ partition, records }: Batch): Parts {
  const events: EventAt[] = [];
  const deadLetters: DeadLetter[] = [];
  for (const { record, decoded } of records) {
    if (isRecordFault(decoded)) deadLetters.push(deadLetter(record, decoded));
    else {
      const { offset } = record;
      events.push({ event: decoded, partition, offset, isResent: isResent(record) });
    }
  }
  // Sorting is stable, so equal ids keep their offset order: the first one wins.
  events.sort(byEventId);
  return { events, deadLetters };
}

function byEventId({ event: a }: EventAt, { event: b }: EventAt): number {
  return a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0;
}

/**
 * The receive times of the events whose latency is measured. A dead letter that was sent again kept
 * its time: how long it waited for a person says nothing about the system.
 */
export function measuredTimes({ events }: Parts): readonly string[] {
  return events.filter((each) => !each.isResent).map(({ event }) => event.receivedAt);
}

/** A batch as a statement writes it. */
export interface StatementInput {
  readonly batch: Batch;
  readonly parts: Parts;
  /** Latencies of the previous batch. */
  readonly latencies: Latencies;
  /** Numbers of the partition's event types; `WRITE_BATCH` needs none. */
  readonly numbers?: ReadonlyMap<string, number>;
}

/** A value as it is sent. */
export type Parameter = string | number | null;

/**
 * The parameters of a statement: $1 is the number of the log, $2 the batches as a JSON array, $3 to
 * $11 are the columns of their events, one array per column.
 *
 * @param inputs One batch for `WRITE_BATCH`; for `WRITE_NEW_EVENTS` one per partition.
 */
export function statementParameters(
  logNumber: number,
  inputs: readonly StatementInput[],
): Parameter[] {
  const events = inputs.flatMap((input) => input.parts.events);
  if (inputs.length > 1) events.sort(byEventId);
  return [
    logNumber,
    JSON.stringify(inputs.map(batchJson)),
    // Each text is quoted: an id may be the word null.
    textArray(events.map(({ event }) => event.eventId)),
    textArray(events.map(({ event }) => event.sessionId)),
    textArray(events.map(({ event }) => event.eventType)),
    `{${events.map(({ event }) => event.ts)}}`,
    `{${events.map(({ event }) => event.receivedAt)}}`,
    `[${events.map(({ event }) => event.payload)}]`,
    `{${events.map(({ partition }) => partition)}}`,
    `{${events.map(({ offset }) => offset)}}`,
    sourceArray(events),
  ];
}

/** What a batch of a partition adds to the counts. */
export interface PartitionSum extends CountSum {
  readonly partition: number;
}

/** What batches add to the counts. */
export function sumsOf(inputs: readonly StatementInput[]): readonly PartitionSum[] {
  return inputs.flatMap(({ batch: { partition }, parts, numbers = NO_NUMBERS }) =>
    countSums(
      parts.events.map(({ event }) => event),
      numbers,
    ).map((sum) => ({ partition, ...sum })),
  );
}

/** $13 to $18 of `WRITE_NEW_EVENTS`: the columns of the sums. */
export function sumParameters(sums: readonly PartitionSum[]): Parameter[] {
  return [
    `{${sums.map(({ partition }) => partition)}}`,
    `{${sums.map(({ start }) => start)}}`,
    `{${sums.map(({ isMinute }) => isMinute)}}`,
    `{${sums.map(({ total }) => total)}}`,
    `{${sums.map(({ late }) => late)}}`,
    textArray(sums.map(({ counts }) => `{${counts}}`)),
  ];
}

const NO_NUMBERS: ReadonlyMap<string, number> = new Map();

/** The sources as a text[]; nulls at its end are left out, as `unnest` puts them back. */
function sourceArray(events: readonly EventAt[]): string {
  const last = events.findLastIndex(({ event }) => event.source !== undefined);
  const known = events.slice(0, last + 1).map(({ event }) => event.source);
  return `{${known.map((source) => (source === undefined ? "null" : `"${source}"`))}}`;
}

/** What a batch adds to its position. Offsets are strings, which hold all of a bigint. */
function batchJson({ batch, parts, latencies, numbers }: StatementInput) {
  const { events, deadLetters } = parts;
  const last = lastRecordOf(batch);
  return {
    partition: batch.partition,
    first_offset: batch.firstOffset.toString(),
    next_offset: batch.nextOffset.toString(),
    records: batch.records.length,
    counted_types: numbers?.size ?? 0,
    event_types: countBy(events, ({ event }) => event.eventType),
    dead_letters: deadLetters.map(deadLetterJson),
    dead_letter_codes: countBy(deadLetters, ({ code }) => code),
    gaps: gapRows(batch.gaps),
    // Nulls leave the position's as they are.
    last_hash: last?.hash ?? null,
    last_offset: last?.offset ?? null,
    last_received_at: latestReceivedAt(events),
    latency: latencies.buckets,
    latency_ms_sum: latencies.sumMs,
  };
}

/** How many values have each name; a name may be any text, also `__proto__`. */
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

/** Bytes are sent as hex: PostgreSQL's `decode` takes it, and nothing in it must be escaped. */
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

function latestReceivedAt(events: readonly EventAt[]): string | null {
  let latest: EventAt | null = null;
  for (const candidate of events) {
    if (latest !== null && candidate.offset <= latest.offset) continue;
    if (isReceiveTime(Date.parse(candidate.event.receivedAt))) latest = candidate;
  }
  return latest?.event.receivedAt ?? null;
}

/** A text[] as PostgreSQL reads it, with every element quoted. */
function textArray(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, "\\$&")}"`)}}`;
}
