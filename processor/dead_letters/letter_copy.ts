/**
 * The copy of a dead letter on the DLQ topic: the outbox writes it, and a database that
 * was restored from an older dump learns from it. Pure.
 */
import { isEventId } from "@tally/shared";
import type { ConsumedRecord, OutgoingRecord } from "@tally/shared/kafka";
import { decodeHeaders, findEventId } from "./dead_letter.ts";

/** A letter as the outbox reads it from the table. */
export interface PublishedLetter {
  readonly id: string;
  readonly topic: string;
  readonly topic_id: string;
  readonly partition: number;
  readonly offset: string;
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
  readonly event_id: string | null;
  readonly key: Buffer | null;
  /** Null also when the letter is large. */
  readonly value: Buffer | null;
  readonly headers: Buffer | null;
  readonly record_timestamp_ms: string;
}

/** What a copy says: which record is a dead letter, and why. Its bytes are those of the record. */
export interface LetterCopy {
  readonly topic: string;
  /** Kafka's id of that topic; null in copies of versions that did not write it. */
  readonly topicId: string | null;
  readonly partition: number;
  readonly offset: bigint;
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
  readonly eventId: string | null;
  /** Kafka's timestamp of the record, as decimal text. */
  readonly recordTimestampMs: string;
  /** When the copy was published, ISO 8601; null when Kafka gives no usable time. */
  readonly publishedAt: string | null;
}

const HEADER = {
  // Kafka Connect's names.
  topic: "__connect.errors.topic",
  partition: "__connect.errors.partition",
  offset: "__connect.errors.offset",
  connector: "__connect.errors.connector.name",
  task: "__connect.errors.task.id",
  stage: "__connect.errors.stage",
  code: "__connect.errors.exception.class.name",
  message: "__connect.errors.exception.message",
  timestampMs: "tally.record.timestamp_ms",
  topicId: "tally.topic_id",
  eventId: "tally.event_id",
  row: "tally.dead_letter.row",
} as const;
const CONNECTOR = "tally-processor";
/** The client's present time: the record's own could be older than the topic's retention. */
const NOW = 0;
const EMPTY_LIST = Buffer.from("[]");

/**
 * The record with its own headers, and after them those for where it came from and why it is here.
 * For a large letter it is a pointer: no key, no value, and a header that names the row.
 */
export function writeCopy(letter: PublishedLetter, isPointer: boolean): OutgoingRecord {
  const text = (key: string, value: string) => ({ key, value: Buffer.from(value) });
  const where = letter.pointer === "" ? "" : `${POINTER_BEGIN}${letter.pointer.slice(1)})`;
  const origin = [
    text(HEADER.topic, letter.topic),
    text(HEADER.partition, String(letter.partition)),
    text(HEADER.offset, letter.offset),
    text(HEADER.connector, CONNECTOR),
    text(HEADER.task, "0"),
    text(HEADER.stage, "VALUE_CONVERTER"),
    text(HEADER.code, letter.code),
    text(HEADER.message, `${letter.message}${where}`),
    text(HEADER.timestampMs, letter.record_timestamp_ms),
    text(HEADER.topicId, letter.topic_id),
    ...(letter.event_id === null ? [] : [text(HEADER.eventId, letter.event_id)]),
  ];
  if (isPointer) {
    const row = text(HEADER.row, `dead_letters/${letter.id}`);
    return { key: null, value: null, timestampMs: NOW, headers: [...origin, row] };
  }
  const own = decodeHeaders(letter.headers ?? EMPTY_LIST);
  return { key: letter.key, value: letter.value, timestampMs: NOW, headers: [...own, ...origin] };
}

/** Between the reason and the pointer to the field; no reason contains it. */
const POINTER_BEGIN = " (/";
/** Reasons and pointers are fixed text; what is longer was not written by Tally. */
const TEXT_CHARS_MAX = 1000; // chosen
const CODE = /^[a-z][a-z0-9_]{0,63}$/;
const PARTITION = /^\d{1,9}$/;
/** Offsets and times that PostgreSQL's bigint can hold. */
const OFFSET = /^\d{1,18}$/;
const TIME_MS = /^-?\d{1,18}$/;

/** Reads a copy; null when Tally has not written the record, or it is damaged. */
export function readCopy({ headers, value, timestampMs }: ConsumedRecord): LetterCopy | null {
  // The record's own headers come first. They may have the same names, when it was a copy itself.
  const originIndex = headers.findLastIndex(({ key }) => key === HEADER.topic);
  if (originIndex < 0) return null;
  const texts = new Map(
    headers.slice(originIndex).map(({ key, value }) => [key, String(value ?? "")]),
  );
  const get = (key: string): string => texts.get(key) ?? "";
  const [partition, offset, code] = [get(HEADER.partition), get(HEADER.offset), get(HEADER.code)];
  const [reason, recordTimestampMs] = [get(HEADER.message), get(HEADER.timestampMs)];
  const topicId = texts.get(HEADER.topicId) ?? null;
  const eventId = texts.get(HEADER.eventId) ?? (topicId === null ? findEventId(value) : null);
  const isWhole =
    get(HEADER.connector) === CONNECTOR &&
    PARTITION.test(partition) &&
    OFFSET.test(offset) &&
    CODE.test(code) &&
    TIME_MS.test(recordTimestampMs) &&
    reason.length <= TEXT_CHARS_MAX &&
    // PostgreSQL stores no NUL.
    !reason.includes("\0") &&
    (eventId === null || isEventId(eventId));
  if (!isWhole) return null;
  return {
    topic: get(HEADER.topic),
    topicId,
    partition: Number(partition),
    offset: BigInt(offset),
    code,
    ...splitReason(reason),
    eventId,
    recordTimestampMs,
    publishedAt: isUsableTime(timestampMs) ? new Date(timestampMs).toISOString() : null,
  };
}

function splitReason(reason: string): Pick<LetterCopy, "message" | "pointer"> {
  const begin = reason.indexOf(POINTER_BEGIN);
  if (begin < 0 || !reason.endsWith(")")) return { message: reason, pointer: "" };
  const pointer = reason.slice(begin + POINTER_BEGIN.length - 1, -1);
  return { message: reason.slice(0, begin), pointer };
}

const YEAR_9999_END_MS = Date.UTC(10_000, 0, 1) - 1;

function isUsableTime(timestampMs: number): boolean {
  return timestampMs > 0 && timestampMs <= YEAR_9999_END_MS;
}
