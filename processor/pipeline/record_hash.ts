/** The hash of a record: it shows whether the log still is the one that a sink wrote from. */
import type { Batch } from "./sink.ts";

const EMPTY = new Uint8Array(0);

/** xxHash64 of a record's value in 16 hex digits; a null value counts as empty. */
export function recordHash(value: Buffer | null): string {
  return Bun.hash
    .xxHash64(value ?? EMPTY)
    .toString(16)
    .padStart(16, "0");
}

/** The last record of a batch, as positions keep it, or null when the batch holds none. */
export function lastRecordOf({ records }: Batch): LastRecord | null {
  const last = records.at(-1)?.record;
  return last === undefined ? null : { hash: recordHash(last.value), offset: String(last.offset) };
}

/** What a position keeps of a record. The offset is text. */
export interface LastRecord {
  readonly hash: string;
  readonly offset: string;
}
