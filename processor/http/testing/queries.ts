/** The routes over rows in a real PostgreSQL, a schema for each test file. Test support only. */
import { afterAll, beforeAll } from "bun:test";
import { testNames, testStack } from "@tally/stack/testing";
import type { Database } from "../../database/database.ts";
import { createApp } from "../server.ts";
import { openTestDatabase, testParts, type TestDatabase } from "./server.ts";

/** What a test asks the routes through. */
export interface Asked {
  /** The rows behind them; there once the tests run. */
  readonly database: () => TestDatabase;
  /** Gets a path, over the file's own rows unless told otherwise. */
  ask<T>(path: string, sql?: Database): Promise<{ status: number; headers: Headers; body: T }>;
}

// The servers may have to be started first.
const START_MS_MAX = 120_000;

/** Makes a schema before the file's tests, fills it, and drops it behind them. */
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
      const response = await app.fetch(new Request(`http://processor${path}`));
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
