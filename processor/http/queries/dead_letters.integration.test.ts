/** Queries of dead letters and archive objects, over a real PostgreSQL. */
import { describe, expect, test } from "bun:test";
import type { ArchiveObject } from "./archive_objects.ts";
import type {
  DeadLetterCodes,
  DeadLetterDetail,
  DeadLetterSummary,
} from "@tally/shared/dead_letters";
import { askOver, insertObjects } from "../testing/queries.ts";
import type { TestDatabase } from "../testing/server.ts";

const POISON = Buffer.from([0xff, 0x00, 0x41]);

async function insertRows(database: TestDatabase): Promise<void> {
  await insertObjects(database);
  const headers = [
    { key: "origin", value: Buffer.from("test") },
    { key: "none", value: null },
  ];
  await database.insertDeadLetter({ offset: 100, value: POISON, key: Buffer.from("k"), headers });
  await database.insertDeadLetter({
    offset: 101,
    value: Buffer.from('{"eventId":"lost-1"}'),
    code: "field_missing",
  });
  await database.insertDeadLetter({ offset: 102, value: null });
}

const { ask, database } = askOver(insertRows);

describe("GET /dead-letters", () => {
  interface Body {
    readonly deadLetters: readonly DeadLetterSummary[];
    readonly next: string | null;
  }

  test("GET /dead-letters gives each once, newest first, without bytes, when paged through", async () => {
    const first = await ask<Body>("/dead-letters?limit=2");
    const second = await ask<Body>(`/dead-letters?limit=2&after=${first.body.next}`);

    const letters = [...first.body.deadLetters, ...second.body.deadLetters];
    expect(letters.map(({ offset }) => offset)).toEqual(["102", "101", "100"]);
    expect(second.body.next).toBeNull();
    expect(letters[1]).toEqual({
      id: expect.stringMatching(/^\d+$/) as string,
      code: "field_missing",
      pointer: "",
      message: "A required field is missing",
      topic: "events",
      partition: 0,
      offset: "101",
      eventId: "lost-1",
      firstSeen: expect.stringMatching(/Z$/) as string,
      publishedAt: null,
      state: "open",
      resolvedAt: null,
      supersededBy: null,
      clearedAt: null,
    });
  });

  test("GET /dead-letters gives those of one partition when it is given", async () => {
    const own = await ask<Body>("/dead-letters?partition=0&code=field_missing");
    const other = await ask<Body>("/dead-letters?partition=1");

    expect(own.body.deadLetters.map(({ offset }) => offset)).toEqual(["101"]);
    expect(other.body.deadLetters).toEqual([]);
  });

  test("GET /dead-letters/codes counts all and unresolved ones, with first and last times, by code", async () => {
    const { sql } = database();
    await database().setPosition({ sink: "postgres", partition: 0, nextOffset: 103 });
    await database().setPosition({ sink: "postgres", partition: 1, nextOffset: 5 });
    await sql`update positions set dead_letter_codes = '{"record_corrupt": 2, "field_missing": 1}' where partition = 0`;
    await sql`update positions set dead_letter_codes = '{"record_corrupt": 1}' where partition = 1`;
    await sql`update dead_letters set first_seen = '2026-01-31T07:00:00Z' where "offset" = 100`;
    await sql`update dead_letters set resolved_at = now() where "offset" = 101`;

    const { status, body } = await ask<object>("/dead-letters/codes");

    const time = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    expect(status).toBe(200);
    expect(body).toEqual({
      codes: [
        {
          code: "record_corrupt",
          count: 3,
          firstSeen: "2026-01-31T07:00:00.000Z",
          lastSeen: time,
          unresolved: 2,
          onTheirWay: 0,
        },
        {
          code: "field_missing",
          count: 1,
          firstSeen: time,
          lastSeen: time,
          unresolved: 0,
          onTheirWay: 0,
        },
      ],
    });
    await sql`delete from positions`;
    await sql`update dead_letters set resolved_at = null`;
  });

  test("GET /dead-letters/codes tells letters on their way apart, and a copy names its letter", async () => {
    const { sql, topicLog } = database();
    await database().setPosition({ sink: "postgres", partition: 0, nextOffset: 103 });
    await sql`update positions set dead_letter_codes = '{"record_corrupt": 2, "field_missing": 1}'`;
    const copyAt = (offset: number, outcome: string | null, of: number) => sql`
      insert into dead_letter_resends (log, partition, "offset", dead_letter, outcome)
      select ${topicLog.logNumber}, 0, ${offset}, id, ${outcome} from dead_letters where "offset" = ${of}`;
    // Two copies of one letter, one of a letter that is resolved, and one that became a letter.
    await copyAt(500, null, 100);
    await copyAt(501, null, 100);
    await copyAt(502, null, 101);
    await copyAt(102, "dead", 101);
    await sql`update dead_letters set resolved_at = now() where "offset" = 101`;

    const { body } = await ask<DeadLetterCodes>("/dead-letters/codes");
    const { body: page } = await ask<Body>("/dead-letters?limit=2");
    const details = page.deadLetters.map(({ id }) => ask<DeadLetterDetail>(`/dead-letters/${id}`));
    const [copy, first] = (await Promise.all(details)).map((answer) => answer.body);
    await sql`delete from positions`;
    await sql`delete from dead_letter_resends`;
    await sql`update dead_letters set resolved_at = null`;

    const figures = body.codes.map(({ code, unresolved, onTheirWay }) => [
      code,
      unresolved,
      onTheirWay,
    ]);
    expect(figures).toEqual([
      ["record_corrupt", 2, 1],
      ["field_missing", 0, 0],
    ]);
    expect(copy?.copyOf).toBe(String(first?.id));
    expect(first?.copyOf).toBeNull();
  });

  test("GET /dead-letters orders ids as numbers when they differ in length", async () => {
    const offsets = Array.from({ length: 20 }, (_, index) => 200 + index);
    for (const offset of offsets) await database().insertDeadLetter({ offset, value: null });
    const seen: string[] = [];
    let after = "";
    for (let pages = 0; pages < 30; pages++) {
      const { body } = await ask<Body>(`/dead-letters?limit=3${after}`);
      seen.push(...body.deadLetters.map(({ offset }) => offset));
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    await database().sql`delete from dead_letters where "offset" >= 200`;

    expect(seen).toEqual([...offsets.toReversed().map(String), "102", "101", "100"]);
  });

  test("GET /dead-letters gives those of one code when it is given, and refuses codes that don't exist", async () => {
    const { body } = await ask<Body>("/dead-letters?code=record_corrupt");
    const wrong = await ask<{ pointer: string }>("/dead-letters?code=nonsense");

    expect(body.deadLetters.map(({ offset }) => offset)).toEqual(["102", "100"]);
    expect([wrong.status, wrong.body.pointer]).toEqual([400, "/code"]);
  });

  test("GET /dead-letters/{id} gives the exact bytes, and text only when they are UTF-8", async () => {
    const { body } = await ask<Body>("/dead-letters");
    const [empty, , poison] = body.deadLetters.map(({ id }) => id);

    const detail = (await ask<DeadLetterDetail>(`/dead-letters/${poison}`)).body;
    const nothing = (await ask<DeadLetterDetail>(`/dead-letters/${empty}`)).body;

    expect(detail.value).toEqual({ base64: POISON.toString("base64"), text: null });
    expect(detail.key).toEqual({ base64: "aw==", text: "k" });
    expect(detail.headers).toEqual([
      { key: "origin", value: { base64: "dGVzdA==", text: "test" } },
      { key: "none", value: null },
    ]);
    expect(detail.recordTimestampMs).toBe("1769843612345");
    expect([nothing.key, nothing.value, nothing.headers]).toEqual([null, null, []]);
  });

  test("GET /dead-letters/{id} answers not_found when there is none", async () => {
    for (const id of ["999999", "-1", "1e3", "99999999999999999999", "x"]) {
      expect((await ask<object>(`/dead-letters/${id}`)).status).toBe(404);
    }
  });
});

describe("GET /archive/objects", () => {
  interface Body {
    readonly objects: readonly ArchiveObject[];
    readonly next: string | null;
  }

  test("GET /archive/objects gives every range once when paged through", async () => {
    const first = await ask<Body>("/archive/objects?limit=2");
    const second = await ask<Body>(`/archive/objects?limit=2&after=${first.body.next}`);

    const ranges = [...first.body.objects, ...second.body.objects].map(
      ({ partition, firstOffset, lastOffset }) => `${partition}: ${firstOffset}-${lastOffset}`,
    );
    expect(ranges).toEqual(["1: 0-9", "0: 4-6", "0: 0-3"]);
    expect(second.body.next).toBeNull();
  });

  test("GET /archive/objects gives those of one partition and state when both are given", async () => {
    const { body } = await ask<Body>("/archive/objects?partition=0&state=stored");

    expect(body.objects).toEqual([
      {
        topic: "events",
        partition: 0,
        firstOffset: "0",
        lastOffset: "3",
        key: "events/key-0-0.json",
        format: "json",
        events: 4,
        bytes: 100,
        sha256: "abc",
        state: "stored",
        plannedAt: expect.stringMatching(/Z$/) as string,
        storedAt: expect.stringMatching(/Z$/) as string,
      },
    ]);
  });

  test("GET /archive/objects answers invalid_parameter when partition or state is invalid", async () => {
    for (const query of ["partition=-1", "partition=3000000000", "state=lost", "after=W10"]) {
      expect((await ask<object>(`/archive/objects?${query}`)).status).toBe(400);
    }
  });
});
