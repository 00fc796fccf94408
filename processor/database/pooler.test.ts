/** What a pooler does to a pool, by a fake one; pgbouncer.integration.test.ts has a real one. */
import { afterEach, expect, test } from "bun:test";
import { PipelineError } from "@tally/shared";
import { createServer, type Server } from "node:net";
import { connect, factsOf, guarded, type PoolFacts } from "@tally/shared/database";
import { problemOf, type Found } from "./server_check.ts";

let server: Server | null = null;
afterEach(() => {
  server?.close();
  server = null;
});

/** Refuses each connection as PgBouncer does. */
async function refusingPooler(state: string, message: string): Promise<string> {
  const fields = `SFATAL\0C${state}\0M${message}\0\0`;
  const answer = Buffer.alloc(5 + fields.length);
  answer.write("E");
  answer.writeInt32BE(fields.length + 4, 1);
  answer.write(fields, 5);
  server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => socket.end(answer));
  });
  await new Promise<void>((resolve) => {
    server?.listen({ port: 0, host: "127.0.0.1" }, () => resolve());
  });
  const { port } = server.address() as { port: number };
  return `postgres://u:p@127.0.0.1:${port}/d`;
}

function open(url: string) {
  const names = { schema: "tally", applicationName: "a", connectionsMax: 1 };
  return connect({ url, ...names, session: { statement_timeout: 5000, lock_timeout: 4000 } });
}

const GOOD: Found = {
  version: 18,
  encoding: "UTF8",
  isStandby: false,
  pid: 1,
  role: "r",
  database: "d",
  settings: null,
};

function factsAt(url: string): PoolFacts {
  const facts = factsOf(open(url));
  if (facts === null) throw new Error("connect() keeps no facts");
  return facts;
}

test.each([
  ["08P01", "unsupported startup parameter: search_path", "config_invalid", "pgbouncer=true"],
  ["08P01", "no such database: d", "database_misconfigured", "correct its name"],
  ["28P01", "password authentication failed", "database_misconfigured", "the password"],
  ["28000", "no pg_hba.conf entry", "database_misconfigured", "pg_hba.conf"],
  ["3D000", 'database "d" does not exist', "database_misconfigured", "encoding UTF8"],
  ["42501", "permission denied for database", "database_misconfigured", "Grant the role"],
  ["25006", "cannot execute INSERT in a read-only transaction", "database_read_only", null],
  ["57P03", "the database system is starting up", "database_unavailable", null],
  ["53300", "sorry, too many clients already", "database_unavailable", null],
])("an answer %s (%s) to a connection is %s", async (state, message, code, remedy) => {
  const sql = open(await refusingPooler(state, message));

  const error = await guarded(sql, () => sql`select 1`, 3000).catch((caught: unknown) => caught);
  await sql.end({ timeout: 0 });

  expect(error).toBeInstanceOf(PipelineError);
  expect(error).toMatchObject({ code });
  if (remedy === null) expect((error as PipelineError).remedy).toBeNull();
  else expect((error as PipelineError).remedy).toContain(remedy);
});

test("problemOf() accepts settings that are at least as strict, and names the others", () => {
  const facts = factsAt("postgres://u:p@h/d?pgbouncer=true");
  const settings = { ...facts.settings, search_path: '"tally", public', statement_timeout: "1000" };

  const fine = problemOf({ ...GOOD, settings }, facts, true);
  const endless = problemOf({ ...GOOD, settings: { ...settings, lock_timeout: "0" } }, facts, true);

  expect(fine).toBeNull();
  expect(endless).toContain("alter role r in database d set lock_timeout = '4000';");
  expect(endless).not.toContain("set statement_timeout");
});

test("problemOf() asks for pgbouncer=true when the URL doesn't say that there is a pooler", () => {
  const problem = problemOf({ ...GOOD, settings: {} }, factsAt("postgres://u:p@h/d"), true);

  expect(problem).toContain("Add pgbouncer=true");
});

test("problemOf() names a setting of the role that a session can't replace in every version", () => {
  const facts = factsAt("postgres://u:p@h/d");
  const settings = { ...facts.settings, transaction_timeout: "1000" };

  const problem = problemOf({ ...GOOD, settings }, facts, false);

  expect(problem).toContain("Run: alter role r in database d set transaction_timeout = '0';");
});

test.each([
  [{ version: 13 }, "PostgreSQL 13"],
  [{ encoding: "SQL_ASCII" }, "encoding SQL_ASCII"],
])("problemOf() refuses %j", (changes, text) => {
  expect(problemOf({ ...GOOD, ...changes }, null, false)).toContain(text);
});
