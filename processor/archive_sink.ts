/**
 * The archive: one batch becomes one immutable object in three steps, plan,
 * upload, confirm. Whoever crashes in between, the next owner finds the plan and
 * finishes it under the same key (P4, P5).
 */
import { gunzipSync } from "node:zlib";
import { PipelineError, isRecordFault, type Config } from "@tally/shared";
import {
  CONTENT_TYPES,
  ENCODER_VERSION,
  digestOf,
  encodeExtent,
  encodeObject,
  selectLines,
  type Extent,
} from "./archive_extent.ts";
import { objectKey, type ObjectFormat } from "./archive_key.ts";
import {
  confirmObject,
  planObject,
  readArchiveState,
  readExcluded,
  readPlannedLastOffsets,
  type ArchiveState,
  type PlannedObject,
} from "./archive_plan.ts";
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

  /**
   * The flow. A crash before the plan leaves nothing; after it, the range and the key are fixed and the
   * upload finds its own object; before the confirmation, the same.
   */
  async function write(batch: Batch, signal: AbortSignal): Promise<Written> {
    await gate.passed(batch.partition, batch.nextOffset, signal);
    const place = { log, partition: batch.partition };
    const extent = encodeExtent(selectLines(batch.records, await readExcluded(sql, place, batch)));
    throwIfRevoked(batch.partition, signal);
    const planned = await plan(batch, extent);
    if (planned === null) return written(batch, null);
    if (planned.key !== null)
      await upload({ ...planned, key: planned.key }, extent.content, signal);
    return await confirm(batch, planned);
  }

  /** Plans the batch's range, or adopts the plan that is there; null: it is confirmed already. */
  async function plan(batch: Batch, extent: Extent): Promise<PlannedObject | null> {
    const place = { log, partition: batch.partition };
    const wanted = wantedObject(batch, extent, archive);
    if (await planObject(sql, place, wanted)) return wanted;
    return adopt(batch.partition, wanted, await readArchiveState(sql, place, batch.firstOffset));
  }

  async function upload(
    planned: PlannedObject & { readonly key: string },
    content: Buffer,
    signal: AbortSignal,
  ): Promise<void> {
    const { key, format, sha256 } = planned;
    const body = await encodeObject(content, format);
    const outcome = await store.create(
      { key, body, sha256, contentType: CONTENT_TYPES[format] },
      signal,
    );
    if (outcome === "created") return;
    const stored = await storedDigest(key, format, signal);
    if (stored === sha256) return;
    throw new PipelineError(
      "archive_conflict",
      `Cannot store object "${key}": there is one with other lines, sha256 ${stored}, wanted ${sha256}`,
    );
  }

  /** Digest of a stored object's lines: from its metadata or, when a copy has lost that, by reading it. */
  async function storedDigest(key: string, format: ObjectFormat, signal: AbortSignal) {
    const kept = await store.readDigest(key, signal);
    if (kept !== null && kept !== "") return kept;
    const bytes = await store.read(key, signal);
    if (bytes === null) {
      const message = `Cannot look at object "${key}": it was there and is gone`;
      throw new PipelineError("archive_unavailable", message);
    }
    return digestOf(format === "json" ? bytes : unpack(bytes));
  }

  async function confirm(batch: Batch, planned: PlannedObject): Promise<Written> {
    const place = { log, partition: batch.partition };
    const last = batch.records.at(-1);
    const isMoved = await confirmObject(sql, place, {
      planned,
      records: batch.records.length,
      lastHash: last === undefined ? null : recordHash(last.record.value),
      lastReceivedAt: lastReceivedAt(batch),
      gaps: batch.gaps,
    });
    if (isMoved) return written(batch, planned);
    const { nextOffset } = await readArchiveState(sql, place, batch.firstOffset);
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

/** What this owner would plan; a pure function of the batch. */
function wantedObject(
  batch: Batch,
  { events, content, sha256 }: Extent,
  { keyPrefix, compression }: Config<"processor">["archive"],
): PlannedObject {
  const { partition, firstOffset, nextOffset, records } = batch;
  const format = compression === "gzip" ? "json.gz" : "json";
  const firstTimestampMs = records[0]?.record.timestampMs ?? 0;
  return {
    firstOffset,
    nextOffset,
    key:
      events === 0
        ? null
        : objectKey({ prefix: keyPrefix, partition, firstOffset, firstTimestampMs, format }),
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
  if (planned.sha256 === wanted.sha256) return planned;
  throw new PipelineError(
    "archive_conflict",
    `Cannot finish the object planned at offset ${wanted.firstOffset} of partition ${partition}: its lines (encoder ${planned.encoder}) have sha256 ${planned.sha256}, the log's (encoder ${ENCODER_VERSION}) ${wanted.sha256}`,
  );
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

function lastReceivedAt(batch: Batch): string | null {
  const last = batch.records.findLast(({ decoded }) => !isRecordFault(decoded));
  return last === undefined || isRecordFault(last.decoded) ? null : last.decoded.receivedAt;
}

/** The lines of a compressed object; what is none has no lines that could be equal to ours. */
function unpack(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch {
    return new Uint8Array(0);
  }
}
