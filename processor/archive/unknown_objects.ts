/**
 * Objects that the database does not know: PostgreSQL was restored from an older dump,
 * and the bucket was not. Their ranges are planned again exactly as they were, so that
 * the archive adopts the objects and stores no line a second time (P4, P5).
 */
import { PipelineError } from "@tally/shared";
import type { Database } from "@tally/shared/database";
import { digestOf, ENCODER_VERSION } from "./lines.ts";
import { objectKey, parseObjectKey } from "./object_key.ts";
import type { ObjectSource } from "./lost_records.ts";
import { isOfOtherTopic, readPlanOf } from "./object_metadata.ts";
import { planObjects, readPlannedTo, type PlannedObject } from "./plan.ts";
import type { KeyRange, ObjectStore } from "./object_store.ts";
import type { TopicLog } from "../pipeline/positions.ts";

/** Compares the bucket with the plans, once per opened partition. */
export interface BucketComparison {
  /** A partition was opened: it is compared again before its next new plan. */
  forget(partition: number): void;
  /**
   * Before the first new plan since `forget`: plans the ranges of objects that the database does
   * not know. Usually there are none; the check then costs one listing of the keys from the
   * source's hour on, and one more when its first record has no time.
   *
   * @throws {PipelineError} `position_moved` when there were some: the partition has to be opened
   * again, to adopt them; `archive_unavailable`, `database_unavailable`: retryable;
   * `archive_conflict`: an object's metadata does not describe its range.
   */
  compare(source: ObjectSource, signal: AbortSignal): Promise<void>;
}

export interface BucketComparisonOptions {
  readonly sql: Database;
  readonly store: ObjectStore;
  readonly topicLog: TopicLog;
  /** First folders of all keys. */
  readonly prefix: string;
}

export function createBucketComparison(options: BucketComparisonOptions): BucketComparison {
  const { sql, store, topicLog } = options;
  const compared = new Set<number>();
  return {
    forget: (partition) => void compared.delete(partition),
    async compare(source, signal) {
      const { partition, firstOffset, reason } = source.batch;
      if (reason === "planned" || compared.has(partition)) return;
      const place = { logNumber: topicLog.logNumber, partition };
      const keys = await keysFrom(options, source, signal);
      // Another owner has planned this range when the next plan begins elsewhere.
      if (keys.length > 0 && (await readPlannedTo(sql, place)) !== firstOffset) return;
      const unknown = await readPlans(
        { store, topicId: topicLog.topicId },
        keys.slice(0, TAKEN_OVER_MAX),
        signal,
      );
      if (unknown.length > 0) {
        const ranges = tileRanges(firstOffset, unknown);
        await planObjects(sql, place, { ranges, needRows: false });
        throw new PipelineError(
          "position_moved",
          `Cannot archive partition ${partition} from offset ${firstOffset}: the bucket holds ${unknown.length} objects from there on that the database did not know, as after a restore; they are planned and will be compared`,
        );
      }
      compared.add(partition);
    },
  };
}

/**
 * How much earlier the listing begins. The first record of a later range may have an earlier
 * timestamp: clocks of several ingest processes differ, and a request may take up to its deadline.
 */
const CLOCKS_MS_MAX = 300_000; // chosen
/** Objects taken over at once. The rest is found when these are finished. */
const TAKEN_OVER_MAX = 5_000; // chosen
const READS_AT_ONCE = 16;

/** Keys of the partition's objects from the offset on, in the order of their offsets. */
async function keysFrom(
  { store, prefix }: BucketComparisonOptions,
  source: ObjectSource,
  signal: AbortSignal,
): Promise<string[]> {
  const { partition, firstOffset } = source.batch;
  // Without the right to list, nothing is found here. Then the first new object gets the key of an
  // unknown one, because a range begins where the one before it ends, and its upload compares them.
  const keys: string[] = [];
  for (const range of rangesOf(prefix, source))
    keys.push(...((await store.list(range, signal)) ?? []));
  return [...new Set(keys)]
    .flatMap((text) => {
      const key = parseObjectKey(text);
      const isWanted =
        key !== null &&
        key.prefix === prefix &&
        key.partition === partition &&
        key.firstOffset >= firstOffset;
      return isWanted ? [{ text, first: key.firstOffset }] : [];
    })
    .toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))
    .map(({ text }) => text);
}

/**
 * Where keys are listed: from the time of the first record on. Records without a time have keys in
 * the first millisecond of 1970. Those of a partition lie together there and are listed apart; the
 * others then begin at the first time that is known, not at the beginning of the bucket. Pure.
 */
function rangesOf(prefix: string, { batch, firstTimestampMs }: ObjectSource): KeyRange[] {
  const { partition, firstOffset, records } = batch;
  const from = (firstMs: number): KeyRange => {
    const key = { prefix, partition: 0, firstOffset: 0n, format: "json" } as const;
    return { prefix: `${prefix}/`, after: objectKey({ ...key, firstTimestampMs: firstMs }) };
  };
  if (firstTimestampMs > 0) return [from(firstTimestampMs - CLOCKS_MS_MAX)];
  const firstKnownMs = records
    .map(({ record }) => record.timestampMs)
    .filter((ms) => ms > 0)
    .reduce((least, ms) => Math.min(least, ms), Infinity);
  const timeless = { prefix, partition, firstOffset, firstTimestampMs: 0, format: "json" } as const;
  const after = objectKey(timeless);
  return [
    {
      prefix: after.slice(0, after.lastIndexOf("-") + 1),
      // Without the end of the key, so that the key of this offset is listed, too.
      after: after.slice(0, after.lastIndexOf(".")),
    },
    from(firstKnownMs === Infinity ? 1 : Math.max(1, firstKnownMs - CLOCKS_MS_MAX)),
  ];
}

/** The plans that objects of this topic once had; objects of its other generations are left out. */
async function readPlans(
  { store, topicId }: { readonly store: ObjectStore; readonly topicId: string },
  keys: readonly string[],
  signal: AbortSignal,
): Promise<PlannedObject[]> {
  const plans: PlannedObject[] = [];
  for (let from = 0; from < keys.length; from += READS_AT_ONCE) {
    const some = keys.slice(from, from + READS_AT_ONCE);
    const metadata = await Promise.all(some.map((key) => store.readMetadata(key, signal)));
    for (const [index, key] of some.entries()) {
      const known = metadata[index] ?? {};
      if (!isOfOtherTopic(known, topicId)) plans.push(readPlanOf(key, known));
    }
  }
  return plans;
}

/**
 * Plans that follow each other from an offset on: those of the objects and, between them, ranges
 * without lines, which have no object. Pure.
 *
 * @param known In the order of their offsets.
 * @throws {PipelineError} `archive_conflict` when two overlap.
 */
function tileRanges(firstOffset: bigint, known: readonly PlannedObject[]): PlannedObject[] {
  const tiled: PlannedObject[] = [];
  let next = firstOffset;
  for (const range of known) {
    if (range.firstOffset < next) {
      throw new PipelineError(
        "archive_conflict",
        `Cannot take over object "${range.key}": another object holds offset ${range.firstOffset}, too`,
      );
    }
    if (range.firstOffset > next) tiled.push(emptyRange(next, range.firstOffset));
    tiled.push(range);
    next = range.nextOffset;
  }
  return tiled;
}

function emptyRange(firstOffset: bigint, nextOffset: bigint): PlannedObject {
  const empty = {
    key: null,
    format: "json",
    encoder: ENCODER_VERSION,
    events: 0,
    bytes: 0,
  } as const;
  return { firstOffset, nextOffset, ...empty, sha256: digestOf(new Uint8Array(0)) };
}
