/** Keys and sessions in a real PostgreSQL, and streams over real sockets. */
import { eventually, loadConfig, monotonicNow, silentLog } from "@tally/shared";
import { hashKey, newKey } from "@tally/shared/keys";
import { testNames, testStack } from "@tally/stack/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { startAccess } from "../access/start_access.ts";
import {
  createSessionStore,
  credentialReader,
  newSessionText,
  SESSIONS_PER_KEY_MAX,
} from "../access/stored_access.ts";
import { startServer, type ProcessorServer } from "./server.ts";
import { openTestDatabase, testParts, type TestDatabase } from "./testing/server.ts";

const SCHEMA = testNames().schema;
const START_MS_MAX = 120_000;
/** What a revocation may take. */
const REVOKED_MS_MAX = 5000;
let database: TestDatabase;
let servers: ProcessorServer[] = [];
let key = "";

beforeAll(async () => {
  const stack = await testStack();
  database = await openTestDatabase(stack.postgres.url, SCHEMA);
  servers = [startProcessor(), startProcessor()];
}, START_MS_MAX);
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop(1000)));
  await database.close();
});
beforeEach(async () => {
  key = newKey();
  await addKey("ops", key, ["read", "operate"]);
});

/** The access of one processor, over the tables of the test. */
function startProcessor(): ProcessorServer {
  const env = { TALLY_KEYS: "on", PROCESSOR_PORT: "0", DASHBOARD_SESSION_HOURS: "1" };
  const access = startAccess({
    config: loadConfig(env, "processor"),
    read: credentialReader(database.sql, SCHEMA),
    store: createSessionStore(database.sql, newSessionText),
    log: silentLog(),
    now: monotonicNow,
  });
  return startServer({ ...testParts(database.sql, env), ...access });
}

async function addKey(name: string, text: string, scopes: string[]): Promise<void> {
  const { sql } = database;
  await sql`delete from dashboard_sessions`;
  await sql`delete from api_keys`;
  await sql`insert into api_keys (name, hash, prefix, scopes)
    values (${name}, decode(${hashKey(text)}, 'hex'), ${text.slice(0, 11)}, ${`{${scopes.join(",")}}`}::text::text[])`;
}

const urlOf = (at: number): string => servers[at]?.url ?? "";

async function statusOf(headers: Record<string, string>, at = 0): Promise<number> {
  return (await fetch(`${urlOf(at)}/metrics`, { headers })).status;
}

async function signIn(at = 0): Promise<{ readonly cookie: string }> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ key });
  const answer = await fetch(`${urlOf(at)}/api/session`, { method: "POST", headers, body });
  expect(answer.status).toBe(200);
  const { expiresAt } = (await answer.json()) as { expiresAt: string };
  expect(new Date(expiresAt).getTime() - Date.now()).toBeWithin(3_500_000, 3_700_000);
  return { cookie: (answer.headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "" };
}

const revoke = () => database.sql`update api_keys set revoked_at = now()`;

test("a session that one processor has opened is known to the other at once", async () => {
  expect(await statusOf({ authorization: `Bearer ${key}` }, 1)).toBe(200);

  const headers = await signIn(0);

  expect([await statusOf(headers, 1), await statusOf(headers, 0)]).toEqual([200, 200]);
});

test("PostgreSQL holds a hash of a session, and neither its text nor the key", async () => {
  const { cookie } = await signIn();
  const [stored] = await database.sql<{ hash: string; row: string }[]>`
    select encode(hash, 'hex') as hash, dashboard_sessions::text as row from dashboard_sessions`;

  const text = cookie.split("=")[1] ?? "";
  expect(stored?.hash).toBe(hashKey(text));
  expect(stored?.row).not.toContain(text);
  expect(stored?.row).not.toContain(key);
});

test("a revoked key, its sessions and its streams end within 5 s in every processor", async () => {
  const presented = { authorization: `Bearer ${key}` };
  const headers = await signIn();
  const streams = await Promise.all(
    [0, 1].map((at) => fetch(`${urlOf(at)}/metrics/stream`, { headers })),
  );
  expect(streams.map(({ status }) => status)).toEqual([200, 200]);
  const ends = streams.map((stream) => stream.text());

  await revoke();

  const statuses = async () => [
    await statusOf(presented, 0),
    await statusOf(presented, 1),
    await statusOf(headers, 0),
    await statusOf(headers, 1),
  ];
  const areRefused = async () => (await statuses()).every((status) => status === 401);
  expect(await eventually(areRefused, REVOKED_MS_MAX)).toBe(true);
  await Promise.all(ends);
});

test("a sign-out ends the session in the other processor, too", async () => {
  const { cookie } = await signIn();
  const headers = { "content-type": "application/json", cookie };

  const answer = await fetch(`${urlOf(0)}/api/session`, { method: "DELETE", headers, body: "{}" });

  expect(answer.status).toBe(200);
  const isRefused = async () => (await statusOf({ cookie }, 1)) === 401;
  expect(await eventually(isRefused, REVOKED_MS_MAX)).toBe(true);
});

test("a session ends when its time is over, although the browser still sends it", async () => {
  const headers = await signIn();
  await database.sql`update dashboard_sessions set expires_at = now() + interval '300 ms'`;

  const isRefused = async () => (await statusOf(headers)) === 401;
  expect(await eventually(isRefused, REVOKED_MS_MAX)).toBe(true);
});

test("a sign-in removes what has ended, and the oldest sessions above the bound of a key", async () => {
  const { sql } = database;
  await sql`insert into dashboard_sessions (hash, key_name, created_at, expires_at)
    select sha256(number::text::bytea), 'ops', now() - make_interval(secs => number),
      now() + case when number % 2 = 0 then interval '1 hour' else interval '-1 s' end
    from generate_series(1, ${4 * SESSIONS_PER_KEY_MAX}::integer) number`;

  const first = await signIn();
  const second = await signIn();

  const [{ count = 0 } = {}] = await sql<{ count: number }[]>`
    select count(*)::integer as count from dashboard_sessions`;
  expect(count).toBe(SESSIONS_PER_KEY_MAX);
  expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200]);
});

test("a key that may only write opens no session", async () => {
  key = newKey();
  await addKey("shop", key, ["write"]);
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ key });

  const answer = await fetch(`${urlOf(0)}/api/session`, { method: "POST", headers, body });

  expect(answer.status).toBe(403);
});
