/** The keys of ingest over a real PostgreSQL, which goes away; Kafka is faked. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig, silentLog } from "@tally/shared";
import { LOOPBACK } from "@tally/stack/testing";
import { measureAwake } from "@tally/stack/testing/awake_time";
import { PGBOUNCER, startPooler } from "@tally/stack/testing/pooler";
import { startTcpProxy, type TcpProxy } from "@tally/stack/testing/tcp_proxy";
import {
  EVENT,
  expectProblem,
  post,
  startFaked,
  until,
  type FakedIngest,
} from "../testing/faked_ingest.ts";
import { createKeyDatabase, type KeyDatabase } from "./testing/key_database.ts";

const START_MS_MAX = 60_000;
let database: KeyDatabase;
let proxy: TcpProxy;
let folder = "";
let services: FakedIngest[] = [];

beforeEach(async () => {
  database = await createKeyDatabase();
  const { port } = new URL(database.url);
  proxy = await startTcpProxy({
    host: LOOPBACK,
    port: 0,
    target: { host: LOOPBACK, port: Number(port) },
  });
  folder = await mkdtemp(join(tmpdir(), "tally-known-keys-"));
}, START_MS_MAX);
afterEach(async () => {
  await Promise.all(services.map((service) => service.stop()));
  services = [];
  await proxy.stop();
  await database.close();
  await rm(folder, { recursive: true });
});

/** Starts ingest with the role that may only select, through the proxy. */
async function startKeyed(
  env: Record<string, string> = {},
  warnings: string[] = [],
  errors: string[] = [],
) {
  const url = new URL(database.reader.url);
  url.port = String(proxy.port);
  const own = {
    TALLY_KEYS: "on",
    INGEST_KEYS_DATABASE_URL: url.href,
    INGEST_KEYS_FILE: join(folder, "below", "keys.json"),
    ...env,
  };
  const log = silentLog();
  log.warn = (_fields: object, message?: string) => void warnings.push(message ?? "");
  log.error = (_fields: object, message?: string) => void errors.push(message ?? "");
  const service = await startFaked(own, { keysConfig: loadConfig(own, "keys"), log });
  services.push(service);
  return service;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function statusOf({ url }: FakedIngest, key: string): Promise<number> {
  return (await post(url, EVENT, bearer(key))).status;
}

async function healthOf({ url }: FakedIngest) {
  const ready = await fetch(`${url}/health/ready`);
  const actuator = (await (await fetch(`${url}/actuator/health`)).json()) as {
    components: { keys: object };
  };
  return { status: ready.status, ready: await ready.json(), keys: actuator.components.keys };
}

test("ingest knows the keys when it has started, with a role that may only select them", async () => {
  const key = await database.create("first");

  const service = await startKeyed();

  expect(await statusOf(service, key)).toBe(202);
  expect(String(service.producer.log[0]?.value)).toEndWith('"context":{"source":"first"}}');
  expect(await healthOf(service)).toEqual({
    status: 200,
    ready: { status: "UP" },
    keys: { status: "UP" },
  });
});

test("ingest learns of a new key and of a revocation within 5 s", async () => {
  const service = await startKeyed();
  const key = await database.create("later");
  expect(await statusOf(service, key)).toBe(401);

  const known = await measureAwake(() => until(async () => (await statusOf(service, key)) === 202));
  const revoked = await measureAwake(async () => {
    await database.revoke("later");
    await until(async () => (await statusOf(service, key)) === 401);
  });

  expect(known.ms).toBeLessThan(5000);
  expect(revoked.ms).toBeLessThan(5000);
});

describe("while PostgreSQL is away", () => {
  test("ingest goes on, starts again from its file, and learns of changes afterwards", async () => {
    const key = await database.create("first");
    const warnings: string[] = [];
    const before = await startKeyed({}, warnings);
    const file = join(folder, "below", "keys.json");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, "utf8")).not.toContain(key);

    proxy.set({ kind: "reset" });
    await until(() => warnings.length > 0);
    expect(await statusOf(before, key)).toBe(202);
    await before.stop();
    const after = await startKeyed({}, warnings);
    expect(await statusOf(after, key)).toBe(202);
    expect(await statusOf(after, `tally_${"A".repeat(43)}`)).toBe(401);
    expect(await healthOf(after)).toMatchObject({
      status: 200,
      keys: { status: "UP", details: { reason: expect.stringContaining("those that are known") } },
    });
    await database.revoke("first");
    proxy.set({ kind: "pass" });
    await until(async () => (await statusOf(after, key)) === 401);

    // One line for each outage of each start, however long it lasts.
    expect(warnings).toHaveLength(2);
    expect((await healthOf(after)).keys).toEqual({ status: "UP" });
  });

  test("ingest answers 503 without a file, and says why, until PostgreSQL answers", async () => {
    const key = await database.create("first");
    proxy.set({ kind: "reset" });
    const errors: string[] = [];

    const service = await startKeyed({}, [], errors);

    expectProblem(await post(service.url, EVENT, bearer(key)), "keys_unavailable");
    const { status, ready, keys } = await healthOf(service);
    expect([status, ready]).toEqual([
      503,
      { status: "DOWN", reason: expect.stringContaining("none are known") },
    ]);
    expect(keys).toMatchObject({ status: "DOWN" });
    expect(errors).toEqual([
      "No keys are known: every request with a key is refused until PostgreSQL answers.",
    ]);
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
    proxy.set({ kind: "pass" });
    await until(async () => (await statusOf(service, key)) === 202);
  });

  test("ingest starts within seconds when PostgreSQL does not answer at all", async () => {
    const key = await database.create("first");
    await (await startKeyed()).stop();
    proxy.set({ kind: "hold", direction: "both" });

    const started = await measureAwake(() => startKeyed());

    expect(started.ms).toBeLessThan(8000);
    expect(await statusOf(started.value, key)).toBe(202);
  });
});

test("ingest names the table that is missing and the right that is missing", async () => {
  await database.sql`revoke select on api_keys from public`;
  await database.sql.unsafe(`revoke select on api_keys from ${database.reader.role}`);
  const unentitled = await startKeyed();
  expect((await healthOf(unentitled)).keys).toMatchObject({
    status: "CONFIGURATION",
    details: { remedy: expect.stringContaining("Grant the role its rights") },
  });

  await database.sql`drop table api_keys, key_changes cascade`;
  const service = await startKeyed({ INGEST_KEYS_DATABASE_URL: database.url });
  expect((await healthOf(service)).keys).toMatchObject({
    details: { remedy: expect.stringContaining("Start the processor of this version once") },
  });
});

describe.each(PGBOUNCER === null ? [] : ["transaction", "session"])(
  "behind a PgBouncer in %s mode",
  (mode) => {
    test("ingest knows the keys, and learns of changes, without a setting of the role", async () => {
      const key = await database.create("first");
      const pooler = await startPooler(database.reader, `pool_mode = ${mode}`);
      try {
        const env = { INGEST_KEYS_DATABASE_URL: `${pooler.url}?pgbouncer=true` };

        const service = await startKeyed(env);

        expect(await statusOf(service, key)).toBe(202);
        await database.revoke("first");
        await until(async () => (await statusOf(service, key)) === 401);
        expect((await healthOf(service)).keys).toEqual({ status: "UP" });
      } finally {
        await pooler.stop();
      }
    });
  },
);

test("ingest takes no keys from the file of another database", async () => {
  const key = await database.create("first");
  await (await startKeyed()).stop();
  proxy.set({ kind: "reset" });

  const other = await startKeyed({
    INGEST_KEYS_DATABASE_URL: database.reader.url.replace(/\/[^/]*$/, "/other"),
  });

  expect(await statusOf(other, key)).toBe(503);
});
