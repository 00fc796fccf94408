/** How often one write looks into the table of events when it knows all of them already. */
import { beforeAll, expect, test } from "bun:test";
import { eventually } from "@tally/shared";
import type { Database } from "@tally/shared/database";
import { batchOfIds } from "./testing/batches.ts";
import { NEVER, newSink, useTables } from "./testing/tables.ts";
import type { Sink } from "../pipeline/sink.ts";

const EVENTS = 1000;
/** PostgreSQL plans a prepared statement five times on each connection, then keeps a plan. */
const WRITES_BEFORE = 60;
const STATISTICS_MS_MAX = 10_000;

const tables = useTables();
let sql: Database;
let sink: Sink;

beforeAll(async () => {
  ({ sql } = tables);
  ({ sink } = await newSink(sql, "topic-id", { partitions: 2 }));
});

/** Look-ups in the index of event ids since the start, once the statistics stand still. */
async function lookups(): Promise<number> {
  let last = -1;
  let seen = 0;
  const isStill = async () => {
    last = seen;
    const [row] = await sql<{ scans: number }[]>`
      select idx_scan::int as scans from pg_stat_user_indexes where indexrelid = 'web_events_pkey'::regclass`;
    seen = row?.scans ?? 0;
    return seen > 0 && seen === last;
  };
  expect(await eventually(isStill, STATISTICS_MS_MAX)).toBe(true);
  return seen;
}

test("write() looks up each event a few times when it reads a batch again", async () => {
  const ids = Array.from({ length: EVENTS }, (_, index) => `event-${index}`);
  for (let offset = 0; offset < WRITES_BEFORE; offset++) {
    await sink.write(batchOfIds(offset, ["known"], { partition: 1 }), NEVER);
  }
  await sink.write(batchOfIds(0, ids), NEVER);
  const before = await lookups();
  await sql`update positions set next_offset = 0, planned_to = 0 where partition = 0`;

  const written = await sink.write(batchOfIds(0, ids), NEVER);

  expect(written).toMatchObject({ already: false, duplicates: 0 });
  expect(await eventually(async () => (await lookups()) > before, STATISTICS_MS_MAX)).toBe(true);
  // Once to insert it, once to find its row; the planner may add a few, never one for each other.
  expect((await lookups()) - before).toBeLessThan(5 * EVENTS);
});
