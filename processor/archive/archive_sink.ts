/**
 * The archive: one batch becomes one immutable object in three steps, plan,
 * upload, confirm. Whoever crashes in between, the next owner finds the plan and
 * finishes it under the same key (P4, P5).
 */
import { PipelineError, errorCode, type Config } from "@tally/shared";
import {
  ENCODER_VERSION,
  encodeExtent,
  lastReceivedAt,
  mergeLines,
  selectLines,
  type Extent,
} from "./lines.ts";
import { createBucketComparison, type BucketComparison } from "./unknown_objects.ts";
import { objectKey } from "./object_key.ts";
import { cutPieces, type Piece } from "./lost_records.ts";
import {
  confirmObject,
  planObject,
  readArchiveState,
  readExcluded,
  readPlannedLastOffsets,
  replanObject,
  type ArchivePartition,
  type ArchiveState,
  type PlannedObject,
} from "./plan.ts";
import { storedDigest, uploadObject, type PlannedUpload, type UploadBody } from "./upload.ts";
import { createCanonicalRanges } from "./canonical_ranges.ts";
import type { Database } from "../database/database.ts";
import { createArchiveStore, type ObjectStore } from "./object_store.ts";
import {
  createPosition,
  readPosition,
  readStandings,
  recordHash,
  stopPosition,
  type TopicLog,
  type PositionKey,
} from "../pipeline/positions.ts";
import { createRowsGate, throwIfRevoked, type RowsGate } from "./rows_gate.ts";
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
  /** Absent: the bucket of the configuration. */
  readonly objectStore?: ObjectStore;
}

/** The archive as a sink, which also wants to hear of rows. */
export interface ArchiveSink extends Sink {
  /** Told by the PostgreSQL pipeline of this process what it has written. */
  rowsWritten(batch: Batch): void;
}

/**
 * Notices the rows of other processes this late (ms); rows of this one are told at once. Chosen.
 */
const ROWS_POLL_MS = 200;

/** Opens the sink that writes archive objects. */
export function archiveSink(options: ArchiveSinkOptions): ArchiveSink {
  return new Archive(options);
}

class Archive implements ArchiveSink {
  readonly name = "archive";
  readonly limits: BatchLimits;
  readonly #sql: Database;
  readonly #logNumber: number;
  readonly #topicId: string;
  readonly #options: Config<"processor">["archive"];
  readonly #store: ObjectStore;
  readonly #gate: RowsGate;
  readonly #bucket: BucketComparison;
  readonly #canonical = createCanonicalRanges();

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
    const opened = await readPosition(this.#sql, this.#position(partition));
    if (opened.nextOffset === null) return opened;
    const place = { logNumber: this.#logNumber, partition };
    const plannedLastOffsets = await readPlannedLastOffsets(this.#sql, place, opened.nextOffset);
    return { ...opened, plannedLastOffsets };
  }

  /** The flow. Nearly always the batch is one piece, and a piece is one object. */
  async write(batch: Batch, signal: AbortSignal): Promise<Written> {
    this.#canonical.forgetBefore(batch.partition, batch.firstOffset);
    await this.#gate.passed(batch.partition, batch.nextOffset, signal);
    const outcomes: Written[] = [];
    for await (const piece of cutPieces(this.#sql, this.#place(batch), batch)) {
      outcomes.push(await this.#writePiece(piece, signal));
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

  /** Nothing waits: all that belongs to a write is in its own statements. */
  async idle(): Promise<void> {}

  rowsWritten(batch: Batch): void {
    this.#canonical.note(batch);
    this.#gate.rowsWritten(batch.partition, batch.nextOffset);
  }

  /**
   * A crash before the plan leaves nothing; after it, range and key are fixed and the next owner's
   * upload finds its own object; before the confirmation, the same.
   */
  async #writePiece(piece: Piece, signal: AbortSignal): Promise<Written> {
    const { batch } = piece;
    const place = this.#place(batch);
    await this.#bucket.compare(piece, signal);
    const excluded = await readExcluded(this.#sql, place, batch);
    const choice = { excluded, areCanonical: this.#canonical.cover(batch) };
    const extent = encodeExtent(mergeLines(selectLines(batch.records, choice), piece.lost));
    throwIfRevoked(batch.partition, signal);
    const wanted = wantedObject(piece, extent, this.#options);
    const isPlanned = await planObject(this.#sql, place, wanted);
    const found = isPlanned ? wanted : adopt(batch, wanted, await this.#readState(batch));
    if (found === null) return written(batch, null);
    const planned = await this.#settle({ piece, wanted, found }, signal);
    if (planned.key !== null && planned.sha256 === wanted.sha256) {
      const body = { content: extent.content, topicId: this.#topicId, signal };
      await this.#upload(batch, { ...planned, key: planned.key }, body);
    }
    return await this.#confirm(piece, planned);
  }

  /**
   * The plan to finish. One whose lines the log no longer gives, because rows have to stand in for
   * lost records, is finished as it is when its object is stored, and changed when it is not.
   */
  async #settle({ piece, wanted, found }: Judgement, signal: AbortSignal): Promise<PlannedObject> {
    if (found.sha256 === wanted.sha256) return found;
    const { batch, lost } = piece;
    const { key, events, format, firstOffset } = found;
    if (lost.length > 0 && key !== null && events === wanted.events) {
      const stored = await storedDigest(this.#store, { key, format }, signal);
      if (stored === found.sha256) return found;
      const changed = { ...found, bytes: wanted.bytes, sha256: wanted.sha256 };
      if (stored === null) {
        if (await replanObject(this.#sql, this.#place(batch), { found, changed })) return changed;
        throw moved(batch, (await this.#readState(batch)).nextOffset);
      }
    }
    throw new PipelineError(
      "archive_conflict",
      `Cannot finish the object planned at offset ${firstOffset} of partition ${batch.partition}: its ${events} lines (encoder ${found.encoder}) have sha256 ${found.sha256}, the log's ${wanted.events} (encoder ${wanted.encoder}) ${wanted.sha256}`,
    );
  }

  async #upload(batch: Batch, planned: PlannedUpload, body: UploadBody): Promise<void> {
    try {
      await uploadObject(this.#store, planned, body);
    } catch (error) {
      throwIfRevoked(batch.partition, body.signal);
      if (errorCode(error) !== "archive_conflict") throw error;
      // A frozen owner must not stop a partition over a plan that is no longer there.
      const state = await this.#readState(batch);
      if (state.planned?.sha256 !== planned.sha256) throw moved(batch, state.nextOffset);
      throw error;
    }
  }

  async #confirm({ batch, lost }: Piece, planned: PlannedObject): Promise<Written> {
    const last = batch.records.at(-1);
    const isMoved = await confirmObject(this.#sql, this.#place(batch), {
      planned,
      records: batch.records.length + lost.length,
      lastHash: last === undefined ? null : recordHash(last.record.value),
      lastReceivedAt: lastReceivedAt(batch.records),
      gaps: batch.gaps,
    });
    if (isMoved) return written(batch, planned);
    const { nextOffset } = await this.#readState(batch);
    if (nextOffset !== null && nextOffset >= batch.nextOffset) return written(batch, null);
    throw moved(batch, nextOffset);
  }

  #readState(batch: Batch): Promise<ArchiveState> {
    return readArchiveState(this.#sql, this.#place(batch), batch.firstOffset);
  }

  #place({ partition }: Batch): ArchivePartition {
    return { logNumber: this.#logNumber, partition };
  }

  #position(partition: number): PositionKey {
    return { sink: "archive", logNumber: this.#logNumber, partition };
  }
}

/** A plan that was found, and what this owner would have planned. */
interface Judgement {
  readonly piece: Piece;
  readonly wanted: PlannedObject;
  readonly found: PlannedObject;
}

/** What this owner would plan; a pure function of the piece. */
function wantedObject(
  { batch, firstTimestampMs }: Piece,
  { events, content, sha256 }: Extent,
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

/**
 * Judges a range that could not be planned: null when it is confirmed, else the plan to finish,
 * whose key and format win over what this owner would have chosen.
 */
function adopt(
  batch: Batch,
  wanted: PlannedObject,
  { nextOffset, planned }: ArchiveState,
): PlannedObject | null {
  if (nextOffset !== null && nextOffset >= wanted.nextOffset) return null;
  const isOurs = nextOffset === wanted.firstOffset && planned?.nextOffset === wanted.nextOffset;
  if (!isOurs || planned === null) throw moved(batch, nextOffset);
  return planned;
}

function moved({ partition, firstOffset, nextOffset }: Batch, position: bigint | null) {
  return new PipelineError(
    "position_moved",
    `Cannot archive offsets ${firstOffset} to ${nextOffset - 1n} of partition ${partition}: the position is at ${position}, or another range is planned there`,
  );
}

/** @param planned Null: it had been done before. */
function written(batch: Batch, planned: PlannedObject | null): Written {
  const events = planned?.events ?? 0;
  // The PostgreSQL pipeline has counted duplicates and dead letters already.
  return { batch, events, duplicates: 0, deadLetters: [], already: planned === null };
}

/** One outcome for all pieces of a batch. */
function merge(batch: Batch, outcomes: readonly Written[]): Written {
  return {
    batch,
    events: outcomes.reduce((sum, { events }) => sum + events, 0),
    duplicates: 0,
    deadLetters: [],
    already: outcomes.every(({ already }) => already),
  };
}
