/** The routes over rows in a real PostgreSQL, one schema per test file. Test support only. */
import { afterAll, beforeAll } from "bun:test";
import { testNames, testStack } from "@tally/stack/testing";
import type { Database } from "../../database/database.ts";
import { createApp } from "../server.ts";
import { openTestDatabase, testParts, type TestDatabase } from "./server.ts";

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
      const hooks = { isStopping: () => false, keepOpen: () => undefined, cut: () => undefined };
      const app = createApp(testParts(sql), hooks);
      const response = await app.fetch(new Request(`http://localhost:8082${path}`));
      const { status, headers } = response;
      return { status, headers, body: (await response.json()) as T };
    },
  };
}

/** Three ranges of two partitions: stored, planned, stored. */
export async function insertObjects(database: TestDatabase): Promise<void> {
  await database.insertObject({ partition: 0, firstOffset: 0, lastOffset: 3, state: "stored" });
  await database.insertObject({ partition: 0, firstOffset: 4, lastOffset: 6, state: "planned" });
  await database.insertObject({ partition: 1, firstOffset: 0, lastOffset: 9, state: "stored" });
}
