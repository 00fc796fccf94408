/** The routes over rows in a real PostgreSQL, one schema per test file. Test support only. */
import { afterAll, beforeAll } from "bun:test";
import { testNames, testStack } from "@tally/stack/testing";
import type { Database } from "@tally/shared/database";
import { createApp } from "../server.ts";
import { NO_SERVER, openTestDatabase, testParts, type TestDatabase } from "./server.ts";

/** How a test sends requests to the routes. */
export interface Asked {
  /** The rows that the routes read; open once the tests run. */
  readonly database: () => TestDatabase;
  /** Gets a path, over the rows of the test file unless another database is given. */
  ask<T>(path: string, sql?: Database): Promise<{ status: number; headers: Headers; body: T }>;
}

// Includes the start of the servers.
const START_MS_MAX = 120_000;

/** Makes a schema before the tests of a file, fills it, and drops it after them. */
export function askOver(fill: (database: TestDatabase) => Promise<void>): Asked {
  let opened: TestDatabase | null = null;
  const database = (): TestDatabase => {
    if (opened === null) throw new Error("No database: it is opened before the first test");
    return opened;
  };
  beforeAll(async () => {
    const stack = await testStack();
    opened = await openTestDatabase(stack.postgres.url, testNames().schema);
    await fill(opened);
  }, START_MS_MAX);
  afterAll(() => opened?.close());
  return {
    database,
    async ask<T>(path: string, sql = database().sql) {
      const app = createApp(testParts(sql), NO_SERVER);
      const response = await app.fetch(new Request(`http://localhost:8082${path}`));
      const { status, headers } = response;
      return { status, headers, body: (await response.json()) as T };
    },
  };
}

/** Eleven rows of two sessions, three ranges of the archive, and a dead letter. */
export async function insertRows(database: TestDatabase): Promise<void> {
  // Pairs have the same time, so that the id decides their order.
  for (let index = 0; index < 10; index++) {
    await database.insertEvent({
      eventId: `event-${index}`,
      offset: index,
      receivedAt: `2026-01-31T07:00:0${Math.floor(index / 2)}.250Z`,
      sessionId: index < 3 ? "alpha" : "beta",
      eventType: index % 2 === 0 ? "page_view" : "click",
      payload: `{"n":${index},"constructor":"x"}`,
    });
  }
  await database.insertEvent({
    eventId: "elsewhere",
    offset: 50,
    partition: 1,
    receivedAt: "2026-01-30T07:00:00.000Z",
    ts: "0099-12-31T23:59:59.999Z",
  });
  await insertObjects(database);
  await database.insertDeadLetter({
    offset: 101,
    value: Buffer.from('{"eventId":"lost-1"}'),
    code: "field_missing",
  });
}

/** Three ranges of two partitions: stored, planned, stored. */
export async function insertObjects(database: TestDatabase): Promise<void> {
  await database.insertObject({ partition: 0, firstOffset: 0, lastOffset: 3, state: "stored" });
  await database.insertObject({ partition: 0, firstOffset: 4, lastOffset: 6, state: "planned" });
  await database.insertObject({ partition: 1, firstOffset: 0, lastOffset: 9, state: "stored" });
}
