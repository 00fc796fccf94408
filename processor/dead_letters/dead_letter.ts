/**
 * A record that can't become a row: what is kept of it, byte for byte. The
 * PostgreSQL sink inserts it in the statement that moves the position, so that
 * one bad record neither stops a partition nor is thrown away.
 */
import { ERRORS, isEventId, type RecordFault } from "@tally/shared";
import type { ConsumedRecord, KafkaHeader } from "@tally/shared/kafka";

/** Why a record is set aside. */
export interface DeadLetterFault extends RecordFault {
  /** Fixed text, never the record's content; the code's title when absent. */
  readonly message?: string;
  /** The event's id, when the record could be decoded. */
  readonly eventId?: string;
}

/** A row of `dead_letters`, less the columns that the database fills. */
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
  /** Kafka's timestamp, ms since 1970; negative: the record has none. */
  readonly recordTimestampMs: number;
}

/**
 * The dead letter of a record: its exact bytes and why. A pure function, so a re-read gives the
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
export function encodeHeaders(headers: readonly KafkaHeader[]): Buffer {
  const pairs = headers.map(({ key, value }) => [
    Buffer.from(key).toString("base64"),
    value?.toString("base64") ?? null,
  ]);
  return Buffer.from(JSON.stringify(pairs));
}

/** Headers as `encodeHeaders` wrote them. */
export function decodeHeaders(bytes: Uint8Array): KafkaHeader[] {
  const pairs = JSON.parse(Buffer.from(bytes).toString()) as [string, string | null][];
  return pairs.map(([key, value]) => ({
    key: Buffer.from(key, "base64").toString(),
    value: value === null ? null : Buffer.from(value, "base64"),
  }));
}

// Larger ones are not parsed only to look for an id; twice the largest event that HTTP accepts by
// default.
const SEARCHED_BYTES_MAX = 128 * 1024;

/**
 * The id that a record names, when it is well formed: whoever looks for their event finds the dead
 * letter.
 */
function findEventId(value: Buffer | null): string | null {
  if (value === null || value.length > SEARCHED_BYTES_MAX) return null;
  try {
    const raw: unknown = JSON.parse(value.toString());
    if (typeof raw !== "object" || raw === null || !("eventId" in raw)) return null;
    return typeof raw.eventId === "string" && isEventId(raw.eventId) ? raw.eventId : null;
  } catch {
    // No JSON, or nested beyond the stack: it has no id that could be found.
    return null;
  }
}
