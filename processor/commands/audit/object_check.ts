/**
 * One archive object against its plan and against the rows of its range: bytes,
 * digest, lines, and the content of each line (P4). Pure.
 */
import { isObject, parseJson, parseTimestamp } from "@tally/shared";
import { parseObjectKey } from "../../archive/object_key.ts";
import { isDeepStrictEqual } from "node:util";

import type { StoredObject } from "../../archive/bucket.ts";
import type { StoredRow } from "./entries.ts";
import { offsetsOf, type Findings, type Place } from "./findings.ts";
import type { Range } from "./tiling.ts";

/** A row of `archive_objects`. */
export interface ArchiveRange extends Range {
  /** Null when the range has no events, and so no object. */
  readonly key: string | null;
  readonly format: string;
  readonly events: number;
  /** Of the lines, before compression. */
  readonly bytes: number;
  readonly sha256: string;
  readonly state: string;
}

/** What is compared. */
export interface ObjectCheck {
  readonly place: Place;
  readonly range: ArchiveRange;
  /** Null when the bucket has no such object, or when there should be none. */
  readonly stored: StoredObject | null;
  /** The rows of the range, in offset order. */
  readonly rows: readonly StoredRow[];
  readonly findings: Findings;
}

/**
 * Checks one object; what is wrong goes into the findings.
 *
 * @returns The receive time of each line that is an event, ms since 1970.
 */
export function checkObject(check: ObjectCheck): number[] {
  const { range, stored, rows, place, findings } = check;
  const where = { ...place, ...offsetsOf(range.firstOffset, range.lastOffset) };
  const { key } = range;
  if (key === null) {
    for (const row of rows) lineMissing(check, row);
    return [];
  }
  if (stored === null) {
    findings.add("object_missing", { ...where, key, detail: `${range.events} lines` });
    return [];
  }
  const content = unpack(stored.bytes, range.format);
  if (content === null) {
    findings.add("object_differs", { ...where, key, detail: "it can't be unpacked" });
    return [];
  }
  const lines = splitLines(content);
  const differences = [
    ...digestDifferences(content, stored, range),
    ...(content.length === range.bytes ? [] : [`${content.length} bytes, planned ${range.bytes}`]),
    ...(lines.length === range.events ? [] : [`${lines.length} lines, planned ${range.events}`]),
    ...keyDifferences(key, place, range),
  ];
  if (differences.length > 0) {
    findings.add("object_differs", { ...where, key, detail: differences.join("; ") });
  }
  return checkLines(check, key, lines);
}

/** The lines of an object, or null when its bytes do not have the format. */
function unpack(bytes: Buffer, format: string): Buffer | null {
  if (format === "json") return bytes;
  try {
    return Buffer.from(Bun.gunzipSync(new Uint8Array(bytes)));
  } catch {
    return null; // It can't be unpacked: the caller reports it.
  }
}

/** A last line without line end counts as a line; the digest covers its bytes. */
function splitLines(content: Buffer): string[] {
  const lines = content.toString().split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function digestDifferences(content: Buffer, stored: StoredObject, range: ArchiveRange): string[] {
  const sha256 = new Bun.CryptoHasher("sha256").update(content).digest("hex");
  const differences = sha256 === range.sha256 ? [] : [`sha256 ${sha256}, planned ${range.sha256}`];
  // A copied bucket may lack the metadata; the bytes decide.
  if (stored.digest === null || stored.digest === range.sha256) return differences;
  return [...differences, `its metadata says sha256 ${stored.digest}`];
}

function keyDifferences(key: string, place: Place, range: ArchiveRange): string[] {
  const parsed = parseObjectKey(key);
  const isRight =
    parsed?.partition === place.partition &&
    parsed.firstOffset === range.firstOffset &&
    parsed.format === range.format;
  return isRight ? [] : ["its key names another range"];
}

/** An event as its line holds it. */
type LineEvent = Readonly<Record<string, unknown>> & { readonly eventId: string };

function checkLines(check: ObjectCheck, key: string, lines: readonly string[]): number[] {
  const { place, rows, findings } = check;
  const events = new Map<string, { event: LineEvent; number: number }>();
  const times: number[] = [];
  for (const [index, line] of lines.entries()) {
    const number = index + 1;
    const event = parseLine(line);
    if (event === null) {
      findings.add("line_corrupt", { ...place, key, detail: `line ${number}` });
      continue;
    }
    times.push(timeOf(event.receivedAt) ?? 0);
    const { eventId } = event;
    if (!events.has(eventId)) events.set(eventId, { event, number });
    else findings.add("line_twice", { ...place, eventId, key, detail: `line ${number}` });
  }
  let lastNumber = 0;
  for (const row of rows) {
    const line = events.get(row.eventId);
    if (line === undefined) {
      lineMissing(check, row);
      continue;
    }
    events.delete(row.eventId);
    const where = { ...place, offset: String(row.offset), eventId: row.eventId, key };
    if (line.number < lastNumber) findings.add("line_order", where);
    lastNumber = line.number;
    const fields = differingFields(line.event, row);
    if (fields.length > 0) findings.add("line_differs", { ...where, detail: fields.join(", ") });
  }
  for (const [eventId, { number }] of events) {
    findings.add("line_unstored", { ...place, eventId, key, detail: `line ${number}` });
  }
  return times;
}

function lineMissing({ place, range, findings }: ObjectCheck, row: StoredRow): void {
  findings.add("line_missing", {
    ...place,
    offset: String(row.offset),
    eventId: row.eventId,
    ...(range.key !== null && { key: range.key }),
  });
}

function parseLine(line: string): LineEvent | null {
  const event = parseJson(line);
  return isObject(event) && typeof event.eventId === "string" ? (event as LineEvent) : null;
}

function timeOf(value: unknown): number | null {
  return typeof value === "string" ? parseTimestamp(value) : null;
}

/** The context that the line of a row has, or undefined when it has none. */
function contextOf({ source }: StoredRow): object | undefined {
  return source === null ? undefined : { source };
}

/** Payloads are compared as JSON values: `jsonb` does not keep the order of keys. */
function differingFields(event: LineEvent, row: StoredRow): string[] {
  const isEqual: Readonly<Record<string, boolean>> = {
    sessionId: event.sessionId === row.sessionId,
    eventType: event.eventType === row.eventType,
    ts: timeOf(event.ts) === row.tsMs,
    receivedAt: timeOf(event.receivedAt) === row.receivedAtMs,
    payload: isDeepStrictEqual(event.payload, row.payload),
    context: isDeepStrictEqual(event.context, contextOf(row)),
  };
  const fields = Object.keys(isEqual).filter((name) => isEqual[name] !== true);
  const others = Object.keys(event).filter((name) => name !== "eventId" && !(name in isEqual));
  return [...fields, ...others];
}
