/**
 * Records and delivery reports, unpacked: native/packed.h explains how and why they
 * are packed. Bytes of records are views of a few blocks, not memory of their own.
 */
import type { Message } from "@confluentinc/kafka-javascript";
import { PipelineError } from "../error.ts";
import { consumedRecord, NO_HEADERS, type ConsumedRecord } from "./client_record.ts";

/** What the compatibility library and the addon export for this. */
export interface Packed {
  /** The messages of the current callback: their fields, then the blocks of their bytes. */
  takeMessages(): readonly ArrayBuffer[];
  /** Fields of the reports of records that were delivered, as far as poll() has found them. */
  takeReports(): ArrayBuffer;
  /**
   * Hands packed records over, in order. Returns how many the client's queue has taken: none after
   * one that it refuses.
   */
  produceMany(producer: NativeHandle, topic: string, records: PackedRecords): number;
  /**
   * Calls back when there is something to poll for and there was nothing before; with null, never
   * again.
   */
  announceReports(producer: NativeHandle, onReports: (() => void) | null): void;
  /** From the next fetch on the broker collects for this long, or until it has this many bytes. */
  paceFetches(consumer: NativeHandle, waitMs: number, bytesMin: number): void;
  /** From the next batch on a batch of several records has at most this many bytes. */
  limitBatches(producer: NativeHandle, bytesMax: number): void;
}

/** Records to publish; record_packer.ts packs them. */
export interface PackedRecords {
  /** Doubles; four for each record. */
  readonly fields: Buffer;
  /** Keys and values, one after the other. */
  readonly bytes: Buffer;
  /** Number of records. */
  readonly count: number;
}

/** The addon's object behind a client. */
export type NativeHandle = object;

/** What one call has consumed. */
export interface PackedMessages {
  readonly topic: string;
  /** What `takeMessages()` gave. */
  readonly blocks: readonly ArrayBuffer[];
  /** The messages that are not packed: those with headers. */
  readonly others: readonly Message[];
}

/** The end of a partition's log was reached: its next offset then. */
export interface LogEnd {
  readonly partition: number;
  readonly offset: number;
}

// Fields per message, in this order: partition, offset, timestamp, length of the key, length of the
// value (-1 without one), kind.
const FIELDS = 6;
const IN_NEW_BLOCK = 1;
/** The kind of an entry that is no message: the end of a partition's log. */
export const LOG_END = 2;
const OTHER = 3;

/** Number of messages, without the ends of logs among them. */
export function countMessages({ blocks }: PackedMessages): number {
  const fields = new Float64Array(blocks[0] ?? EMPTY);
  let count = 0;
  for (let at = FIELDS - 1; at < fields.length; at += FIELDS) if (fields[at] !== LOG_END) count++;
  return count;
}

/**
 * The records of one call, in order, and the ends of logs among them.
 *
 * @param isWanted Asked once for each record; one that is not wanted is left out.
 * @throws {PipelineError} `internal` when the packed messages are not those of the call.
 */
export function unpackMessages(
  { topic, blocks, others }: PackedMessages,
  isWanted: (partition: number, offset: number) => boolean,
): { readonly records: ConsumedRecord[]; readonly ends: readonly LogEnd[] } {
  const fields = new Float64Array(blocks[0] ?? EMPTY);
  const records: ConsumedRecord[] = [];
  const ends: LogEnd[] = [];
  let block = EMPTY;
  let blockIndex = 0;
  let otherIndex = 0;
  let at = 0;
  for (let field = 0; field < fields.length; field += FIELDS) {
    const kind = fields[field + 5];
    if (kind === OTHER) {
      const message = others[otherIndex++];
      if (message !== undefined && isWanted(message.partition, message.offset))
        records.push(consumedRecord(message));
      continue;
    }
    const partition = fields[field] ?? 0;
    const offset = fields[field + 1] ?? 0;
    if (kind === LOG_END) {
      ends.push({ partition, offset });
      continue;
    }
    const timestampMs = fields[field + 2] ?? -1;
    const keyLength = fields[field + 3] ?? -1;
    const valueLength = fields[field + 4] ?? -1;
    if (kind === IN_NEW_BLOCK) {
      block = blocks[++blockIndex] ?? EMPTY;
      at = 0;
    }
    const valueAt = at + Math.max(0, keyLength);
    if (isWanted(partition, offset)) {
      records.push({
        topic,
        partition,
        offset: BigInt(offset),
        timestampMs,
        key: keyLength < 0 ? null : Buffer.from(block, at, keyLength),
        value: valueLength < 0 ? null : Buffer.from(block, valueAt, valueLength),
        headers: NO_HEADERS,
      });
    }
    at = valueAt + Math.max(0, valueLength);
  }
  if (otherIndex !== others.length) {
    const problem = `got ${others.length} with headers, expected ${otherIndex}`;
    throw new PipelineError("internal", `Cannot unpack messages: ${problem}`);
  }
  return { records, ends };
}

const EMPTY = new ArrayBuffer(0);

/**
 * Passes on each report of a record that was delivered.
 *
 * @param onDelivered Gets the number that was sent with the record, and the record's place.
 */
export function unpackReports(
  reports: ArrayBuffer,
  onDelivered: (opaque: number, partition: number, offset: bigint) => void,
): void {
  const fields = new Float64Array(reports);
  // Fields per report, in this order: opaque, partition, offset.
  for (let field = 0; field < fields.length; field += 3) {
    onDelivered(fields[field] ?? -1, fields[field + 1] ?? -1, BigInt(fields[field + 2] ?? -1));
  }
}
