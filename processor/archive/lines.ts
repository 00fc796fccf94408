/**
 * The extent of one archive object: which lines a range of the log has, their
 * digest and the object's bytes. Pure functions of the records, so that every
 * owner makes the same object (P4).
 */
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { PipelineError, isRecordFault } from "@tally/shared";
import type { ObjectFormat } from "./object_key.ts";
import type { DecodedRecord } from "../pipeline/sink.ts";

/** Version of the rule that makes lines from records; a change of the rule needs a new one. */
export const ENCODER_VERSION = 1;

const LINE_END = 0x0a;

/** What is known of the records of a range. */
export interface LineChoice {
  readonly excluded: ReadonlySet<string>;
  readonly areCanonical: boolean;
}

/** The lines of one object, before compression. */
export interface Extent {
  /** Lines, each with its line end; empty: nothing is left to write. */
  readonly content: Buffer;
  readonly events: number;
  /** Hex digest of `content`. */
  readonly sha256: string;
}

/** A line with its place in the log. */
export interface ExtentLine {
  readonly offset: bigint;
  /** Without a line end. */
  readonly line: Buffer;
}

/**
 * The lines of a range: its events less the excluded offsets (duplicates and dead letters).
 *
 * @param choice.excluded Offsets as decimal text.
 * @param choice.areCanonical Whether the value of each record is known to be its line: then none is
 * decoded. A value with a line end is no line, whatever is known.
 * @throws {PipelineError} `internal` when a record without an event is no dead letter: the rows
 * would lack it as well, and nothing would account for it.
 */
export function selectLines(
  records: readonly DecodedRecord[],
  { excluded, areCanonical }: LineChoice,
): ExtentLine[] {
  const lines: ExtentLine[] = [];
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

/** When the last event of a range was received; null when it holds none. Decodes few records. */
export function lastReceivedAt(records: readonly DecodedRecord[]): string | null {
  const last = records.findLast(({ decoded }) => !isRecordFault(decoded));
  return last === undefined || isRecordFault(last.decoded) ? null : last.decoded.receivedAt;
}

/** Both in offset order, as is the result. */
export function mergeLines(
  kept: readonly ExtentLine[],
  lost: readonly ExtentLine[],
): readonly ExtentLine[] {
  if (lost.length === 0) return kept;
  return [...kept, ...lost].toSorted((a, b) => (a.offset < b.offset ? -1 : 1));
}

/** Joins lines, which are in offset order already. */
export function encodeExtent(lines: readonly ExtentLine[]): Extent {
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
 * What goes with the bytes of each format. A compressed object has no content encoding: it would
 * make clients unpack it silently, and a file named `.gz` would hold plain text.
 */
export const CONTENT_TYPES: Readonly<Record<ObjectFormat, string>> = {
  json: "application/x-ndjson",
  "json.gz": "application/gzip",
};

const gzipAsync = promisify(gzip);

/** The object's bytes; compressed off this thread. */
export async function encodeObject(content: Buffer, format: ObjectFormat): Promise<Uint8Array> {
  // Level 1 costs about 1 µs an event, level 6 three times that; measured.
  return format === "json" ? content : await gzipAsync(content, { level: constants.Z_BEST_SPEED });
}
