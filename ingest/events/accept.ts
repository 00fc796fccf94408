/**
 * Step 2: the bytes of the body become events and rejections. Pure: a bad event is
 * a value beside the good ones. No later step refuses an event that passes here.
 */
import { isUtf8 } from "node:buffer";
import {
  arrayElements,
  hasBadNumber,
  hasSuspiciousNumber,
  isObject,
  memberText,
  parseJson,
  withoutMark,
} from "@tally/shared";
import { readJson, type JsonText } from "../form/json_body.ts";
import { refuse, type Refusal } from "../form/refusal.ts";
import type { ParsedBody } from "../form/request_form.ts";
import { createJudge, type Judge, type JudgeContext, type Verdicts } from "../form/verdicts.ts";

/** The two forms of a body: JSON (one event or an array of events), or one JSON text per line. */
export type BodyType = "json" | "ndjson";

/** How to read a body. */
export interface BodyOptions {
  readonly type: BodyType;
  /** Ids for events without one, by their index; `source` is the name of the sender's key. */
  readonly idsFor: (source: string | null) => (index: number) => string;
}

/** Reads a body, or refuses it as a whole. */
export function readEvents(body: Buffer, options: BodyOptions): ParsedBody | Refusal {
  const { type, idsFor } = options;
  if (type === "ndjson") {
    const judge = (context: JudgeContext) =>
      judgeLines(body, context, createJudge(context, false, idsFor(context.source)));
    return { kind: "parsed", writeKey: null, judge };
  }
  const json = readJson(body);
  if (json === null) return refuse("invalid_body");
  const { text, value } = json;
  if (value === undefined) return refuse(isLines(text) ? "json_lines" : "invalid_body");
  const envelope = readEnvelope(value);
  const given =
    envelope === null ? { text, value } : { text: eventsText(text), value: envelope.events };
  const isSingle = !Array.isArray(given.value);
  const judge = (context: JudgeContext) =>
    judgeJson(given, context, createJudge(context, isSingle, idsFor(context.source)));
  return { kind: "parsed", writeKey: envelope?.writeKey ?? null, judge };
}

/** A batch that carries its key, for beacons of pages: they can set no header. */
interface Envelope {
  readonly writeKey: string;
  readonly events: readonly unknown[];
}

/** Null when the value is none; no event has these fields. */
function readEnvelope(value: unknown): Envelope | null {
  if (!isObject(value)) return null;
  const { writeKey, events } = value;
  if (typeof writeKey !== "string" || !Array.isArray(events)) return null;
  // Last: a body may have a million fields, and to list them takes seconds.
  return Object.keys(value).length === 2 ? { writeKey, events } : null;
}

/** The text of an envelope's events; only a text with a suspicious number is looked at again. */
function eventsText(text: string): string {
  return hasSuspiciousNumber(text) ? (memberText(text, "events") ?? text) : text;
}

/** Judges the value of a JSON text: one event, or each of an array. */
export function judgeJson(
  { text, value }: JsonText,
  { batchEventsMax }: JudgeContext,
  judge: Judge,
): Verdicts | Refusal {
  const suspicious = hasSuspiciousNumber(text);
  if (!Array.isArray(value)) {
    judge.take(value, suspicious && hasBadNumber(text, 0, text.length));
    return judge;
  }
  if (value.length === 0) return refuse("batch_empty");
  if (value.length > batchEventsMax) return refuse("batch_too_large");
  const spans = suspicious ? arrayElements(text) : null;
  for (let index = 0; index < value.length; index++) {
    const span = spans?.[index];
    judge.take(value[index], span !== undefined && hasBadNumber(text, span.start, span.end));
  }
  return judge;
}

const LINE_FEED = 10;

function judgeLines(
  body: Buffer,
  { batchEventsMax }: JudgeContext,
  judge: Judge,
): Verdicts | Refusal {
  for (let start = 0; start < body.length;) {
    const found = body.indexOf(LINE_FEED, start);
    const end = found === -1 ? body.length : found;
    // Files that were joined have a mark at the start of each.
    const bytes = withoutMark(body.subarray(start, end));
    start = end + 1;
    if (isBlank(bytes)) continue;
    if (judge.taken === batchEventsMax) return refuse("batch_too_large");
    // A line that is not UTF-8 or not JSON is one bad event; the others are kept.
    const text = isUtf8(bytes) ? bytes.toString("utf8") : "";
    const parsed = parseJson(text);
    if (parsed === undefined) judge.reject({ code: "invalid_line", pointer: "" });
    else judge.take(parsed, hasSuspiciousNumber(text) && hasBadNumber(text, 0, text.length));
  }
  return judge.taken === 0 ? refuse("batch_empty") : judge;
}

/** Whether a text that is not JSON is JSON lines: its first line that is not blank is an object. */
function isLines(text: string): boolean {
  const [line] = /[^ \t\r\n][^\n]*/.exec(text) ?? [""];
  const parsed = line.startsWith("{") ? parseJson(line) : undefined;
  return parsed !== undefined;
}

/** Whether a line holds only white space of JSON. */
function isBlank(line: Buffer): boolean {
  for (const byte of line) {
    if (byte !== 32 && byte !== 9 && byte !== 13) return false;
  }
  return true;
}
