/**
 * The upgrade that brings the counts, under processors of the version before and with rows that
 * nothing has counted.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { testNames, testStack } from "@tally/stack/testing";
import { blamesRow, sqlState, type Database } from "@tally/shared/database";
import { allDifferences } from "../counts/testing/counted.ts";
import { fillCounts } from "../counts/first_fill.ts";
import { migrate } from "../database/database.ts";
import { registerLog, type TopicLog } from "../pipeline/positions.ts";
import { statementParameters, takeApart } from "./statement_parameters.ts";
import { batchOf, batchOfIds, event, newIds } from "./testing/batches.ts";
import { NEVER, openPool, sinkOver } from "./testing/tables.ts";
import oldStatement from "./testing/write_new_events_before_counts.sql" with { type: "text" };

const { schema } = testNames();
const START_MS_MAX = 120_000;
const BATCH = 50;
let sql: Database;
let topicLog: TopicLog;
let next = 0;

beforeAll(async () => {
  const { url } = (await testStack()).postgres;
  sql = openPool({ DATABASE_URL: url, DATABASE_SCHEMA: schema });
  await makeOldTables();
  topicLog = await registerLog(sql, "topic", "topic-id");
  await sinkOver(sql, topicLog).begin(0, 0n);
}, START_MS_MAX);
afterAll(async () => {
  await sql`drop schema ${sql(schema)} cascade`;
  await sql.end();
});

/** The tables of the version before. */
async function makeOldTables(): Promise<void> {
  await sql`create schema ${sql(schema)}`;
  await sql`create table schema_migrations (version integer primary key, name text not null, applied_at timestamptz not null default now())`;
  const folder = `${import.meta.dir}/../database/migrations`;
  const files = await Array.fromAsync(new Bun.Glob("000[1-8]_*.sql").scan({ cwd: folder }));
  for (const [index, file] of files.sort().entries()) {
    await sql.unsafe(await Bun.file(`${folder}/${file}`).text());
    await sql`insert into schema_migrations (version, name) values (${index + 1}, ${file.slice(0, -4)})`;
  }
}

/** Writes a batch as the version before does. */
async function writeAsBefore(): Promise<readonly object[]> {
  const batch = batchOfIds(next, newIds(BATCH));
  const input = { batch, parts: takeApart(batch), latencies: { buckets: [], sumMs: 0 } };
  const parameters = [...statementParameters(topicLog.logNumber, [input]), schema];
  const moved = await sql.unsafe(oldStatement, parameters, { prepare: true });
  next += moved.length * BATCH;
  return moved;
}

async function rowCount(): Promise<number> {
  const [row] = await sql<{ rows: number }[]>`select count(*)::integer as rows from web_events`;
  return row?.rows ?? -1;
}

test("a processor of the version before stores nothing once the tables are upgraded, and blames no row", async () => {
  const states: (string | null)[] = [];
  // Several owners at once, on connections that have the statement prepared.
  expect(await writeAsBefore()).toHaveLength(1);
  let isUpgraded = false;
  const before = (async () => {
    while (!isUpgraded)
      await writeAsBefore().catch((error: unknown) => states.push(sqlState(error)));
  })();

  await migrate(sql, schema);
  isUpgraded = true;
  await before;
  const rows = await rowCount();
  for (let attempt = 0; attempt < 3; attempt++) {
    await writeAsBefore().catch((error: unknown) => states.push(sqlState(error)));
  }

  expect(await rowCount()).toBe(rows);
  expect(rows).toBe(next);
  expect(states.length).toBeGreaterThanOrEqual(3);
  expect(new Set(states)).toEqual(new Set(["42883"]));
  expect(states.filter((state) => blamesRow(state ?? ""))).toEqual([]);
});

test("fillCounts() counts the rows from before while others write, and continues where it was stopped", async () => {
  const sink = sinkOver(sql, topicLog, { judgedBatches: 1 });
  await sink.open(0);
  const write = async (rounds: number) => {
    for (let round = 0; round < rounds; round++, next += 4) {
      const events = newIds(4).map((id, index) => {
        const at = new Date(Date.now() - index * 50_000_000).toISOString();
        const receivedAt = new Date().toISOString();
        return event(id, { ts: at, receivedAt, eventType: `new ${round % 7}` });
      });
      await sink.write(batchOf(0, BigInt(next), events), NEVER);
    }
  };
  await write(20);
  expect(await complete()).toBe(false);
  expect((await allDifferences(sql)).length).toBeGreaterThan(0);
  const [stopping, chunks] = [new AbortController(), [] as string[]];
  const options = { sql, chunkRows: 60, onChunk: ({ to }: { to: string }) => chunks.push(to) };

  const first = await fillCounts({
    ...options,
    signal: stopping.signal,
    onChunk: (chunk) => {
      options.onChunk(chunk);
      stopping.abort();
    },
  });
  const stoppedAt = chunks.length;
  const [second] = await Promise.all([fillCounts({ ...options, signal: NEVER }), write(40)]);

  expect([first, second, stoppedAt]).toEqual([false, true, 1]);
  expect(chunks.at(-1)).toBe("infinity");
  expect(chunks.length).toBeGreaterThan(2);
  expect(await complete()).toBe(true);
  expect(await allDifferences(sql)).toEqual([]);
});

test("fillCounts() is done at once in an empty database", async () => {
  const empty = testNames().schema;
  const { url } = (await testStack()).postgres;
  const other = openPool({ DATABASE_URL: url, DATABASE_SCHEMA: empty });
  await migrate(other, empty);

  const [found] = await other`select counts_complete() as "isComplete"`;

  expect(found).toEqual({ isComplete: true });
  await other`drop schema ${other(empty)} cascade`;
  await other.end();
});

async function complete(): Promise<unknown> {
  const [found] = await sql`select counts_complete() as "isComplete"`;
  return found?.["isComplete"];
}
