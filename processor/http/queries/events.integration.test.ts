/** Queries of rows, over rows in a real PostgreSQL. */
import { loadConfig } from "@tally/shared";
import { describe, expect, test } from "bun:test";
import { testStack } from "@tally/stack/testing";
import { openDatabase } from "../../database/database.ts";
import type { StoredEvent } from "@tally/shared/stored_events";
import { askOver, insertRows } from "../testing/queries.ts";
import type { TestDatabase } from "../testing/server.ts";

const { ask, database } = askOver(insertRows);

interface EventsBody {
  readonly events: readonly StoredEvent[];
  readonly next: string | null;
}

describe("GET /events", () => {
  test("GET /events gives every row once, newest first, when paged through", async () => {
    const ids: string[] = [];
    let after = "";
    for (let pages = 0; pages < 10; pages++) {
      const { body } = await ask<EventsBody>(`/events?limit=3${after}`);
      ids.push(...body.events.map(({ eventId }) => eventId));
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }

    const expected = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((index) => `event-${index}`);
    expect(ids).toEqual([...expected, "elsewhere"]);
  });

  test("GET /events prints the row as it is stored when the session is given", async () => {
    const { body } = await ask<EventsBody>("/events?sessionId=alpha&eventType=click");

    expect(body).toEqual({
      events: [
        {
          eventId: "event-1",
          sessionId: "alpha",
          eventType: "click",
          ts: "2026-01-31T07:00:00.250Z",
          receivedAt: "2026-01-31T07:00:00.250Z",
          payload: { n: 1, constructor: "x" },
          source: null,
          topic: "events",
          partition: 0,
          offset: "1",
        },
      ],
      next: null,
    });
  });

  test("GET /events gives each row once when another program wrote rows microseconds apart", async () => {
    for (const digit of [1, 2, 3]) {
      const receivedAt = `2026-01-29T07:00:00.12300${digit}Z`;
      await database().insertEvent({ eventId: `micro-${digit}`, offset: 60 + digit, receivedAt });
    }
    const ids: string[] = [];
    let after = "";
    for (let pages = 0; pages < 3; pages++) {
      const { body } = await ask<EventsBody>(`/events?to=2026-01-30T00:00:00Z&limit=1${after}`);
      ids.push(...body.events.map(({ eventId }) => eventId));
      after = `&after=${body.next}`;
    }
    await database().sql`delete from web_events where event_id like 'micro-%'`;

    expect(ids).toEqual(["micro-3", "micro-2", "micro-1"]);
  });

  test("GET /events includes from and excludes to when both are given", async () => {
    const from = encodeURIComponent("2026-01-31T08:00:01.250+01:00");
    const { body } = await ask<EventsBody>(`/events?from=${from}&to=2026-01-31T07:00:03.250Z`);

    expect(body.events.map(({ eventId }) => eventId)).toEqual([
      "event-5",
      "event-4",
      "event-3",
      "event-2",
    ]);
  });

  test("GET /events gives the rows that the filters of a query let pass", async () => {
    const filters = [
      ["is", "event:props:n", [1, 4, 5]],
      ["is_not", "event:name", ["page_view"]],
    ];
    const { status, body } = await ask<EventsBody>(
      `/events?filters=${encodeURIComponent(JSON.stringify(filters))}`,
    );

    expect(status).toBe(200);
    expect(body.events.map(({ eventId }) => eventId)).toEqual(["event-5", "event-1"]);
  });

  test("GET /events bounds ts, each row once, when time is ts", async () => {
    await database().insertEvent({
      eventId: "late",
      offset: 80,
      receivedAt: "2026-01-31T09:00:00.000Z",
      ts: "2026-01-31T07:00:01.000Z",
    });
    const ids: string[] = [];
    let after = "";
    for (let pages = 0; pages < 5; pages++) {
      const { body } = await ask<EventsBody>(
        `/events?time=ts&from=2026-01-31T07:00:00Z&to=2026-01-31T07:00:02Z&limit=2${after}`,
      );
      ids.push(...body.events.map(({ eventId }) => eventId));
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    const open = await ask<EventsBody>("/events?time=ts&to=1999-01-01T00:00:00Z");
    await database().sql`delete from web_events where event_id = 'late'`;

    expect(ids).toEqual(["late", "event-3", "event-2", "event-1", "event-0"]);
    expect(open.body.events.map(({ eventId }) => eventId)).toEqual(["elsewhere"]);
  });

  test("GET /events answers invalid_parameter without echoing when a parameter is wrong", async () => {
    const forged = Buffer.from('["2026","x\'; drop table"]').toString("base64url");
    const wrong = [
      ["limit=0", "/limit"],
      ["limit=1001", "/limit"],
      ["limit=ten", "/limit"],
      ["limit=5&limit=6", "/limit"],
      ["from=yesterday", "/from"],
      ["to=2026-02-30T00:00:00Z", "/to"],
      [`sessionId=${"s".repeat(129)}`, "/sessionId"],
      ["eventType=", "/eventType"],
      ["after=%00", "/after"],
      ["filters=%5B", "/filters"],
      ["filters=%7B%7D", "/filters"],
      ["filters=%5B%5B%22is%22%5D%5D", "/filters"],
      ["time=now", "/time"],
      [`after=${forged}`, "/after"],
      ["secret=value", ""],
      ["__proto__=1", ""],
    ] as const;

    for (const [query, pointer] of wrong) {
      const { status, body } = await ask<object>(`/events?${query}`);
      expect([query, status, body]).toEqual([
        query,
        400,
        {
          type: "urn:tally:error:invalid_parameter",
          title: "A query parameter or header is invalid",
          status: 400,
          code: "invalid_parameter",
          pointer,
          requestId: "request-1",
        },
      ]);
    }
  });
});

describe("slow queries", () => {
  test("GET /events answers query_too_wide when a filter reads too many rows, and rows when from and to narrow it", async () => {
    const short = await openShort(database(), 1000);
    await slowly(database().sql, async () => {
      for (const filter of ["sessionId=beta", "eventType=page_view"]) {
        const wide = await ask("/events?" + filter, short);
        const narrow = await ask<EventsBody>(
          `/events?${filter}&from=2026-01-31T07:00:02Z&to=2026-01-31T07:00:03Z`,
          short,
        );

        expect([wide.status, wide.headers.get("retry-after")]).toEqual([422, null]);
        expect(wide.body).toMatchObject({ code: "query_too_wide" });
        expect(narrow.body.events.map(({ eventId }) => eventId)).toContain("event-4");
      }
      const unfiltered = await ask("/events", short);
      expect(unfiltered.body).toMatchObject({ code: "database_unavailable" });
    });
    await short.end();
  });

  test("GET /events answers database_unavailable when the table is locked, with any filter", async () => {
    const short = await openShort(database(), 100);
    // The lock makes every query wait.
    const holder = await database().sql.reserve();
    try {
      await holder`begin`;
      await holder`lock table web_events in access exclusive mode`;

      for (const path of ["/events", "/events?sessionId=alpha"]) {
        const { status, headers, body } = await ask(path, short);

        expect([status, headers.get("retry-after")]).toEqual([503, "1"]);
        expect(body).toMatchObject({ code: "database_unavailable" });
      }
    } finally {
      await holder`rollback`;
      holder.release();
      await short.end();
    }
  });
});

/** Makes each row slow to read, as if there were many rows: four take longer than a second. */
async function slowly(sql: TestDatabase["sql"], ask: () => Promise<void>): Promise<void> {
  await sql`alter table web_events rename to quick_events`;
  await sql`create view web_events as select * from quick_events where pg_sleep(0.3) is not null`;
  try {
    await ask();
  } finally {
    await sql`drop view web_events`;
    await sql`alter table quick_events rename to web_events`;
  }
}

/** A pool over the same schema whose statements end after this time, ms. */
async function openShort(
  { sql }: TestDatabase,
  statementMsMax: number,
): Promise<TestDatabase["sql"]> {
  const stack = await testStack();
  const env = {
    DATABASE_URL: stack.postgres.url,
    DATABASE_SCHEMA: String(sql.options.connection["search_path"]),
    DATABASE_STATEMENT_TIMEOUT_MS: String(statementMsMax),
  };
  return openDatabase(loadConfig(env, "processor"), "test");
}
