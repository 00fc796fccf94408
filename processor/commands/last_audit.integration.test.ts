/** The last audit is noted in one row; who may only read learns that it was not. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { loadConfig } from "@tally/shared";
import type { Database } from "@tally/shared/database";
import { openDatabase, prepareTables } from "../database/database.ts";
import { administeredDatabase, type AdministeredDatabase } from "../database/testing/roles.ts";
import { noteVerdict } from "./last_audit.ts";

const SCHEMA = "audited";
let database: AdministeredDatabase;
let sql: Database;

beforeAll(async () => {
  database = await administeredDatabase();
  await database.run(`create schema ${SCHEMA} authorization ${database.role}`);
  const env = { DATABASE_URL: database.url, DATABASE_SCHEMA: SCHEMA };
  sql = openDatabase(loadConfig(env, "processor"), "test");
  await prepareTables(sql, SCHEMA);
}, 120_000);
afterAll(async () => {
  await sql.end({ timeout: 1 });
  await database.close();
});

const found = (total: number) => ({
  problems: total === 0 ? [] : [{ kind: "missing_row", title: "", total, examples: [] } as const],
});
const note = (total: number) => noteVerdict({ url: database.url, schema: SCHEMA }, found(total));
const noted = async () => [...(await sql`select problems::integer from last_audit`)];

test("noteVerdict() keeps the last audit only", async () => {
  const outcomes = [await note(3), await note(0)];

  expect(outcomes).toEqual([null, null]);
  expect<unknown>(await noted()).toEqual([{ problems: 0 }]);
});

test("noteVerdict() says why it was not noted when the user may only read", async () => {
  await note(0);
  await sql`revoke insert, update on last_audit from current_user`;

  const problem = await note(7);

  expect(problem).toContain("permission denied for table last_audit");
  expect<unknown>(await noted()).toEqual([{ problems: 0 }]);
});
