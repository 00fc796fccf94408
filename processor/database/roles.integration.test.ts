/** Roles with few rights and settings of others, over a real PostgreSQL. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { errorCode, loadConfig, PipelineError } from "@tally/shared";
import { testStack } from "@tally/stack/testing";
import { guarded, type Database } from "@tally/shared/database";
import { batchOfIds } from "../rows/testing/batches.ts";
import { newSink } from "../rows/testing/tables.ts";
import { openDatabase, prepareTables } from "./database.ts";
import { explainRefusal } from "./explain.ts";
import { administeredDatabase, type AdministeredDatabase } from "./testing/roles.ts";

const NEVER = new AbortController().signal;
const START_MS_MAX = 120_000;
let database: AdministeredDatabase;
const pools: Database[] = [];

beforeAll(async () => {
  await testStack();
}, START_MS_MAX);
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end({ timeout: 1 })));
});

function open(schema: string, url = database.url): Database {
  const sql = openDatabase(
    loadConfig({ DATABASE_URL: url, DATABASE_SCHEMA: schema }, "processor"),
    "test",
  );
  pools.push(sql);
  return sql;
}

/** The error of a statement that must fail. */
async function failure(run: Promise<unknown>): Promise<PipelineError> {
  const error = await run.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (error instanceof PipelineError) return error;
  throw new Error(`no PipelineError but ${String(error)}`);
}

describe("a role that may create nothing", () => {
  beforeAll(async () => {
    database = await administeredDatabase();
  });
  afterAll(() => database.close());

  test("prepareTables() names the statement that makes a missing schema", async () => {
    const error = await failure(prepareTables(open("away"), "away"));

    expect(error.code).toBe("database_misconfigured");
    expect(error.remedy).toBe(
      `Run as an administrator: create schema away authorization ${database.role};`,
    );
  });

  test("prepareTables() names the right to make tables in a schema of another role", async () => {
    const error = await failure(prepareTables(open("public"), "public"));

    expect(error.remedy).toBe(
      `Run as an administrator: grant usage, create on schema public to ${database.role};`,
    );
  });

  test("prepareTables() makes the tables in a schema that an administrator has made", async () => {
    await database.run(`create schema mine authorization ${database.role}`);
    const sql = open("mine");

    await prepareTables(sql, "mine");
    const [found] = await sql`select to_regclass('mine.web_events') is not null as there`;

    expect(found).toEqual({ there: true });
  });
});

describe("a role with rights on tables of another role", () => {
  const schema = "tally";
  beforeAll(async () => {
    database = await administeredDatabase();
    await database.run(`create schema ${schema}`);
    const superuser = new URL((await testStack()).postgres.url);
    superuser.pathname = `/${database.name}`;
    await prepareTables(open(schema, superuser.href), schema);
  });
  afterAll(() => database.close());

  test("prepareTables() names every right that is missing, as statements that grant them", async () => {
    const sql = open(schema);

    const error = await failure(prepareTables(sql, schema));
    const prefix = "Run as the owner of the tables: ";
    const { remedy } = error;
    await database.run((remedy ?? "").replace(prefix, ""));

    expect(error.code).toBe("database_misconfigured");
    expect(remedy).toStartWith(`${prefix}grant usage on schema tally to ${database.role};`);
    expect(remedy).toContain(`grant select, insert on tally.web_events to ${database.role};`);
    await prepareTables(sql, schema);
  });

  test("the rights of TABLE_RIGHTS are enough to write rows", async () => {
    const sql = open(schema);
    const { sink } = await newSink(sql, "rights");

    const written = [
      await sink.write(batchOfIds(0, ["rights-1"]), NEVER),
      await sink.write(batchOfIds(1, ["rights-1"]), NEVER),
      // The session is another one: a dead letter.
      await sink.write(batchOfIds(2, ["rights-2", "rights-2"]), NEVER),
    ];

    expect(written.map(({ events, duplicates }) => [events, duplicates])).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
    expect(written[2]?.deadLetters).toEqual(["id_conflict"]);
  });

  test("explainRefusal() names the one right that was revoked", async () => {
    const sql = open(schema);
    await database.run(`revoke insert on ${schema}.web_events from ${database.role}`);
    const { sink } = await newSink(sql, "revoked");

    const error = await failure(sink.write(batchOfIds(0, ["revoked-1"]), NEVER));
    const explained = await explainRefusal(sql, error);
    await database.run(`grant insert on ${schema}.web_events to ${database.role}`);

    expect(explained.code).toBe("database_misconfigured");
    expect(explained.remedy).toBe(
      `Run as the owner of the tables: grant insert on tally.web_events to ${database.role};`,
    );
  });

  test("explainRefusal() names a setting of the role that refuses writes", async () => {
    await database.run(
      `alter role ${database.role} in database ${database.name} set default_transaction_read_only = on`,
    );
    const sql = open(schema);

    const error = await failure(newSink(sql, "read-only"));
    const explained = await explainRefusal(sql, error);
    await database.run((explained.remedy ?? "").replace("Tally writes: run ", ""));

    expect(error.code).toBe("database_read_only");
    expect(explained.remedy).toContain(
      `alter role ${database.role} in database ${database.name} reset default_transaction_read_only`,
    );
    await newSink(open(schema), "writable again");
  });

  test("a statement refuses to write when a pooler has lost the schema", async () => {
    await database.run(
      `alter role ${database.role} in database ${database.name} set search_path = "$user", ${schema}`,
    );
    const pooled = open(schema, `${database.url}?pgbouncer=true`);
    const { sink } = await newSink(pooled, "lost schema");
    await database.run(`create schema ${database.role} authorization ${database.role}`);
    // The role's own schema comes first now; the tables are still found in the second one.

    const error = await failure(sink.write(batchOfIds(0, ["lost-1"]), NEVER));
    const [rows] =
      await pooled`select count(*)::integer as n from web_events where event_id = 'lost-1'`;

    expect(error.message).toContain("search_path is");
    expect(rows).toEqual({ n: 0 });
  });
});

describe("settings of others", () => {
  test("a session has the settings of Tally, whatever the role and the database set", async () => {
    database = await administeredDatabase();
    for (const owner of [`role ${database.role}`, `database ${database.name}`]) {
      await database.run(
        `alter ${owner} set search_path = evil`,
        `alter ${owner} set statement_timeout = 1`,
        `alter ${owner} set lock_timeout = 1`,
        `alter ${owner} set idle_in_transaction_session_timeout = 1`,
        `alter ${owner} set default_transaction_isolation = 'serializable'`,
        `alter ${owner} set idle_session_timeout = 1`,
        `alter ${owner} set "DateStyle" = 'German'`,
        `alter ${owner} set bytea_output = 'escape'`,
        `alter ${owner} set "TimeZone" = 'Asia/Tokyo'`,
      );
    }
    await database.run(`create schema mine authorization ${database.role}`);
    const sql = open("mine");

    await prepareTables(sql, "mine");
    const [row] = await sql`
      select current_schema() as schema, current_setting('transaction_isolation') as isolation,
        current_setting('statement_timeout') as timeout, '\x41'::bytea as bytes,
        '2026-01-02T03:04:05Z'::timestamptz as at`;
    await database.close();

    expect(row).toEqual({
      schema: "mine",
      isolation: "read committed",
      timeout: "5s",
      bytes: Buffer.from("A"),
      at: new Date("2026-01-02T03:04:05Z"),
    });
  });

  test("prepareTables() refuses a database that is not UTF-8, and names its encoding", async () => {
    database = await administeredDatabase(
      "encoding 'LATIN1' locale_provider libc locale 'C' template template0",
    );

    const error = await failure(prepareTables(open("public"), "public"));
    await database.close();

    expect(error.code).toBe("config_invalid");
    expect(error.message).toContain("encoding LATIN1");
  });

  test("prepareTables() says what a pooler needs when the role has no settings", async () => {
    database = await administeredDatabase();

    const error = await failure(
      prepareTables(open("public", `${database.url}?pgbouncer=true`), "public"),
    );
    const statements = error.message.match(/alter role [^;]+;/g) ?? [];
    await database.run(...statements, `grant create on schema public to ${database.role}`);
    await prepareTables(open("public", `${database.url}?pgbouncer=true`), "public");
    await database.close();

    expect(error.code).toBe("config_invalid");
    expect(statements).toContain(
      `alter role ${database.role} in database ${database.name} set search_path = 'public';`,
    );
  });

  test("a wrong password and a missing database are named, not called unavailable", async () => {
    database = await administeredDatabase();
    const wrong = database.url.replace(database.password, "wrong");
    const missing = database.url.replace(/[^/]+$/, "no_such_database");

    const errors = await Promise.all(
      [wrong, missing].map((url) => {
        const sql = open("public", url);
        return failure(guarded(sql, () => sql`select 1`));
      }),
    );
    await database.close();

    expect(errors.map(errorCode)).toEqual(["database_misconfigured", "database_misconfigured"]);
    expect(errors[0]?.remedy).toContain("Correct the user and the password");
    expect(errors[1]?.remedy).toContain("no_such_database");
  });
});
