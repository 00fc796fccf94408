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
  objectOf,
  ref,
  TEXT,
  TIME,
  type Schema,
} from "@tally/shared";
import { HISTORY_FIGURES } from "@tally/shared/frame_history";
import { SCOPES } from "@tally/shared/keys";
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

const QUERY_ROW = {
  dimensions: arrayOf({ type: ["string", "number", "boolean", "null"] }),
  metrics: arrayOf(nullable(NUMBER)),
};

/** What is known of the figures of one range. */
const RANGE_META = {
  source: choice("counts", "rows"),
  exact: mapOf(FLAG),
  rows_in_range: COUNT,
  rows_read: COUNT,
  late_events: COUNT,
};

/** Pages, documents and their parts. */
export const ANSWER_SCHEMAS = {
  StoredEvent: objectOf({
    eventId: TEXT,
    sessionId: TEXT,
    eventType: TEXT,
    ts: TIME,
    receivedAt: TIME,
    payload: ANY,
    source: nullable(TEXT),
    ...PLACE,
  }),
  EventsPage: objectOf({ events: arrayOf(ref("StoredEvent")), next: next(EVENTS_CURSOR) }),
  EventTrace: objectOf({
    eventId: TEXT,
    accepted: nullable(objectOf({ at: TIME })),
    log: nullable(objectOf(PLACE)),
    row: nullable(objectOf({ sessionId: TEXT, eventType: TEXT, ts: TIME, payload: ANY })),
    archive: nullable(
      objectOf({
        state: choice("waiting", "planned", "stored"),
        key: nullable(TEXT),
        plannedAt: nullable(TIME),
        storedAt: nullable(TIME),
        sha256: nullable(TEXT),
        lines: nullable(COUNT),
        line: nullable(COUNT),
      }),
    ),
    deadLetter: nullable(objectOf({ id: OFFSET, code: CODE })),
  }),
  DeadLetterSummary: objectOf(LETTER),
  DeadLettersPage: objectOf({
    deadLetters: arrayOf(ref("DeadLetterSummary")),
    next: next(LETTERS_CURSOR),
  }),
  DeadLetterCodes: objectOf({
    codes: arrayOf(
      objectOf({
        code: CODE,
        count: COUNT,
        firstSeen: TIME,
        lastSeen: TIME,
        unresolved: COUNT,
        onTheirWay: COUNT,
      }),
    ),
  }),
  Bytes: objectOf({ base64: TEXT, text: nullable(TEXT) }),
  Resend: objectOf({
    resentAt: TIME,
    ...PLACE,
    eventId: nullable(TEXT),
    outcome: choice("waiting", "stored", "dead", "lost"),
    deadLetterId: nullable(OFFSET),
  }),
  DeadLetterDetail: objectOf({
    ...LETTER,
    recordTimestampMs: { type: "string", pattern: "^-?[0-9]+$" },
    key: nullable(ref("Bytes")),
    value: nullable(ref("Bytes")),
    headers: arrayOf(objectOf({ key: TEXT, value: nullable(ref("Bytes")) })),
    resendsTotal: COUNT,
    resends: arrayOf(ref("Resend")),
  }),
  Resent: objectOf({ deadLetterId: OFFSET, eventId: nullable(TEXT), ...PLACE }),
  ResentMany: objectOf({
    resent: COUNT,
    ids: arrayOf(OFFSET),
    refused: arrayOf(objectOf({ id: OFFSET, code: CODE })),
    next: next(LETTERS_CURSOR),
  }),
  ArchiveObject: objectOf({
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
  ObjectsPage: objectOf({ objects: arrayOf(ref("ArchiveObject")), next: next(OBJECTS_CURSOR) }),
  QueryAnswer: objectOf({
    results: arrayOf(ref("QueryRow")),
    meta: objectOf(
      {
        ...RANGE_META,
        complete_up_to: nullable(TIME),
        total_rows: nullable(COUNT),
        took_ms: COUNT,
      },
      {
        imports_included: FLAG,
        time_labels: arrayOf(TEXT),
        comparison: objectOf(
          { ...RANGE_META, date_range: arrayOf(TEXT) },
          { time_labels: arrayOf(TEXT) },
        ),
      },
    ),
    query: { type: "object" },
  }),
  FunnelAnswer: objectOf({
    results: arrayOf(ref("FunnelStep")),
    meta: objectOf({
      ...RANGE_META,
      source: choice("rows"),
      exact: FLAG,
      complete_up_to: nullable(TIME),
      took_ms: COUNT,
    }),
    query: { type: "object" },
  }),
  FunnelStep: objectOf({
    step: COUNT,
    count: COUNT,
    percentage: nullable(NUMBER),
    step_percentage: nullable(NUMBER),
    median_seconds: nullable(NUMBER),
  }),
  QueryRow: objectOf(QUERY_ROW, {
    comparison: objectOf({ ...QUERY_ROW, change: arrayOf(nullable(NUMBER)) }),
  }),
  /** The data of the event `metrics`; further fields may come. */
  MetricsFrame: objectOf({
    ts: TIME,
    receivedTotal: COUNT,
    writtenTotal: COUNT,
    avgProcessingMs: nullable(NUMBER),
    lag: nullable(COUNT),
    eventsPerSecond: objectOf({ received: NUMBER, stored: NUMBER, archived: NUMBER }),
    latencyMs: objectOf({ p50: nullable(NUMBER), p95: nullable(NUMBER), p99: nullable(NUMBER) }),
    partitions: arrayOf(ref("PartitionFrame")),
    archive: objectOf({
      enabled: FLAG,
      objects: COUNT,
      events: COUNT,
      bytes: COUNT,
      oldestUnarchivedSeconds: nullable(NUMBER),
      lastKey: nullable(TEXT),
    }),
    duplicates: COUNT,
    lostRecords: COUNT,
    deadLetters: objectOf({
      total: COUNT,
      byCode: mapOf(COUNT),
      open: nullable(COUNT),
      recent: nullable(COUNT),
    }),
    gaps: nullable(objectOf({ skipped: COUNT, lost: COUNT })),
    eventTypes: arrayOf(objectOf({ eventType: TEXT, events: COUNT })),
    eventTypesOther: COUNT,
    completeUpTo: nullable(TIME),
    dependencies: mapOf(
      objectOf(
        { state: TEXT, since: TIME },
        {
          remedy: TEXT,
          lastError: objectOf({ code: TEXT, at: TIME }, { message: TEXT }),
          lastOutage: objectOf({ from: TIME, to: TIME }, { code: TEXT, message: TEXT }),
        },
      ),
    ),
    otherGroups: arrayOf(TEXT),
    lastAudit: nullable(objectOf({ at: TIME, problems: COUNT })),
    subscribers: COUNT,
  }),
  /** Who is signed in; `name` is null for nobody, and with keys off. */
  Session: objectOf({
    keysOn: FLAG,
    name: nullable(TEXT),
    scopes: arrayOf(choice(...SCOPES)),
    expiresAt: nullable(TIME),
  }),
  /** Columns of one length; what was not known is null. */
  FrameHistory: objectOf({
    seconds: arrayOf(COUNT),
    ...Object.fromEntries(HISTORY_FIGURES.map((figure) => [figure, arrayOf(nullable(NUMBER))])),
  }),
  /** The data of the event `counts`; further fields may come. */
  CountsFrame: objectOf({
    ts: TIME,
    completeUpTo: nullable(TIME),
    minutes: arrayOf(ref("MinuteCounts")),
  }),
  MinuteCounts: objectOf({ minute: TIME, events: COUNT, types: mapOf(COUNT), other: COUNT }),
  PartitionFrame: objectOf({
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
    lostRecords: COUNT,
    stopped: nullable(TEXT),
    owner: nullable(TEXT),
    archiveOwner: nullable(TEXT),
  }),
} as const satisfies Readonly<Record<string, Schema>>;

/** A named answer. */
export type AnswerName = keyof typeof ANSWER_SCHEMAS;
