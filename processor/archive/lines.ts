/**
 * The lines of one archive object: which lines a range of the log has, their
 * digest and the object's bytes. Pure functions of the records, so that every
 * owner makes the same object (P4).
 */
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { PipelineError, isReceiveTime, isRecordFault } from "@tally/shared";
import type { ObjectFormat } from "./object_key.ts";
import type { DecodedRecord } from "../pipeline/sink.ts";

/**
 * Version of the rule that makes lines from records. A change of the rule needs a new version.
 * 2: records may have a context, types 128 characters, and the new forms of HTTP (shared/event.ts);
 * a record that says why ingest rejected it has no line. What ingest published as an event before
 * gives the same line as in version 1.
 */
export const ENCODER_VERSION = 2;

const LINE_END = 0x0a;

/** One line with its place in the log. */
export interface ArchiveLine {
  readonly offset: bigint;
  /** Without a line end. */
  readonly line: Buffer;
}

/** All lines of one object, before compression. */
export interface ObjectLines {
  /** Every line with its line end; empty when the range has nothing to write. */
  readonly content: Buffer;
  readonly events: number;
  /** Hex digest of `content`. */
  readonly sha256: string;
}

export interface SelectLinesOptions {
  /** Offsets without a line (duplicates and dead letters), as decimal text. */
  readonly excluded: ReadonlySet<string>;
  /** Whether the value of every record is known to be its line. Then no record is decoded. */
  readonly areCanonical: boolean;
}

/**
 * The lines of a range: one per record, without the excluded offsets. A value that contains a line
 * end is never taken as a line, even when `areCanonical`.
 *
 * @throws {PipelineError} `internal` when a record holds no event and is not a dead letter; it
 * would then be in neither rows nor archive.
 */
export function selectLines(
  records: readonly DecodedRecord[],
  { excluded, areCanonical }: SelectLinesOptions,
): ArchiveLine[] {
  const lines: ArchiveLine[] = [];
  for (const entry of records) {
    const { offset, value } = entry.record;
    if (excluded.size > 0 && excluded.has(String(offset))) continue;
    const isLine = areCanonical && value !== null && !value.includes(LINE_END);
    lines.push({ offset, line: isLine ? value : lineOf(entry) });
  }
  return lines;
}

function lineOf({ record, decoded }: DecodedRecord): Buffer {
  if (!isRecordFault(decoded)) return decoded.line;
  const place = `record ${record.offset} of partition ${record.partition}`;
  throw new PipelineError(
    "internal",
    `Cannot archive ${place}: it holds no event (${decoded.code}) and is no dead letter`,
  );
}

/**
 * When the last event of a range was received, or null when the range holds no event. Decodes only
 * the records from the last event on.
 */
export function lastReceivedAt(records: readonly DecodedRecord[]): string | null {
  const last = records.findLast(
    ({ decoded }) => !isRecordFault(decoded) && isReceiveTime(Date.parse(decoded.receivedAt)),
  );
  return last === undefined || isRecordFault(last.decoded) ? null : last.decoded.receivedAt;
}

/** Merges the lines of records with the lines made from rows, in offset order. */
export function mergeLines(
  fromRecords: readonly ArchiveLine[],
  fromRows: readonly ArchiveLine[],
): readonly ArchiveLine[] {
  if (fromRows.length === 0) return fromRecords;
  return [...fromRecords, ...fromRows].toSorted((a, b) => (a.offset < b.offset ? -1 : 1));
}

/** Joins lines that are in offset order. */
export function joinLines(lines: readonly ArchiveLine[]): ObjectLines {
  const bytes = lines.reduce((sum, { line }) => sum + line.length + 1, 0);
  const content = Buffer.allocUnsafe(bytes);
  let end = 0;
  for (const { line } of lines) {
    content.set(line, end);
    end += line.length;
    content[end++] = LINE_END;
  }
  return { content, events: lines.length, sha256: digestOf(content) };
}

/** Hex digest of an object's lines. */
export function digestOf(content: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(content).digest("hex");
}

/**
 * Content type of each format. A compressed object has no content encoding: clients would unpack it
 * silently, and a file named `.gz` would hold plain text.
 */
export const CONTENT_TYPES: Readonly<Record<ObjectFormat, string>> = {
  json: "application/x-ndjson",
  "json.gz": "application/gzip",
};

const gzipAsync = promisify(gzip);

/** The object's bytes. Compression runs off this thread. */
export async function encodeObject(content: Buffer, format: ObjectFormat): Promise<Uint8Array> {
  // Level 1 costs about 1 µs per event, level 6 three times that (measured).
  return format === "json" ? content : await gzipAsync(content, { level: constants.Z_BEST_SPEED });
}
