/** `bun run positions` with tables of another version: it changes nothing. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { loadConfig, type Config } from "@tally/shared";
import { serviceEnv, testNames, testStack } from "@tally/stack/testing";
import type { Database } from "@tally/shared/database";
import { migrate, openDatabase } from "../../database/database.ts";
import { parsePositionsArguments } from "./arguments.ts";
import { runPositions } from "./run.ts";

const COMMANDS = [
  "show",
  "explain",
  "rewind --sink postgres --partition 0 --to start --yes",
  "resume --sink archive --partition 0 --yes",
];
const { schema, topic } = testNames();
let config: Config<"processor">;
let sql: Database;

beforeAll(async () => {
  const stack = await testStack();
  const env = { ...serviceEnv(stack), DATABASE_SCHEMA: schema, KAFKA_TOPIC: topic };
  config = loadConfig(env, "processor");
  sql = openDatabase(config, "test");
});
beforeEach(async () => {
  await sql`drop schema if exists ${sql(schema)} cascade`;
});
afterAll(async () => {
  await sql`drop schema if exists ${sql(schema)} cascade`;
  await sql.end();
});

async function positions(line: string) {
  const parsed = parsePositionsArguments(line.split(" "));
  if (parsed.kind !== "run") throw new Error(`the test's own arguments are wrong: ${parsed.text}`);
  let text = "";
  const print = (part: string) => (text += part);
  const code = await runPositions(parsed.value, {
    config,
    print,
    ask: () => false,
    user: "operator",
  });
  return { code, text };
}

describe.each(COMMANDS)("runPositions()", (command) => {
  test(`positions ${command} creates no tables when there are none`, async () => {
    const outcome = await positions(command);

    expect(outcome).toEqual({ code: 1, text: expect.stringContaining("start the processor once") });
    const schemas = await sql`select from pg_namespace where nspname = ${schema}`;
    expect(schemas).toHaveLength(0);
  });

  test.each([
    { version: "older", change: "delete from schema_migrations where version = 3" },
    { version: "newer", change: "insert into schema_migrations values (9999, '9999_later')" },
  ])(`positions ${command} reports that the tables are $version`, async ({ version, change }) => {
    await migrate(sql, schema);
    await sql.unsafe(change);
    const before = await sql`select * from schema_migrations order by version`;

    const outcome = await positions(command);

    expect(outcome).toEqual({ code: 1, text: expect.stringContaining(`are ${version} than`) });
    expect([...(await sql`select * from schema_migrations order by version`)]).toEqual([...before]);
  });
});
