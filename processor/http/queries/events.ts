/**
 * `GET /events`: stored rows, newest first, a page at a time. A page begins after the key
 * of the last row, so page 1,000 costs what page 1 does.
 */
import { PipelineError } from "@tally/shared";
import type { EventsPage, StoredEvent } from "@tally/shared/stored_events";
import { isTimedOut, type Database } from "@tally/shared/database";
import type { EventsQuery } from "../schemas.ts";
import { encodeCursor } from "./cursor.ts";
import { compileEvents } from "./events_statement.ts";

/**
 * Reads a page of rows.
 *
 * Only time has an index. One on sessions or types would cost each row of the hot path more than
 * all of these rare queries are worth (measured: 13 to 27 % of the rows per second), so such a
 * query reads rows newest first, for as long as a statement may take.
 *
 * @throws {PipelineError} `query_too_wide` when the filter matches too few rows: narrow from, to.
 */
export async function findEvents(sql: Database, query: EventsQuery): Promise<EventsPage> {
  try {
    return await readPage(sql, query);
  } catch (cause) {
    const { sessionId, eventType, filters, time } = query;
    const isFiltered = [sessionId, eventType, filters].some((each) => each !== undefined);
    if (!(isFiltered || time === "ts") || !isTimedOut(cause)) throw cause;
    const message = "Cannot read events: the statement took too long, from and to must be nearer";
    throw new PipelineError("query_too_wide", message, { cause });
  }
}

async function readPage(sql: Database, query: EventsQuery): Promise<EventsPage> {
  const { text, parameters } = compileEvents(query);
  const rows = await sql.unsafe<(StoredEvent & { cursorTime: string })[]>(text, [...parameters]);
  const shown = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? shown.at(-1) : undefined;
  return {
    events: shown.map(({ cursorTime: _cursorTime, ...event }) => event),
    next: last === undefined ? null : encodeCursor([last.cursorTime, last.eventId]),
  };
}
