/**
 * `GET /events/{id}/trace`: where one event is on its way, accepted -> log -> row -> archive
 * object.
 */
import { formatTimestamp, receivedAtOf, type EventTrace, type TracedLine } from "@tally/shared";
import type { Database } from "@tally/shared/database";
import { decodeHeaders } from "../../dead_letters/dead_letter.ts";
import { printTime } from "./time.ts";

/** Where the event is so far, or null when it is neither a row nor a dead letter. */
export async function findTrace(sql: Database, eventId: string): Promise<EventTrace | null> {
  const [row, letter] = await Promise.all([findRow(sql, eventId), findDeadLetter(sql, eventId)]);
  const deadLetter = letter === null ? null : { id: letter.id, code: letter.code };
  if (row === null && letter === null) return null;
  if (row !== null) return { ...row, deadLetter };
  const { topic = "", partition = 0, offset = "" } = letter ?? {};
  // In the log, but in no row and no object.
  const log = { topic, partition, offset };
  const accepted = letter === null ? null : acceptedOf(letter);
  return { eventId, accepted, log, row: null, archive: null, deadLetter };
}

interface TraceRow {
  readonly log: number;
  readonly session_id: string;
  readonly event_type: string;
  readonly ts: string;
  readonly received_at: string;
  readonly payload: unknown;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** Null when no object is planned for it yet, and so the other columns of the object. */
  readonly state: "planned" | "stored" | null;
  readonly key: string | null;
  readonly planned_at: string | null;
  readonly stored_at: string | null;
  readonly sha256: string | null;
  readonly lines: number | null;
  readonly first_offset: string;
  readonly last_offset: string;
}

async function findRow(
  sql: Database,
  eventId: string,
): Promise<Omit<EventTrace, "deadLetter"> | null> {
  const [row] = await sql<TraceRow[]>`
    select log, session_id, event_type, ${printTime(sql, "ts")} as ts, ${printTime(sql, "received_at")} as received_at,
      payload, topic, event.partition, event."offset"::text as "offset",
      object.state, object.key, ${printTime(sql, "planned_at")} as planned_at,
      ${printTime(sql, "stored_at")} as stored_at, object.sha256, object.events::float8 as lines,
      object.first_offset::text as first_offset, object.last_offset::text as last_offset
    from web_events as event
    join logs using (log)
    left join lateral (
      -- Ranges never overlap: only the one with the greatest start at or before the offset can hold it.
      select state, key, planned_at, stored_at, sha256, events, first_offset, last_offset
      from archive_objects as candidate
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
    archive: await findLine(sql, row),
  };
}

async function findLine(sql: Database, row: TraceRow): Promise<TracedLine> {
  return {
    state: row.state ?? "waiting",
    key: row.key,
    plannedAt: row.planned_at,
    storedAt: row.stored_at,
    sha256: row.sha256,
    lines: row.lines,
    line: row.state === null ? null : await countLine(sql, row),
  };
}

/**
 * The number of the line: the offsets of its object up to its own, less those that got no line.
 * Duplicates are forgotten after a time. So the same sum over the whole object must give its number
 * of lines; where it does not, the line is not known.
 */
async function countLine(sql: Database, row: TraceRow): Promise<number | null> {
  const { log, partition, first_offset: first, last_offset: last, offset } = row;
  const [counted] = await sql<{ below: number; inside: number }[]>`
    select count(*) filter (where "offset" < ${offset}::bigint)::float8 as below,
      count(*)::float8 as inside
    from (
      select "offset" from duplicate_events
      where log = ${log} and partition = ${partition}
        and "offset" between ${first}::bigint and ${last}::bigint
      union
      select "offset" from dead_letters
      where log = ${log} and partition = ${partition}
        and "offset" between ${first}::bigint and ${last}::bigint
    ) as without_line`;
  const { below = 0, inside = 0 } = counted ?? {};
  const records = Number(BigInt(last) - BigInt(first)) + 1;
  if (records - inside !== row.lines) return null;
  return Number(BigInt(offset) - BigInt(first)) + 1 - below;
}

interface LetterRow {
  readonly id: string;
  readonly code: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly record_timestamp_ms: string;
  readonly value: Buffer | null;
  readonly headers: Buffer;
}

/** The newest dead letter of an event. */
async function findDeadLetter(sql: Database, eventId: string): Promise<LetterRow | null> {
  const [row] = await sql<LetterRow[]>`
    select dead_letters.id::text, code, topic, partition, "offset"::text as "offset",
      record_timestamp_ms::text, value, headers
    from dead_letters join logs using (log)
    where event_id = ${eventId} order by dead_letters.id desc limit 1`;
  return row ?? null;
}

/**
 * When ingest received the record of a letter; null when it was another producer's, or its bytes
 * were cleared.
 */
function acceptedOf(letter: LetterRow): EventTrace["accepted"] {
  const receivedMs = receivedAtOf({
    partition: letter.partition,
    offset: BigInt(letter.offset),
    timestampMs: Number(letter.record_timestamp_ms),
    value: letter.value,
    headers: decodeHeaders(letter.headers),
  });
  return receivedMs === null ? null : { at: formatTimestamp(receivedMs) };
}
