/**
 * The grammar of archive keys, written and read. A key follows from the first
 * record of its range alone, so that a retry finds the object instead of adding
 * a second one. Pure.
 */

/** How an object is encoded; also the end of its key. */
export type ObjectFormat = "json" | "json.gz";

/** What a key says. */
export interface ObjectKey {
  /** First folders, without slashes at the ends. */
  readonly prefix: string;
  readonly partition: number;
  /** Where the object's range begins. */
  readonly firstOffset: bigint;
  /** Kafka timestamp of the first record, ms since 1970; 0..9999999999999. */
  readonly firstTimestampMs: number;
  readonly format: ObjectFormat;
}

const TIMESTAMP_MS_MAX = 9_999_999_999_999;
const PARTITION_MAX = 2 ** 31 - 1;
const OFFSET_MAX = 2n ** 63n - 1n;

/**
 * `<prefix>/YYYY/MM/DD/HH/events-<13 digits>-p<partition>-<20 digits>.json[.gz]`, hours in UTC.
 *
 * A timestamp that has no 13-digit form (a record without one says -1, another producer may say
 * anything) becomes the nearest that has: 1970 or 2286. Such a key is as repeatable as any other.
 *
 * Two generations of a topic both begin at offset 0 and write under one prefix; the millisecond of
 * their first records keeps them apart. Should it be the same, the second upload finds other lines
 * under its key and that partition's archive stops (`archive_conflict`); nothing is overwritten.
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
 * Reads a key; null for what `objectKey` would not have written.
 *
 * Lists of some stores show uploads in progress as `<key>-<uuid>`: those are null, too.
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
export function printableTimestamp(ms: number): number {
  // NaN compares as false both times and becomes 0.
  return ms > 0 ? Math.min(Math.trunc(ms), TIMESTAMP_MS_MAX) : 0;
}

/** "2026-01-31T07:30:00.000Z" becomes "2026/01/31/07". */
function hourFolders(timestampMs: number): string {
  return new Date(timestampMs).toISOString().slice(0, 13).replace(/[-T]/g, "/");
}
