/** `bun run keys` against a real PostgreSQL. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { loadConfig } from "@tally/shared";
import {
  hashKey,
  isWellFormedKey,
  keySetStatement,
  keyVersionStatement,
  KeySet,
} from "@tally/shared/keys";
import { createDatabase, testNames, testStack } from "@tally/stack/testing";
import type { Database } from "@tally/shared/database";
import { migrate, openDatabase } from "../../database/database.ts";
import { parseKeysArguments } from "./arguments.ts";
import { runKeys } from "./run.ts";

const START_MS_MAX = 120_000;
const { schema } = testNames();
let url = "";
let sql: Database;

beforeAll(async () => {
  url = await createDatabase(await testStack());
  sql = openDatabase(configOf(), "test");
  await sql.unsafe(`create schema ${schema}`);
  await migrate(sql, schema);
}, START_MS_MAX);
afterAll(() => sql.end({ timeout: 1 }));
beforeEach(async () => {
  await sql`delete from api_keys`;
});

function configOf(env: Record<string, string> = {}) {
  return loadConfig({ DATABASE_URL: url, DATABASE_SCHEMA: schema, ...env }, "processor");
}

async function keys(words: string, env: Record<string, string> = {}) {
  const line = parseKeysArguments(words.split(" "));
  if (line.kind !== "run") throw new Error(line.text);
  let [printed, noted] = ["", ""];
  const exitCode = await runKeys(line.value, {
    config: configOf(env),
    print: (text) => (printed += text),
    note: (text) => (noted += text),
  });
  return { exitCode, printed, noted };
}

async function readSet(): Promise<KeySet | null> {
  const [found] = await sql.unsafe<{ keys: string }[]>(keySetStatement(schema));
  return KeySet.fromJson(found?.keys ?? "");
}

async function readVersion(): Promise<string> {
  const [found] = await sql.unsafe<{ version: string }[]>(keyVersionStatement(schema));
  return found?.version ?? "";
}

describe("runKeys()", () => {
  test("prints a new key alone, and stores only its hash", async () => {
    const { exitCode, printed, noted } = await keys("create backend --scope write");
    const text = printed.trimEnd();
    const [row] = await sql`select *, encode(hash, 'hex') as hash from api_keys`;

    expect(exitCode).toBe(0);
    expect([isWellFormedKey(text), printed]).toEqual([true, `${text}\n`]);
    expect(noted).toContain("within 5 s");
    expect(noted).toContain("bound to no origin");
    expect(row).toMatchObject({ name: "backend", hash: hashKey(text), prefix: text.slice(0, 11) });
    expect(JSON.stringify(row)).not.toContain(text);
  });

  test("stores what the services read, whatever it is", async () => {
    const all = await keys(
      `create page --scope write --origin https://a.example http://b.example --type click "x\\y{,} --events-per-second 5 --bytes-per-second 9999999999`,
    );
    const ada = await keys("create ada --scope read,operate");

    const set = await readSet();

    expect(set?.find(all.printed.trimEnd())).toEqual({
      name: "page",
      scopes: new Set(["write"] as const),
      origins: ["https://a.example", "http://b.example"],
      eventTypes: new Set(["click", '"x\\y{,}']),
      eventsPerSecond: 5,
      bytesPerSecond: 9_999_999_999,
    });
    expect(set?.find(ada.printed.trimEnd())).toMatchObject({ name: "ada", origins: [] });
    expect(set?.version).toBe(await readVersion());
  });

  test("every change moves the version", async () => {
    const versions = [await readVersion()];

    for (const words of ["create a --scope read", "create b --scope read", "revoke a"]) {
      await keys(words);
      versions.push(await readVersion());
    }
    await sql`delete from api_keys`;
    versions.push(await readVersion());

    expect(new Set(versions).size).toBe(versions.length);
  });

  test("a revoked key is in no set any more, and ends its sessions", async () => {
    const { printed } = await keys("create ada --scope read");
    await sql`
      insert into dashboard_sessions (hash, key_name, expires_at)
      values (decode(repeat('00', 32), 'hex'), 'ada', now() + interval '1 day')`;

    const { exitCode, noted } = await keys("revoke ada");

    expect([exitCode, noted]).toEqual([0, expect.stringContaining("within 5 s")]);
    expect((await readSet())?.find(printed.trimEnd())).toBeNull();
    expect(await sql`select * from dashboard_sessions`).toHaveLength(0);
  });

  test("never uses a name again", async () => {
    await keys("create ada --scope read");

    const taken = await keys("create ada --scope write");
    await keys("revoke ada");
    const revoked = await keys("create ada --scope read");
    const again = await keys("revoke ada");

    expect([taken.exitCode, taken.noted]).toEqual([1, expect.stringContaining("is taken")]);
    expect([revoked.exitCode, revoked.noted]).toEqual([
      1,
      expect.stringMatching(/was revoked at 20\d\d-\d\d-\d\d \d\d:\d\d UTC/),
    ]);
    expect([taken.printed, revoked.printed]).toEqual(["", ""]);
    expect([again.exitCode, again.noted]).toEqual([0, expect.stringContaining("before")]);
  });

  test("says that there is no such key", async () => {
    const { exitCode, noted } = await keys("revoke nobody");

    expect([exitCode, noted]).toEqual([1, expect.stringContaining('no key "nobody"')]);
  });

  test("lists keys with what they may, and never a key", async () => {
    expect((await keys("list")).printed).toBe("There are no keys.\n");
    const { printed: page } = await keys("create page --scope write --origin https://a.example");
    await keys("create old --scope read");
    await keys("revoke old");

    const { printed } = await keys("list");

    expect(printed).toMatch(/^name +key +scopes +origins +types +quota +created +revoked\n/);
    expect(printed).toMatch(
      /page +tally_.{5}\.{3} +write +https:\/\/a\.example +all +- +20\S+ \S+ +-\n/,
    );
    expect(printed).toMatch(/old .* 20\S+ \S+ +20\S+ \S+\n$/);
    expect(printed).not.toContain(page.trimEnd());
  });

  test("refuses a schema without tables, and says when PostgreSQL is away", async () => {
    const empty = await keys("list", { DATABASE_SCHEMA: "nothing_there" });
    const away = keys("list", { DATABASE_URL: "postgres://nobody@127.0.0.1:1/x" });

    expect([empty.exitCode, empty.noted]).toEqual([1, expect.stringContaining("has no tables")]);
    await expect(away).rejects.toMatchObject({ code: "database_unavailable" });
  });
});
