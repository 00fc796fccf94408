/**
 * Packs records to publish into two pieces of memory, so that one call hands many of
 * them to the client: a call for each costs 3 µs of the JavaScript thread (measured).
 */
import type { OutgoingRecord } from "../client_record.ts";
import type { PackedRecords } from "../packed.ts";

/** Most records and bytes of one call; more go in several. */
const RECORDS_MAX = 1024; // chosen
const BYTES_MAX = 512 * 1024; // chosen
/** Bytes of UTF-8 for one UTF-16 code unit, at most. */
const UTF8_BYTES_MAX = 3;

// Fields per record, in this order: time, number of the report, length of the key, length of the
// value (-1 without one). addon_packing.cc reads them.
const FIELDS = 4;

/** A record and the number that its report brings back. */
export interface NumberedRecord {
  readonly topic: string;
  readonly record: OutgoingRecord;
  readonly slot: number;
}

/**
 * Records of one topic without headers, in order. A producer empties it within one turn of the
 * event loop. So one packer can serve all producers of a process, which saves them its memory.
 */
export class RecordPacker implements PackedRecords {
  readonly #fields = new Float64Array(FIELDS * RECORDS_MAX);
  readonly fields = Buffer.from(this.#fields.buffer);
  /** Keys and values, one after the other. */
  readonly bytes = Buffer.allocUnsafeSlow(BYTES_MAX);
  #packed: NumberedRecord[] = [];
  #bytesUsed = 0;

  get count(): number {
    return this.#packed.length;
  }

  /** The topic of all records; null when there are none. */
  get topic(): string | null {
    return this.#packed[0]?.topic ?? null;
  }

  /** Adds a record; false when it does not fit to the ones before, or can't be packed. */
  add(numbered: NumberedRecord): boolean {
    const { topic, record, slot } = numbered;
    const { key, value, timestampMs, headers } = record;
    if (headers !== undefined && headers.length > 0) return false;
    if (this.topic !== null && this.topic !== topic) return false;
    const bytesMax = bytesMaxOf(key) + bytesMaxOf(value);
    if (this.count >= RECORDS_MAX || this.#bytesUsed + bytesMax > BYTES_MAX) return false;
    const field = FIELDS * this.count;
    this.#fields[field] = timestampMs;
    this.#fields[field + 1] = slot;
    this.#fields[field + 2] = this.#write(key);
    this.#fields[field + 3] = this.#write(value);
    this.#packed.push(numbered);
    return true;
  }

  /** Empties the packer. @returns The records that it held. */
  clear(): readonly NumberedRecord[] {
    const packed = this.#packed;
    this.#packed = [];
    this.#bytesUsed = 0;
    return packed;
  }

  /** @returns Number of bytes, -1 for null. */
  #write(content: string | Buffer | null): number {
    if (content === null) return -1;
    const at = this.#bytesUsed;
    const bytes =
      typeof content === "string" ? this.bytes.write(content, at) : content.copy(this.bytes, at);
    this.#bytesUsed += bytes;
    return bytes;
  }
}

function bytesMaxOf(content: string | Buffer | null): number {
  if (content === null) return 0;
  return typeof content === "string" ? content.length * UTF8_BYTES_MAX : content.length;
}
