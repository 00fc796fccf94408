/** Traces of single events, over rows in a real PostgreSQL. */
import { REJECTED_HEADERS, type EventTrace } from "@tally/shared";
import { describe, expect, test } from "bun:test";
import { askOver, insertRows } from "../testing/queries.ts";

const { ask, database } = askOver(insertRows);

describe("GET /events/{id}/trace", () => {
  test("GET /events/{id}/trace ends in the archive object when it is stored", async () => {
    const { status, body } = await ask<EventTrace>("/events/event-2/trace");

    expect(status).toBe(200);
    expect(body).toEqual({
      eventId: "event-2",
      accepted: { at: "2026-01-31T07:00:01.250Z" },
      log: { topic: "events", partition: 0, offset: "2" },
      row: {
        sessionId: "alpha",
        eventType: "page_view",
        ts: "2026-01-31T07:00:01.250Z",
        payload: { n: 2, constructor: "x" },
      },
      archive: {
        state: "stored",
        key: "events/key-0-0.json",
        plannedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        storedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        sha256: "abc",
        lines: 4,
        line: 3,
      },
      deadLetter: null,
    });
  });

  test("GET /events/{id}/trace is planned or waiting when the archive has not stored the event yet", async () => {
    const planned = await ask<EventTrace>("/events/event-5/trace");
    const waiting = await ask<EventTrace>("/events/event-8/trace");
    const beyond = await ask<EventTrace>("/events/elsewhere/trace");

    const key = "events/key-0-4.json";
    expect(planned.body.archive).toMatchObject({ state: "planned", key, storedAt: null, line: 2 });
    expect(waiting.body.archive).toEqual({
      state: "waiting",
      key: null,
      plannedAt: null,
      storedAt: null,
      sha256: null,
      lines: null,
      line: null,
    });
    expect(beyond.body.archive?.state).toBe("waiting");
    expect(beyond.body.row?.ts).toBe("0099-12-31T23:59:59.999Z");
  });

  test("GET /events/{id}/trace ends in the log when the record became a dead letter", async () => {
    const { body } = await ask<EventTrace>("/events/lost-1/trace");

    expect(body).toEqual({
      eventId: "lost-1",
      accepted: null,
      log: { topic: "events", partition: 0, offset: "101" },
      row: null,
      archive: null,
      deadLetter: { id: expect.stringMatching(/^\d+$/) as string, code: "field_missing" },
    });
  });

  test("GET /events/{id}/trace knows when ingest received a record that became a dead letter", async () => {
    const event = {
      eventId: "conflict-1",
      sessionId: "s",
      eventType: "t",
      ts: "2026-01-31T06:00:00.000Z",
      receivedAt: "2026-01-31T07:00:05.500Z",
      payload: {},
    };
    await database().insertDeadLetter({ offset: 300, value: Buffer.from(JSON.stringify(event)) });
    const rejected = { key: REJECTED_HEADERS.code, value: Buffer.from("field_missing") };
    const value = Buffer.from('{"eventId":"rejected-1"}');
    await database().insertDeadLetter({ offset: 301, value, headers: [rejected] });

    const conflict = await ask<EventTrace>("/events/conflict-1/trace");
    const refused = await ask<EventTrace>("/events/rejected-1/trace");
    await database().sql`delete from dead_letters where "offset" >= 300`;

    expect(conflict.body.accepted).toEqual({ at: event.receivedAt });
    // Kafka's time of the record: ingest sets it.
    expect(refused.body.accepted).toEqual({ at: "2026-01-31T07:13:32.345Z" });
  });

  test("GET /events/{id}/trace counts no line for duplicates, and gives none when they are forgotten", async () => {
    const { sql, topicLog } = database();
    await sql`insert into duplicate_events values (${topicLog.logNumber}, 0, 1, 'event-0')`;
    await sql`update archive_objects set events = 3 where partition = 0 and first_offset = 0`;
    const told = await ask<EventTrace>("/events/event-2/trace");
    await sql`delete from duplicate_events`;
    const forgotten = await ask<EventTrace>("/events/event-2/trace");
    await sql`update archive_objects set events = 4 where partition = 0 and first_offset = 0`;

    expect(told.body.archive).toMatchObject({ line: 2, lines: 3 });
    expect(forgotten.body.archive).toMatchObject({ line: null, lines: 3 });
  });

  test("GET /events/{id}/trace answers not_found when the id is unknown or malformed", async () => {
    for (const id of ["unknown", "a%20b", "%00", "%ff", "x".repeat(5000), "..%2f..%2fetc"]) {
      const { status, body } = await ask<{ code: string }>(`/events/${id}/trace`);
      expect([status, body.code]).toEqual([404, "not_found"]);
    }
  });
});
