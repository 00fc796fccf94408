/**
 * The archive: one batch becomes one immutable object in three steps, plan,
 * upload, confirm. Whoever crashes in between, the next owner finds the plan and
 * finishes it under the same key (P4, P5).
 */
import { PipelineError, errorCode, isRecordFault, type Config } from "@tally/shared";
import {
  ENCODER_VERSION,
  encodeExtent,
  mergeLines,
  selectLines,
  type Extent,
} from "./archive_extent.ts";
import { objectKey } from "./archive_key.ts";
import { cutPieces, type Piece } from "./archive_lost.ts";
import {
  confirmObject,
  planObject,
  readArchiveState,
  readExcluded,
  readPlannedLastOffsets,
  replanObject,
  type ArchiveState,
  type PlannedObject,
} from "./archive_plan.ts";
import { storedDigest, uploadObject, type PlannedUpload } from "./archive_upload.ts";
import type { Database } from "./database.ts";
import { createArchiveStore, type ObjectStore } from "./object_store.ts";
import { createPosition, readPosition, recordHash, stopPosition, type Log } from "./positions.ts";
import { createRowsGate, throwIfRevoked, type RowsGate } from "./rows_gate.ts";
import type { Batch, Sink, Written } from "./sink.ts";

export interface ArchiveSinkOptions {
  readonly sql: Database;
  readonly log: Log;
  readonly config: Pick<Config<"processor">, "archive">;
  /** Absent: the bucket of the configuration. */
  readonly objectStore?: ObjectStore;
}

/** The archive as a sink, which also wants to hear of rows. */
export interface ArchiveSink extends Sink, Pick<RowsGate, "rowsWritten"> {}

/** Notices the rows of other processes this late (ms); rows of this one are told at once. Chosen. */
const ROWS_POLL_MS = 200;

/** Opens the sink that writes archive objects. */
export function archiveSink(options: ArchiveSinkOptions): ArchiveSink {
  const { sql, config } = options;
  const { archive } = config;
  const { log } = options.log;
  const store = options.objectStore ?? createArchiveStore(config);
  const gate = createRowsGate({ sql, log, pollMs: ROWS_POLL_MS });
  const position = (partition: number) => ({ sink: "archive", log, partition }) as const;
  const placeOf = ({ partition }: Batch) => ({ log, partition });

  /** The flow. Nearly always the batch is one piece, and a piece is one object. */
  async function write(batch: Batch, signal: AbortSignal): Promise<Written> {
    await gate.passed(batch.partition, batch.nextOffset, signal);
    const outcomes: Written[] = [];
    for await (const piece of cutPieces(sql, placeOf(batch), batch)) {
      outcomes.push(await writePiece(piece, signal));
    }
    return merge(batch, outcomes);
  }

  /**
   * A crash before the plan leaves nothing; after it, range and key are fixed and the next owner's upload
   * finds its own object; before the confirmation, the same.
   */
  async function writePiece(piece: Piece, signal: AbortSignal): Promise<Written> {
    const { batch } = piece;
    const place = placeOf(batch);
    const kept = selectLines(batch.records, await readExcluded(sql, place, batch));
    const extent = encodeExtent(mergeLines(kept, piece.lost));
    throwIfRevoked(batch.partition, signal);
    const wanted = wantedObject(piece, extent, archive);
    const isPlanned = await planObject(sql, place, wanted);
    const found = isPlanned ? wanted : adopt(batch.partition, wanted, await readState(batch));
    if (found === null) return written(batch, null);
    const planned = await settle({ piece, wanted, found }, signal);
    if (planned.key !== null && planned.sha256 === wanted.sha256) {
      await upload(batch, { ...planned, key: planned.key }, { content: extent.content, signal });
    }
    return await confirm(piece, planned);
  }

  const readState = (batch: Batch) => readArchiveState(sql, placeOf(batch), batch.firstOffset);

  /**
   * The plan to finish. One whose lines the log no longer gives, because rows have to stand in for lost
   * records, is finished as it is when its object is stored, and changed when it is not.
   */
  async function settle({ piece, wanted, found }: Judgement, signal: AbortSignal) {
    if (found.sha256 === wanted.sha256) return found;
    const { key, events, format } = found;
    if (piece.lost.length > 0 && key !== null && events === wanted.events) {
      const stored = await storedDigest(store, { key, format }, signal);
      if (stored === found.sha256) return found;
      const changed = { ...found, bytes: wanted.bytes, sha256: wanted.sha256 };
      const place = placeOf(piece.batch);
      if (stored === null && (await replanObject(sql, place, { found, changed }))) return changed;
    }
    throw new PipelineError(
      "archive_conflict",
      `Cannot finish the object planned at offset ${found.firstOffset} of partition ${piece.batch.partition}: its ${events} lines (encoder ${found.encoder}) have sha256 ${found.sha256}, the log's ${wanted.events} (encoder ${wanted.encoder}) ${wanted.sha256}`,
    );
  }

  async function upload(
    batch: Batch,
    planned: PlannedUpload,
    body: { readonly content: Buffer; readonly signal: AbortSignal },
  ): Promise<void> {
    try {
      await uploadObject(store, planned, body);
    } catch (error) {
      throwIfRevoked(batch.partition, body.signal);
      if (errorCode(error) !== "archive_conflict") throw error;
      // A frozen owner must not stop a partition over a plan that is no longer there.
      const state = await readState(batch);
      if (state.planned?.sha256 !== planned.sha256) {
        throw moved(batch.partition, planned, state.nextOffset);
      }
      throw error;
    }
  }

  async function confirm({ batch, lost }: Piece, planned: PlannedObject): Promise<Written> {
    const last = batch.records.at(-1);
    const isMoved = await confirmObject(sql, placeOf(batch), {
      planned,
      records: batch.records.length + lost.length,
      lastHash: last === undefined ? null : recordHash(last.record.value),
      lastReceivedAt: lastReceivedAt(batch),
      gaps: batch.gaps,
    });
    if (isMoved) return written(batch, planned);
    const { nextOffset } = await readState(batch);
    if (nextOffset !== null && nextOffset >= batch.nextOffset) return written(batch, null);
    throw moved(batch.partition, planned, nextOffset);
  }

  return {
    name: "archive",
    limits: {
      recordsMax: archive.objectRecordsMax,
      bytesMax: archive.objectBytesMax,
      ageMsMax: archive.objectAgeMs,
      hourly: true,
    },
    open: async (partition) => {
      const opened = await readPosition(sql, position(partition));
      if (opened.nextOffset === null) return opened;
      const place = { log, partition };
      const plannedLastOffsets = await readPlannedLastOffsets(sql, place, opened.nextOffset);
      return { ...opened, plannedLastOffsets };
    },
    begin: (partition, offset) => createPosition(sql, position(partition), offset),
    write,
    // Nothing waits: all that belongs to a write is in its own statements.
    idle: async () => undefined,
    stop: (partition, reason) => stopPosition(sql, position(partition), reason),
    rowsWritten: gate.rowsWritten,
  };
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
 * Judges a range that could not be planned: null when it is confirmed, else the plan to finish, whose
 * key and format win over what this owner would have chosen.
 */
function adopt(
  partition: number,
  wanted: PlannedObject,
  { nextOffset, planned }: ArchiveState,
): PlannedObject | null {
  if (nextOffset !== null && nextOffset >= wanted.nextOffset) return null;
  const isOurs = nextOffset === wanted.firstOffset && planned?.nextOffset === wanted.nextOffset;
  if (!isOurs || planned === null) throw moved(partition, wanted, nextOffset);
  return planned;
}

function moved(
  partition: number,
  { firstOffset, nextOffset }: PlannedObject,
  position: bigint | null,
): PipelineError {
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

function lastReceivedAt(batch: Batch): string | null {
  const last = batch.records.findLast(({ decoded }) => !isRecordFault(decoded));
  return last === undefined || isRecordFault(last.decoded) ? null : last.decoded.receivedAt;
}
