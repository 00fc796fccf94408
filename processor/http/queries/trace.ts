/**
 * `GET /events/{id}/trace`: where one event is on its way, accepted -> log -> row -> archive
 * object.
 */
import type { EventTrace } from "@tally/shared";
import type { Database } from "../../database/database.ts";
import { printTime } from "./time.ts";

/** Where the event is so far, or null when it is neither a row nor a dead letter. */
export async function findTrace(sql: Database, eventId: string): Promise<EventTrace | null> {
  return (await findRow(sql, eventId)) ?? (await findDeadLetter(sql, eventId));
}

interface TraceRow {
  readonly session_id: string;
  readonly event_type: string;
  readonly ts: string;
  readonly received_at: string;
  readonly payload: unknown;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** Null when no object is planned for it yet. */
  readonly state: "planned" | "stored" | null;
  readonly key: string | null;
  readonly stored_at: string | null;
}

async function findRow(sql: Database, eventId: string): Promise<EventTrace | null> {
  const [row] = await sql<TraceRow[]>`
    select session_id, event_type, ${printTime(sql, "ts")} as ts, ${printTime(sql, "received_at")} as received_at,
      payload, topic, event.partition, event."offset"::text as "offset",
      object.state, object.key, ${printTime(sql, "stored_at")} as stored_at
    from web_events as event
    join logs using (log)
    left join lateral (
      -- Ranges never overlap: only the one with the greatest start at or before the offset can hold it.
      select state, key, stored_at, last_offset from archive_objects as candidate
      where candidate.log = event.log and candidate.partition = event.partition
        and candidate.first_offset <= event."offset"
      order by first_offset desc limit 1
    ) as object on object.last_offset >= event."offset"
    where event_id = ${eventId}`;
  if (row === undefined) return null;
  return {
    eventId,
    accepted: { at: row.received_at },
    log: { topic: row.topic, partition: row.partition, offset: row.offset },
    row: {
      sessionId: row.session_id,
      eventType: row.event_type,
      ts: row.ts,
      payload: row.payload,
    },
    archive: { state: row.state ?? "waiting", key: row.key, storedAt: row.stored_at },
  };
}

/** An event that became a dead letter: it is in the log, but not in a row or an object. */
async function findDeadLetter(sql: Database, eventId: string): Promise<EventTrace | null> {
  const [row] = await sql<{ topic: string; partition: number; offset: string }[]>`
    select topic, partition, "offset"::text as "offset" from dead_letters join logs using (log)
    where event_id = ${eventId} order by id desc limit 1`;
  return row === undefined
    ? null
    : { eventId, accepted: null, log: { ...row }, row: null, archive: null };
}
