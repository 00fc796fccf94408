/**
 * Records and delivery reports, unpacked: native/packed.h explains how and why they
 * are packed. Bytes of records are views of a few blocks, not memory of their own.
 */
import type { Message } from "@confluentinc/kafka-javascript";
import { PipelineError } from "../error.ts";
import { consumedRecord, NO_HEADERS, type ConsumedRecord } from "./client_record.ts";

/** What the compatibility library exports; each call takes all that this thread has. */
export interface Packed {
  /** The messages of the current callback: their fields, then the blocks of their bytes. */
  takeMessages(): readonly ArrayBuffer[];
  /** Fields of the reports of records that were delivered. */
  takeReports(): ArrayBuffer;
}

/** The messages of one callback: undefined where one is packed. */
export type MaybePacked = readonly (Message | undefined)[];

// Fields per message, in this order: partition, offset, timestamp, length of the key, length of the
// value (-1 without one), whether a new block begins.
const FIELDS = 6;

/**
 * The records of one callback, in order.
 *
 * @param isWanted Asked once for each record; one that is not wanted is left out.
 * @throws {PipelineError} `internal` when blocks and messages belong to different callbacks.
 */
export function unpackMessages(
  messages: MaybePacked,
  { topic, blocks }: { readonly topic: string; readonly blocks: readonly ArrayBuffer[] },
  isWanted: (partition: number, offset: number) => boolean,
): ConsumedRecord[] {
  const fields = new Float64Array(blocks[0] ?? EMPTY);
  const records: ConsumedRecord[] = [];
  let block = EMPTY;
  let blockIndex = 0;
  let at = 0;
  let field = 0;
  for (const message of messages) {
    if (message !== undefined) {
      if (isWanted(message.partition, message.offset)) records.push(consumedRecord(message));
      continue;
    }
    const partition = fields[field] ?? 0;
    const offset = fields[field + 1] ?? 0;
    const timestampMs = fields[field + 2] ?? -1;
    const keyLength = fields[field + 3] ?? -1;
    const valueLength = fields[field + 4] ?? -1;
    if (fields[field + 5] === 1) {
      block = blocks[++blockIndex] ?? EMPTY;
      at = 0;
    }
    field += FIELDS;
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
  if (field !== fields.length) {
    const [found, wanted] = [fields.length / FIELDS, field / FIELDS];
    const problem = `got ${found}, expected ${wanted}`;
    throw new PipelineError("internal", `Cannot unpack messages: ${problem}`);
  }
  return records;
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
