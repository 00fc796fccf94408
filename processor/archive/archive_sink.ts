/**
 * The archive sink: one batch becomes one immutable object (P4, P5), in three steps.
 *
 * 1. Plan: a row of `archive_objects` fixes range, key and digest (plan.ts).
 * 2. Upload: the object is created under that key and never overwritten (upload.ts).
 * 3. Confirm: one statement marks the object as stored and moves the position.
 *
 * After a crash the next owner of the partition writes the range again:
 * - before the plan: nothing is left, so it plans;
 * - after the plan or after the upload: its plan is refused, so it adopts the existing
 *   one (adopt.ts), creates the object or finds it, and confirms;
 * - after the confirmation: the position has moved, so nothing is done twice.
 * An owner that was frozen and wakes up fails at one of the same checks.
 *
 * Lines are made from records. rows_gate.ts waits until the duplicates and dead letters
 * among them are known, lost_records.ts takes rows where Kafka lost records, and
 * unknown_objects.ts plans again the objects that a restored database does not know.
 */
import { errorCode, type Config } from "@tally/shared";
import type { Database } from "@tally/shared/database";
import { adoptPlan, type PlanOutcome, type RangePlan } from "./adopt.ts";
import {
  ENCODER_VERSION,
  joinLines,
  lastReceivedAt,
  mergeLines,
  selectLines,
  type ObjectLines,
} from "./lines.ts";
import { createBucketComparison, type BucketComparison } from "./unknown_objects.ts";
import { objectKey } from "./object_key.ts";
import { splitIntoObjects, type ObjectSource } from "./lost_records.ts";
import {
  confirmObject,
  planObjects,
  readArchiveState,
  readExcluded,
  readPlannedLastOffsets,
  type ArchivePartition,
  type PlannedObject,
} from "./plan.ts";
import { positionMoved, rowsMovedBack, throwIfRevoked } from "./position_moved.ts";
import { uploadObject, type PlannedUpload, type UploadBody } from "./upload.ts";
import { createCanonicalRanges } from "./canonical_ranges.ts";
import { createArchiveStore, type ObjectStore } from "./object_store.ts";
import {
  createPosition,
  readPosition,
  readStandings,
  stopPosition,
  type TopicLog,
  type PositionKey,
} from "../pipeline/positions.ts";
import { LostAnswers } from "../pipeline/lost_answers.ts";
import { lastRecordOf } from "../pipeline/record_hash.ts";
import { createRowsGate, type RowsGate } from "./rows_gate.ts";
import type {
  Batch,
  BatchLimits,
  OpenedPartition,
  Sink,
  Standing,
  Written,
} from "../pipeline/sink.ts";

export interface ArchiveSinkOptions {
  readonly sql: Database;
  readonly topicLog: TopicLog;
  readonly config: Pick<Config<"processor">, "archive">;
  /** When absent, the bucket of the configuration. */
  readonly objectStore?: ObjectStore;
}

/** The archive as a sink, which is also notified of rows. */
export interface ArchiveSink extends Sink {
  /** The PostgreSQL pipeline of this process calls it after each batch that it has written. */
  rowsWritten(batch: Batch): void;
}

/**
 * Rows of another process are noticed at most this much later, ms. Rows of this process are known
 * at once.
 */
const ROWS_POLL_MS = 200; // chosen

/** Opens the sink that writes archive objects. */
export function archiveSink(options: ArchiveSinkOptions): ArchiveSink {
  return new Archive(options);
}

class Archive implements ArchiveSink {
  readonly name = "archive";
  readonly losesDeleted = false;
  readonly limits: BatchLimits;
  readonly #sql: Database;
  readonly #logNumber: number;
  readonly #topicId: string;
  readonly #options: Config<"processor">["archive"];
  readonly #store: ObjectStore;
  readonly #gate: RowsGate;
  readonly #bucket: BucketComparison;
  readonly #canonical = createCanonicalRanges();
  readonly #lostAnswers = new LostAnswers();

  constructor({ sql, topicLog, config, objectStore }: ArchiveSinkOptions) {
    const { archive } = config;
    this.#sql = sql;
    this.#logNumber = topicLog.logNumber;
    this.#topicId = topicLog.topicId;
    this.#options = archive;
    this.#store = objectStore ?? createArchiveStore(config);
    this.#gate = createRowsGate({ sql, logNumber: topicLog.logNumber, pollMs: ROWS_POLL_MS });
    const { keyPrefix: prefix } = archive;
    this.#bucket = createBucketComparison({ sql, topicLog, store: this.#store, prefix });
    this.limits = {
      recordsMax: archive.objectRecordsMax,
      bytesMax: archive.objectBytesMax,
      ageMsMax: archive.objectAgeMs,
      hourly: true,
    };
  }

  async open(partition: number): Promise<OpenedPartition> {
    this.#gate.forget(partition);
    this.#bucket.forget(partition);
    this.#canonical.forget(partition);
    this.#lostAnswers.forget(partition);
    const opened = await readPosition(this.#sql, this.#position(partition));
    if (opened.nextOffset === null) return opened;
    const place = this.#place(partition);
    const plannedLastOffsets = await readPlannedLastOffsets(this.#sql, place, opened.nextOffset);
    return { ...opened, plannedLastOffsets };
  }

  /** Writes a batch. It nearly always becomes one object. */
  async write(batch: Batch, signal: AbortSignal): Promise<Written> {
    this.#canonical.forgetBefore(batch.partition, batch.firstOffset);
    await this.#gate.passed(batch.partition, batch.nextOffset, signal);
    const outcomes: Written[] = [];
    for await (const source of splitIntoObjects(this.#sql, this.#place(batch.partition), batch)) {
      outcomes.push(await this.#writeObject(source, signal));
    }
    return merge(batch, outcomes);
  }

  begin(partition: number, offset: bigint): Promise<void> {
    return createPosition(this.#sql, this.#position(partition), offset);
  }

  stop(partition: number, reason: string): Promise<void> {
    return stopPosition(this.#sql, this.#position(partition), reason);
  }

  look(): Promise<ReadonlyMap<number, Standing>> {
    return readStandings(this.#sql, { sink: "archive", logNumber: this.#logNumber });
  }

  /** There is no deferred work: everything about a write is in its own statements. */
  async idle(): Promise<void> {}

  rowsWritten(batch: Batch): void {
    this.#canonical.note(batch);
    this.#gate.rowsWritten(batch.partition, batch.nextOffset);
  }

  /** The three steps for one object. */
  async #writeObject(source: ObjectSource, signal: AbortSignal): Promise<Written> {
    const { batch } = source;
    await this.#bucket.compare(source, signal);
    const lines = await this.#readLines(source);
    throwIfRevoked(batch.partition, signal);
    const ownPlan = planOf(source, lines, this.#options);
    const outcome = await this.#plan({ source, ownPlan }, signal);
    if (outcome.kind === "confirmed") return this.#confirmedBefore(batch, ownPlan);
    const { kind, plan } = outcome;
    if (plan.key !== null && kind !== "stored") {
      const body = { content: lines.content, topicId: this.#topicId, signal };
      await this.#upload(batch, { ...plan, key: plan.key }, body);
    }
    return await this.#confirm(source, plan);
  }

  async #readLines({ batch, lostLines }: ObjectSource): Promise<ObjectLines> {
    const excluded = await readExcluded(this.#sql, this.#place(batch.partition), batch);
    if (excluded === null) throw rowsMovedBack(batch);
    const areCanonical = this.#canonical.cover(batch);
    return joinLines(mergeLines(selectLines(batch.records, { excluded, areCanonical }), lostLines));
  }

  /** Plans the object, or adopts the plan that exists for its range. */
  async #plan(request: RangePlan, signal: AbortSignal): Promise<PlanOutcome> {
    const { source, ownPlan } = request;
    const place = this.#place(source.batch.partition);
    const isPlanned = await planObjects(this.#sql, place, { ranges: [ownPlan], needRows: true });
    if (isPlanned) return { kind: "planned", plan: ownPlan };
    return await adoptPlan(request, { sql: this.#sql, store: this.#store, place, signal });
  }

  async #upload(batch: Batch, plan: PlannedUpload, body: UploadBody): Promise<void> {
    try {
      await uploadObject(this.#store, plan, body);
    } catch (error) {
      throwIfRevoked(batch.partition, body.signal);
      if (errorCode(error) !== "archive_conflict") throw error;
      // A frozen owner must not stop the partition because of a plan that has been replaced.
      const place = this.#place(batch.partition);
      const state = await readArchiveState(this.#sql, place, batch.firstOffset);
      if (state.planned?.sha256 !== plan.sha256) throw positionMoved(batch, state.nextOffset);
      throw error;
    }
  }

  async #confirm({ batch, lostLines }: ObjectSource, plan: PlannedObject): Promise<Written> {
    const place = this.#place(batch.partition);
    const isMoved = await this.#noting(batch, () =>
      confirmObject(this.#sql, place, {
        planned: plan,
        records: batch.records.length + lostLines.length,
        rebuilt: lostLines.length,
        last: lastRecordOf(batch),
        lastReceivedAt: lastReceivedAt(batch.records),
        gaps: batch.gaps,
      }),
    );
    if (isMoved) return written(batch, plan);
    const { nextOffset } = await readArchiveState(this.#sql, place, batch.firstOffset);
    if (nextOffset !== null && nextOffset >= batch.nextOffset)
      return this.#confirmedBefore(batch, plan);
    throw positionMoved(batch, nextOffset);
  }

  /** Notes a confirmation that may have been committed although its answer was lost. */
  async #noting<T>({ partition, nextOffset }: Batch, confirm: () => Promise<T>): Promise<T> {
    try {
      const answer = await confirm();
      this.#lostAnswers.forget(partition);
      return answer;
    } catch (error) {
      if (errorCode(error) === "database_unavailable")
        this.#lostAnswers.note(partition, nextOffset);
      throw error;
    }
  }

  /** The object was confirmed before: by this process without an answer, or by another owner. */
  #confirmedBefore(batch: Batch, plan: PlannedObject): Written {
    const { partition, nextOffset } = batch;
    const isOwn = this.#lostAnswers.has(partition, nextOffset);
    this.#lostAnswers.forget(partition);
    return written(batch, isOwn ? plan : null);
  }

  #place(partition: number): ArchivePartition {
    return { logNumber: this.#logNumber, partition };
  }

  #position(partition: number): PositionKey {
    return { sink: "archive", logNumber: this.#logNumber, partition };
  }
}

/** The plan that this owner makes for a range: a pure function of its records and lines. */
function planOf(
  { batch, firstTimestampMs }: ObjectSource,
  { events, content, sha256 }: ObjectLines,
  { keyPrefix, compression }: Config<"processor">["archive"],
): PlannedObject {
  const { partition, firstOffset, nextOffset } = batch;
  const format = compression === "gzip" ? "json.gz" : "json";
  const key = objectKey({ prefix: keyPrefix, partition, firstOffset, firstTimestampMs, format });
  return {
    firstOffset,
    nextOffset,
    key: events === 0 ? null : key,
    format,
    encoder: ENCODER_VERSION,
    events,
    bytes: content.length,
    sha256,
  };
}

/** @param plan Null when the range had been confirmed before. */
function written(batch: Batch, plan: PlannedObject | null): Written {
  const events = plan?.events ?? 0;
  // The PostgreSQL pipeline has counted duplicates and dead letters already.
  return { batch, events, duplicates: 0, deadLetters: [], already: plan === null };
}

/** One outcome for all objects of a batch. */
function merge(batch: Batch, outcomes: readonly Written[]): Written {
  return {
    batch,
    events: outcomes.reduce((sum, { events }) => sum + events, 0),
    duplicates: 0,
    deadLetters: [],
    already: outcomes.every(({ already }) => already),
  };
}
