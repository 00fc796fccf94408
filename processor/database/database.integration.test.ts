/** The migrations on tables that have grown, over a real PostgreSQL. */
import { eventually, loadConfig } from "@tally/shared";
import { testNames, testStack } from "@tally/stack/testing";
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Database } from "@tally/shared/database";
import { migrate, openDatabase } from "./database.ts";
import firstMigration from "./migrations/0001_events.sql" with { type: "text" };

const { schema } = testNames();
/** The shortest timeout that can be set, ms. */
const STATEMENT_MS_MIN = 100;
/** Enough rows that creating an index on them takes longer than that: 350 ms (measured). */
const LETTERS = 300_000;
/** Rows per insert: few enough for a busy machine to insert them within the statement's time. */
const LETTERS_AT_ONCE = 20_000;
let url: string;
let plain: Database;

beforeAll(async () => {
  ({ url } = (await testStack()).postgres);
  plain = open({});
}, 60_000);
afterAll(async () => {
  await plain`drop schema ${plain(schema)} cascade`;
  await plain.end();
});

function open(env: Record<string, string>): Database {
  const variables = { DATABASE_URL: url, DATABASE_SCHEMA: schema, ...env };
  return openDatabase(loadConfig(variables, "processor"), "test");
}

test("migrate() lets an index on a large table take longer than other statements may", async () => {
  await plain`create schema ${plain(schema)}`;
  await plain.unsafe(firstMigration);
  await plain`create table schema_migrations (version integer primary key, name text not null, applied_at timestamptz not null default now())`;
  await plain`insert into schema_migrations (version, name) values (1, '0001_events')`;
  for (let first = 0; first < LETTERS; first += LETTERS_AT_ONCE) {
    await plain`
      insert into dead_letters (log, partition, "offset", code, message, headers, record_timestamp_ms)
      select 1, 0, number, md5(number::text), '', '', 0
      from generate_series(${first}::integer, ${first + LETTERS_AT_ONCE - 1}::integer) as number`;
  }
  // Half of what the index takes here and now: a busy machine slows both.
  const startedMs = performance.now();
  await plain`create index measured on dead_letters (code, id)`;
  const indexMs = performance.now() - startedMs;
  await plain`drop index measured`;
  const statementMs = Math.max(STATEMENT_MS_MIN, Math.floor(indexMs / 2));
  const sql = open({ DATABASE_STATEMENT_TIMEOUT_MS: String(statementMs) });

  await migrate(sql, schema);
  await sql.end();

  const indexes = await plain`
    select from pg_indexes where schemaname = ${schema} and indexname = 'dead_letters_code'`;
  expect(indexes).toHaveLength(1);
  expect(indexMs).toBeGreaterThan(statementMs);
}, 60_000);

test("migrate() of one schema does not wait for that of another in the same database", async () => {
  const names = { held: testNames().schema, free: testNames().schema };
  const held = open({ DATABASE_SCHEMA: names.held });
  const free = open({ DATABASE_SCHEMA: names.free });
  const isWaiting = async () => {
    const found = await plain`
      select from pg_locks where not granted
        and relation = to_regclass(${`${names.held}.schema_migrations`})`;
    return found.length > 0;
  };
  await migrate(held, names.held);
  let migrating = Promise.resolve();

  await held.begin(async (transaction) => {
    await transaction`lock table schema_migrations in access exclusive mode`;
    migrating = migrate(held, names.held);
    expect(await eventually(isWaiting, 3000)).toBe(true);
    await migrate(free, names.free);
    expect(await isWaiting()).toBe(true);
  });
  await migrating;

  await plain`drop schema ${plain(names.held)} cascade`;
  await plain`drop schema ${plain(names.free)} cascade`;
  await Promise.all([held.end(), free.end()]);
}, 60_000);
