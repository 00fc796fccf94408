/**
 * The grammar of archive keys, written and read. A key depends only on the range's
 * partition and first record, so that a retry, or a re-read after a crash, finds the
 * object instead of adding a second one. Pure.
 */

/** How an object is encoded; also the end of its key. */
export type ObjectFormat = "json" | "json.gz";

/** The parts of a key. */
export interface ObjectKey {
  /** First folders, without a slash at either end. */
  readonly prefix: string;
  readonly partition: number;
  /** Where the object's range begins. */
  readonly firstOffset: bigint;
  /** Kafka timestamp of the range's first record, ms since 1970; 0..9999999999999. */
  readonly firstTimestampMs: number;
  readonly format: ObjectFormat;
}

const TIMESTAMP_MS_MAX = 9_999_999_999_999;
const PARTITION_MAX = 2 ** 31 - 1;
const OFFSET_MAX = 2n ** 63n - 1n;

/**
 * Prints a key:
 *
 * `<prefix>/YYYY/MM/DD/HH/events-<timestamp>-p<partition>-<offset>.<format>`
 *
 * - `YYYY/MM/DD/HH` is the hour (UTC) of the timestamp, so that a listing by prefix finds an hour.
 * - `<timestamp>` has 13 digits and `<offset>` 20, padded with zeros: keys sort by time, then
 *   offset. `<partition>` has no padding.
 * - `<format>` is `json` or `json.gz`.
 *
 * Odd input: some timestamps have no form with 13 digits (a record without one has -1, and another
 * producer may send anything). They become the nearest that has: 1970 or 2286. Such a key is as
 * repeatable as any other.
 *
 * Limit: when a topic is deleted and created again, both generations begin at offset 0 and write
 * under the same prefix. Only the millisecond of their first records keeps their keys apart. If
 * that is the same, too, the second upload finds other lines under its key and the archive of that
 * partition stops with `archive_conflict`. Nothing is overwritten.
 */
export function objectKey(key: ObjectKey): string {
  const timestampMs = printableTimestamp(key.firstTimestampMs);
  const name = [
    `events-${String(timestampMs).padStart(13, "0")}`,
    `p${key.partition}`,
    `${String(key.firstOffset).padStart(20, "0")}.${key.format}`,
  ].join("-");
  return `${key.prefix}/${hourFolders(timestampMs)}/${name}`;
}

const KEY_SHAPE =
  /^(.+)\/(\d{4}\/\d\d\/\d\d\/\d\d)\/events-(\d{13})-p(0|[1-9]\d{0,9})-(\d{20})\.(json|json\.gz)$/s;

/**
 * Reads a key, or gives null when `objectKey` would not have printed it.
 *
 * Some stores list uploads in progress as `<key>-<uuid>`; the result for these is null, too.
 */
export function parseObjectKey(text: string): ObjectKey | null {
  const [, prefix, folders, timestamp, partition, offset, format] = KEY_SHAPE.exec(text) ?? [];
  if (prefix === undefined || (format !== "json" && format !== "json.gz")) return null;
  const key: ObjectKey = {
    prefix,
    partition: Number(partition),
    firstOffset: BigInt(offset ?? ""),
    firstTimestampMs: Number(timestamp),
    format,
  };
  if (hourFolders(key.firstTimestampMs) !== folders) return null;
  if (key.partition > PARTITION_MAX || key.firstOffset > OFFSET_MAX) return null;
  return key;
}

/** The nearest time that 13 digits can print. */
function printableTimestamp(ms: number): number {
  // NaN compares as false both times and becomes 0.
  return ms > 0 ? Math.min(Math.trunc(ms), TIMESTAMP_MS_MAX) : 0;
}

/** "2026-01-31T07:30:00.000Z" becomes "2026/01/31/07". */
function hourFolders(timestampMs: number): string {
  return new Date(timestampMs).toISOString().slice(0, 13).replace(/[-T]/g, "/");
}
