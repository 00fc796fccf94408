/**
 * The dead letter of a record that can't become a row: its exact bytes, and why. The
 * PostgreSQL sink inserts it in the statement that moves the position, so that a bad
 * record neither stops a partition nor gets lost.
 */
import { ERRORS, isEventId, type RecordFault, type RecordHeader } from "@tally/shared";
import type { ConsumedRecord } from "@tally/shared/kafka";

/** Why a record is set aside. */
export interface DeadLetterFault extends RecordFault {
  /** Fixed text, never the record's content. The code's title when absent. */
  readonly message?: string;
  /** The event's id, when the record could be decoded. */
  readonly eventId?: string;
}

/** A row of `dead_letters`, without the columns that the database fills. */
export interface DeadLetter {
  readonly offset: bigint;
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
  readonly eventId: string | null;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Exact headers, as `encodeHeaders` writes them. */
  readonly headers: Buffer;
  /** Kafka's timestamp, ms since 1970; negative when the record has none. */
  readonly recordTimestampMs: number;
}

/**
 * Makes the dead letter of a record. A pure function, so that reading the record again gives the
 * same.
 */
export function deadLetter(record: ConsumedRecord, fault: DeadLetterFault): DeadLetter {
  return {
    offset: record.offset,
    code: fault.code,
    pointer: fault.pointer,
    message: fault.message ?? ERRORS[fault.code].title,
    eventId: fault.eventId ?? findEventId(record.value),
    key: record.key,
    value: record.value,
    headers: encodeHeaders(record.headers),
    recordTimestampMs: record.timestampMs,
  };
}

/** Headers as JSON text: `[[base64 of key, base64 of value or null], ...]`, in their order. */
export function encodeHeaders(headers: readonly RecordHeader[]): Buffer {
  const pairs = headers.map(({ key, value }) => [
    Buffer.from(key).toString("base64"),
    value?.toString("base64") ?? null,
  ]);
  return Buffer.from(JSON.stringify(pairs));
}

/** Headers as `encodeHeaders` wrote them. */
export function decodeHeaders(bytes: Uint8Array): RecordHeader[] {
  const pairs = JSON.parse(Buffer.from(bytes).toString()) as [string, string | null][];
  return pairs.map(([key, value]) => ({
    key: Buffer.from(key, "base64").toString(),
    value: value === null ? null : Buffer.from(value, "base64"),
  }));
}

/** Larger values are not parsed for an id: this is twice the largest event that HTTP accepts. */
const SEARCHED_BYTES_MAX = 128 * 1024;

/**
 * The event id that a record's value names, or null when there is no well-formed one. With it a
 * search for the event finds the dead letter.
 */
export function findEventId(value: Buffer | null): string | null {
  if (value === null || value.length > SEARCHED_BYTES_MAX) return null;
  try {
    const raw: unknown = JSON.parse(value.toString());
    if (typeof raw !== "object" || raw === null || !("eventId" in raw)) return null;
    return typeof raw.eventId === "string" && isEventId(raw.eventId) ? raw.eventId : null;
  } catch {
    // No JSON, or nested deeper than the stack: no id can be found.
    return null;
  }
}
