/** Rows, positions and a server over them, for tests. Test support only. */
import {
  createMetrics,
  loadConfig,
  monotonicNow,
  silentLog,
  wallNow,
  type ErrorCode,
  type Metrics,
  type MetricsFrame,
} from "@tally/shared";
import { EMPTY_HISTORY } from "@tally/shared/frame_history";
import type { Database } from "@tally/shared/database";
import { migrate, openDatabase } from "../../database/database.ts";
import { deadLetter } from "../../dead_letters/dead_letter.ts";
import { registerLog, type TopicLog } from "../../pipeline/positions.ts";
import type { ReadCredentials } from "../../access/credentials.ts";
import { startAccess } from "../../access/start_access.ts";
import {
  createSessionStore,
  newSessionText,
  type SessionStore,
} from "../../access/stored_access.ts";
import type { ServerHooks } from "../routes.ts";
import type { ServerParts } from "../server.ts";
import { createQueries } from "../../queries/queries.ts";
import { createSnapshots } from "../../queries/snapshots.ts";
import { ROUND_CLOCK } from "../../live/rounds.ts";
import { createHub, type Hub } from "../../live/stream.ts";

/** A separate schema with the tables in it. */
export interface TestDatabase {
  readonly sql: Database;
  readonly topicLog: TopicLog;
  insertEvent(row: TestRow): Promise<void>;
  /** Sets counters of one sink's position, making it when needed. */
  setPosition(position: TestPosition): Promise<void>;
  insertDeadLetter(letter: TestLetter): Promise<void>;
  insertObject(object: TestObject): Promise<void>;
  close(): Promise<void>;
}

export interface TestRow {
  readonly eventId: string;
  readonly offset: number;
  readonly receivedAt: string;
  readonly partition?: number;
  readonly sessionId?: string;
  readonly eventType?: string;
  readonly ts?: string;
  readonly payload?: string;
}

export interface TestPosition {
  readonly sink: "postgres" | "archive";
  readonly partition: number;
  readonly nextOffset: number;
  readonly lastReceivedAt?: string;
  readonly records?: number;
  readonly events?: number;
}

export interface TestLetter {
  readonly offset: number;
  readonly value: Buffer | null;
  readonly code?: ErrorCode;
  readonly key?: Buffer | null;
  readonly headers?: readonly { readonly key: string; readonly value: Buffer | null }[];
}

export interface TestObject {
  readonly partition: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly state: "planned" | "stored";
}

/** Opens a schema, which `close()` drops. */
export async function openTestDatabase(url: string, schema: string): Promise<TestDatabase> {
  const env = { DATABASE_URL: url, DATABASE_SCHEMA: schema, DATABASE_CONNECTIONS_MAX: "3" };
  const sql = openDatabase(loadConfig(env, "processor"), "test");
  await migrate(sql, schema);
  const topicLog = await registerLog(sql, "events", `id-${schema}`);
  return {
    sql,
    topicLog,
    async insertEvent({ eventId, offset, receivedAt, ...row }) {
      await sql`
        insert into web_events values (${eventId}, ${row.sessionId ?? "s-1"}, ${row.eventType ?? "page_view"},
          ${row.ts ?? receivedAt}::text::timestamptz, ${receivedAt}::text::timestamptz, ${row.payload ?? "{}"}::text::jsonb,
          ${topicLog.logNumber}, ${row.partition ?? 0}, ${offset})`;
    },
    async setPosition({ sink, partition, nextOffset, lastReceivedAt = null, ...counters }) {
      const { records = 0, events = 0 } = counters;
      await sql`
        insert into positions (sink, log, partition, next_offset, planned_to, last_received_at, records, events)
        values (${sink}, ${topicLog.logNumber}, ${partition}, ${nextOffset}, ${nextOffset}, ${lastReceivedAt}::text::timestamptz, ${records}, ${events})
        on conflict (sink, log, partition) do update set next_offset = excluded.next_offset,
          last_received_at = excluded.last_received_at, records = excluded.records, events = excluded.events`;
    },
    async insertDeadLetter({ offset, value, code = "record_corrupt", key = null, headers = [] }) {
      const record = {
        topic: topicLog.topic,
        partition: 0,
        offset: BigInt(offset),
        timestampMs: 1_769_843_612_345,

        key,
        value,
        headers,
      };
      const letter = deadLetter(record, { code, pointer: "" });
      await sql`
        insert into dead_letters (log, partition, "offset", code, pointer, message, event_id, key, value, headers, record_timestamp_ms)
        values (${topicLog.logNumber}, 0, ${offset}, ${letter.code}, ${letter.pointer}, ${letter.message}, ${letter.eventId},
          ${letter.key}, ${letter.value}, ${letter.headers}, ${letter.recordTimestampMs})`;
    },
    async insertObject({ partition, firstOffset, lastOffset, state }) {
      await sql`
        insert into archive_objects (log, partition, first_offset, last_offset, key, format, encoder, events, bytes, sha256, state, stored_at)
        values (${topicLog.logNumber}, ${partition}, ${firstOffset}, ${lastOffset}, ${`events/key-${partition}-${firstOffset}.json`},
          'json', 1, ${lastOffset - firstOffset + 1}, 100, 'abc', ${state}, case when ${state} = 'stored' then now() end)`;
    },
    async close() {
      await sql`drop schema ${sql(schema)} cascade`;
      await sql.end();
    },
  };
}

/** What the routes need of a server that does not listen. */
export const NO_SERVER: ServerHooks = {
  isStopping: () => false,
  keepOpen: () => undefined,
  cut: () => undefined,
  clientOf: () => ({ address: "127.0.0.1", isSecure: false }),
};

/** Keys and sessions that a test makes, instead of those of PostgreSQL. */
export interface TestAccess {
  readonly read?: ReadCredentials;
  readonly store?: SessionStore;
}

/** The parts of a server, with every dependency up. */
export function testParts(
  sql: Database,
  env: Record<string, string> = {},
  { read, store }: TestAccess = {},
): ServerParts & { readonly hub: Hub; readonly metrics: Metrics<"processor"> } {
  const config = loadConfig({ PROCESSOR_PORT: "0", ...env }, "processor");
  const metrics = createMetrics("processor");
  const log = silentLog();
  return {
    config,
    sql,
    metrics,
    log,
    ...startAccess({
      config,
      read: read ?? (() => Promise.reject(new Error("No keys in this test"))),
      store: store ?? createSessionStore(sql, newSessionText),
      log,
      now: monotonicNow,
      pause: async () => undefined,
    }),
    hub: createHub({ ...config.stream, retryMs: 1000, clock: ROUND_CLOCK }),
    history: () => EMPTY_HISTORY,
    queries: createQueries({
      snapshots: createSnapshots({ sql, cancelling: sql }),
      wallNow,
      monotonicNow,
      rowsMax: config.analytics.rowsMax,
      completeUpTo: () => null,
    }),
    resender: {
      one: async () => ({ kind: "refused", problem: { code: "not_found" } }),
      many: async () => ({ resent: 0, ids: [], refused: [], last: null }),
      edited: async () => ({ kind: "refused", problem: { code: "not_found" } }),
    },
    dependencies: () => ALL_UP,
    isJoined: () => true,
    otherGroups: () => [],
    lostRecords: () => 0,
    dlqRemedy: () => null,
    dashboardFolder: "/nonexistent",
    ingestUrl: null,
    newRequestId: () => "request-1",
  };
}

/** Every dependency up, since a fixed time. */
export const ALL_UP: MetricsFrame["dependencies"] = {
  kafka: { state: "up", since: "2026-01-31T07:00:00.000Z" },
  postgres: { state: "up", since: "2026-01-31T07:00:00.000Z" },
  s3: { state: "up", since: "2026-01-31T07:00:00.000Z" },
};
