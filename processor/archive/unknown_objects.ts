/**
 * Objects that the database has forgotten: it was restored from an older dump,
 * and the bucket was not. Their ranges are planned again as they were cut, so that
 * the log is compared with them and no line gets a second object (P4, P5).
 */
import { PipelineError } from "@tally/shared";
import { digestOf, ENCODER_VERSION } from "./lines.ts";
import { objectKey, parseObjectKey } from "./object_key.ts";
import type { Piece } from "./lost_records.ts";
import { planObjects, readPlannedTo, type PlannedObject } from "./plan.ts";
import type { Database } from "../database/database.ts";
import type { ObjectStore } from "./object_store.ts";
import type { TopicLog } from "../pipeline/positions.ts";

/** What an object's metadata says besides its digest, for a database that has forgotten it. */
export function originOf(
  { nextOffset, encoder, events, bytes }: PlannedObject,
  topicId: string,
): Record<string, string> {
  return {
    "topic-id": topicId,
    "last-offset": String(nextOffset - 1n),
    encoder: String(encoder),
    events: String(events),
    bytes: String(bytes),
  };
}

/** Whether the plans reach as far as the bucket does. */
export interface BucketComparison {
  /** A partition was opened: it is compared before its next new plan. */
  forget(partition: number): void;
  /**
   * Before the first new plan since `forget`: plans the ranges of objects that the database does
   * not know. Nearly always there are none: one listing of what is younger than the piece.
   *
   * @throws {PipelineError} `position_moved` when there were some: the partition has to be opened
   * again, to finish them; `archive_unavailable`, `database_unavailable`: retryable;
   * `archive_conflict`: an object does not say what it is.
   */
  compare(piece: Piece, signal: AbortSignal): Promise<void>;
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
    async compare(piece, signal) {
      const { partition, firstOffset, reason } = piece.batch;
      if (reason === "planned" || compared.has(partition)) return;
      const place = { logNumber: topicLog.logNumber, partition };
      const keys = await keysFrom(options, piece, signal);
      // Where the next plan doesn't begin with this piece, somebody else has decided.
      if (keys.length > 0 && (await readPlannedTo(sql, place)) !== firstOffset) return;
      const known = { store, topicId: topicLog.topicId };
      const found = await readRanges(known, keys.slice(0, TAKEN_MAX), signal);
      if (found.length > 0) {
        await planObjects(sql, place, tileRanges(firstOffset, found));
        throw new PipelineError(
          "position_moved",
          `Cannot archive partition ${partition} from offset ${firstOffset}: the bucket holds ${found.length} objects from there on that the database did not know, as after a restore; they are planned and will be compared`,
        );
      }
      compared.add(partition);
    },
  };
}

/**
 * Objects of later ranges whose first record has an earlier timestamp are looked for this far back:
 * clocks of several ingest processes differ, and a request may take its deadline. Chosen.
 */
const CLOCKS_MS_MAX = 300_000;
/** Taken over at once; what is left is found when these are finished. Chosen. */
const TAKEN_MAX = 5_000;
const READS_AT_ONCE = 16;

/** Keys of the partition's objects from the offset on, in the order of their offsets. */
async function keysFrom(
  { store, prefix }: BucketComparisonOptions,
  { batch: { partition, firstOffset }, firstTimestampMs }: Piece,
  signal: AbortSignal,
): Promise<string[]> {
  const after = objectKey({
    prefix,
    partition: 0,
    firstOffset: 0n,
    firstTimestampMs: firstTimestampMs - CLOCKS_MS_MAX,
    format: "json",
  });
  const keys = await store.list({ prefix: `${prefix}/`, after }, signal);
  return keys
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

/** The ranges of objects of this log, as their metadata says; other logs' objects are left out. */
async function readRanges(
  { store, topicId }: { readonly store: ObjectStore; readonly topicId: string },
  keys: readonly string[],
  signal: AbortSignal,
): Promise<PlannedObject[]> {
  const ranges: PlannedObject[] = [];
  for (let from = 0; from < keys.length; from += READS_AT_ONCE) {
    const some = keys.slice(from, from + READS_AT_ONCE);
    const metadata = await Promise.all(some.map((key) => store.readMetadata(key, signal)));
    for (const [index, key] of some.entries()) {
      const said = metadata[index];
      if (said?.["topic-id"] !== undefined && said["topic-id"] !== topicId) continue;
      ranges.push(rangeOf(key, said ?? {}));
    }
  }
  return ranges;
}

function rangeOf(key: string, said: Readonly<Record<string, string>>): PlannedObject {
  const parsed = parseObjectKey(key);
  const { encoder, events, bytes, sha256 } = said;
  const lastOffset = said["last-offset"];
  const isWhole = [lastOffset, encoder, events, bytes].every((text) => /^\d+$/.test(text ?? ""));
  if (parsed === null || lastOffset === undefined || sha256 === undefined || !isWhole) {
    throw new PipelineError(
      "archive_conflict",
      `Cannot take over object "${key}": the database does not know it, and its metadata does not say which range of which log it holds`,
    );
  }
  return {
    firstOffset: parsed.firstOffset,
    nextOffset: BigInt(lastOffset) + 1n,
    key,
    format: parsed.format,
    encoder: Number(encoder),
    events: Number(events),
    bytes: Number(bytes),
    sha256,
  };
}

/**
 * Ranges that follow each other from an offset on: those of the objects and, between them, ranges
 * that have nothing to write. Pure.
 *
 * @param found In the order of their offsets.
 * @throws {PipelineError} `archive_conflict` when two overlap.
 */
export function tileRanges(firstOffset: bigint, found: readonly PlannedObject[]): PlannedObject[] {
  const tiled: PlannedObject[] = [];
  let next = firstOffset;
  for (const range of found) {
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
  const nothing = {
    key: null,
    format: "json",
    encoder: ENCODER_VERSION,
    events: 0,
    bytes: 0,
  } as const;
  return { firstOffset, nextOffset, ...nothing, sha256: digestOf(new Uint8Array(0)) };
}
