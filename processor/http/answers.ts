/**
 * The answers of the routes as OpenAPI schemas, by name. Their TypeScript types stand
 * beside the queries; a test compares the schemas with real answers.
 */
import {
  ANY,
  arrayOf,
  COUNT,
  ERRORS,
  FLAG,
  mapOf,
  nullable,
  NUMBER,
  OFFSET,
  record,
  ref,
  TEXT,
  TIME,
  type Schema,
} from "@tally/shared";
import { EVENTS_CURSOR, LETTERS_CURSOR, OBJECTS_CURSOR } from "./queries/cursor.ts";

const CODE: Schema = { type: "string", enum: Object.keys(ERRORS) };
const PLACE = { topic: TEXT, partition: COUNT, offset: OFFSET };

function next(cursor: RegExp): Schema {
  return {
    type: ["string", "null"],
    pattern: cursor.source,
    description: "The `after` that continues",
  };
}

function choice(...choices: string[]): Schema {
  return { type: "string", enum: choices };
}

const LETTER = {
  id: OFFSET,
  code: CODE,
  pointer: TEXT,
  message: TEXT,
  ...PLACE,
  eventId: nullable(TEXT),
  firstSeen: TIME,
  publishedAt: nullable(TIME),
  state: choice("open", "resent", "superseded", "resolved"),
  resolvedAt: nullable(TIME),
  supersededBy: nullable(OFFSET),
  clearedAt: nullable(TIME),
};

/** Pages, documents and their parts. */
export const ANSWER_SCHEMAS = {
  StoredEvent: record({
    eventId: TEXT,
    sessionId: TEXT,
    eventType: TEXT,
    ts: TIME,
    receivedAt: TIME,
    payload: ANY,
    ...PLACE,
  }),
  EventsPage: record({ events: arrayOf(ref("StoredEvent")), next: next(EVENTS_CURSOR) }),
  EventTrace: record({
    eventId: TEXT,
    accepted: nullable(record({ at: TIME })),
    log: nullable(record(PLACE)),
    row: nullable(record({ sessionId: TEXT, eventType: TEXT, ts: TIME, payload: ANY })),
    archive: nullable(
      record({
        state: choice("waiting", "planned", "stored"),
        key: nullable(TEXT),
        storedAt: nullable(TIME),
      }),
    ),
  }),
  DeadLetterSummary: record(LETTER),
  DeadLettersPage: record({
    deadLetters: arrayOf(ref("DeadLetterSummary")),
    next: next(LETTERS_CURSOR),
  }),
  DeadLetterCodes: record({
    codes: arrayOf(
      record({ code: CODE, count: COUNT, firstSeen: TIME, lastSeen: TIME, unresolved: COUNT }),
    ),
  }),
  Bytes: record({ base64: TEXT, text: nullable(TEXT) }),
  Resend: record({
    resentAt: TIME,
    ...PLACE,
    eventId: nullable(TEXT),
    outcome: choice("waiting", "stored", "dead", "lost"),
    deadLetterId: nullable(OFFSET),
  }),
  DeadLetterDetail: record({
    ...LETTER,
    recordTimestampMs: { type: "string", pattern: "^-?[0-9]+$" },
    key: nullable(ref("Bytes")),
    value: nullable(ref("Bytes")),
    headers: arrayOf(record({ key: TEXT, value: nullable(ref("Bytes")) })),
    resendsTotal: COUNT,
    resends: arrayOf(ref("Resend")),
  }),
  Resent: record({ deadLetterId: OFFSET, eventId: nullable(TEXT), ...PLACE }),
  ResentMany: record({
    resent: COUNT,
    refused: arrayOf(record({ id: OFFSET, code: CODE })),
    next: next(LETTERS_CURSOR),
  }),
  ArchiveObject: record({
    topic: TEXT,
    partition: COUNT,
    firstOffset: OFFSET,
    lastOffset: OFFSET,
    key: nullable(TEXT),
    format: TEXT,
    events: COUNT,
    bytes: COUNT,
    sha256: TEXT,
    state: choice("planned", "stored"),
    plannedAt: TIME,
    storedAt: nullable(TIME),
  }),
  ObjectsPage: record({ objects: arrayOf(ref("ArchiveObject")), next: next(OBJECTS_CURSOR) }),
  /** The data of the event `metrics`; further fields may come. */
  MetricsFrame: record({
    ts: TIME,
    receivedTotal: COUNT,
    writtenTotal: COUNT,
    avgProcessingMs: nullable(NUMBER),
    lag: nullable(COUNT),
    eventsPerSecond: record({ received: NUMBER, stored: NUMBER, archived: NUMBER }),
    latencyMs: record({ p50: nullable(NUMBER), p95: nullable(NUMBER), p99: nullable(NUMBER) }),
    partitions: arrayOf(ref("PartitionFrame")),
    archive: record({
      enabled: FLAG,
      objects: COUNT,
      events: COUNT,
      bytes: COUNT,
      oldestUnarchivedSeconds: nullable(NUMBER),
      lastKey: nullable(TEXT),
    }),
    duplicates: COUNT,
    deadLetters: record({ total: COUNT, byCode: mapOf(COUNT) }),
    eventTypes: arrayOf(record({ eventType: TEXT, events: COUNT })),
    eventTypesOther: COUNT,
    completeUpTo: nullable(TIME),
    dependencies: mapOf(record({ state: TEXT, since: TIME }, { remedy: TEXT })),
    subscribers: COUNT,
  }),
  PartitionFrame: record({
    partition: COUNT,
    logStart: nullable(OFFSET),
    highWatermark: nullable(OFFSET),
    stored: nullable(OFFSET),
    archived: nullable(OFFSET),
    lag: nullable(COUNT),
    archiveLag: nullable(COUNT),
    lagSeconds: nullable(NUMBER),
    archiveLagSeconds: nullable(NUMBER),
    nearsRetention: arrayOf(TEXT),
    stopped: nullable(TEXT),
  }),
} as const satisfies Readonly<Record<string, Schema>>;

/** A named answer. */
export type AnswerName = keyof typeof ANSWER_SCHEMAS;
