/**
 * Records in the form of the project, and their conversion to and from the form of
 * the client. Every oddity of the client about keys and headers is handled here.
 */
import type { Message } from "@confluentinc/kafka-javascript";
import type { RecordHeader } from "../record.ts";

/** A record read from Kafka. */
export interface ConsumedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Milliseconds since 1970; -1 without a timestamp. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** In the record's order; a header without a value has an empty one here. */
  readonly headers: readonly RecordHeader[];
}

/** A record to publish. */
export interface OutgoingRecord {
  /** Records of one key go to one partition, the same as with Kafka's Java client. */
  readonly key: string | Buffer | null;
  /** A text is sent as UTF-8. */
  readonly value: string | Buffer | null;
  /** Milliseconds since 1970; with 0 the client takes the current time. */
  readonly timestampMs: number;
  /** A header without a value arrives with an empty one: the client knows no null there. */
  readonly headers?: readonly RecordHeader[];
}

/** A record as the client read it. */
export function consumedRecord(message: Message): ConsumedRecord {
  const { topic, partition, offset, timestamp, key, value, headers } = message;
  return {
    topic,
    partition,
    offset: BigInt(offset),
    timestampMs: timestamp ?? -1,
    key: key as Buffer | null, // Never a string here: the client reads keys as bytes.
    value,
    headers: headers === undefined ? NO_HEADERS : headers.map(readHeader),
  };
}

/** The headers of a record without any. */
export const NO_HEADERS: readonly RecordHeader[] = Object.freeze([]);

/** The client makes an object of one property of each header. */
function readHeader(header: { readonly [key: string]: string | Buffer }): RecordHeader {
  const [key] = Object.keys(header);
  if (key !== undefined) return { key, value: header[key] as Buffer };
  // Setting the property "__proto__" set the object's prototype instead.
  return { key: "__proto__", value: Object.getPrototypeOf(header) as Buffer };
}

/** The client cuts a string at its first NUL; it takes bytes as they are. */
export function keyOf({ key }: OutgoingRecord): string | Buffer | null {
  return typeof key === "string" && key.includes("\0") ? Buffer.from(key) : key;
}

/** Bytes that a record takes in the queue, near enough for a bound. */
export function bytesOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers ?? []) bytes += header.key.length + (header.value?.length ?? 0);
  return bytes;
}

/** The client takes values as bytes only. */
export function valueOf({ value }: OutgoingRecord): Buffer | null {
  return typeof value === "string" ? Buffer.from(value) : value;
}

const NO_BYTES = Buffer.alloc(0);

/** One object for each header: the client reads the first key only. */
export function nativeHeaders(headers: readonly RecordHeader[]): { [key: string]: Buffer }[] {
  return headers.map(({ key, value }) => ({ [key]: value ?? NO_BYTES }));
}
