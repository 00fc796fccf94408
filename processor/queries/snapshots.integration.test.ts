/** Snapshots: their settings, and the queue of those that wait for one. */
import { expect, test } from "bun:test";
import { eventually } from "@tally/shared";
import { factsOf } from "@tally/shared/database";
import { LOOPBACK, testStack } from "@tally/stack/testing";
import { startTcpProxy } from "@tally/stack/testing/tcp_proxy";
import { openPool, useTables } from "../rows/testing/tables.ts";
import { createSnapshots, QUERIES_MAX } from "./snapshots.ts";

const tables = useTables();
const newSnapshots = () => createSnapshots({ sql: tables.sql, cancelling: tables.sql });

test("createSnapshots() lets one more process of the server help a query at most", async () => {
  const text = "select current_setting('max_parallel_workers_per_gather') as workers";

  const found = await newSnapshots()(new AbortController().signal, async (read) => {
    const [row] = await read<{ workers: string }>({ text, parameters: [] });
    return { workers: row?.workers };
  });

  expect(found).toEqual({ workers: "1" });
});

test("createSnapshots() ends the wait for a turn when the client leaves", async () => {
  const snapshots = newSnapshots();
  const held = Promise.withResolvers<object>();
  const { signal } = new AbortController();
  const holders = Array.from({ length: QUERIES_MAX }, () => snapshots(signal, () => held.promise));
  const leaving = new AbortController();
  const waiter = snapshots(leaving.signal, () => held.promise);

  leaving.abort();
  const code = await waiter.catch((error: { code: string }) => error.code);
  held.resolve({});

  // One that waits until its time is over gets `overloaded`.
  expect(code).toBe("query_too_wide");
  expect(await Promise.all(holders)).toHaveLength(QUERIES_MAX);
});

test("createSnapshots() answers again after connections that never did", async () => {
  const url = new URL((await testStack()).postgres.url);
  const target = { host: url.hostname, port: Number(url.port) };
  const proxy = await startTcpProxy({ host: LOOPBACK, port: 0, target });
  url.port = String(proxy.port);
  const schema = factsOf(tables.sql)?.schema ?? "";
  const sql = openPool({ DATABASE_URL: url.href, DATABASE_SCHEMA: schema });
  const snapshots = createSnapshots({ sql, cancelling: tables.sql });
  const { signal } = new AbortController();
  const ask = () =>
    snapshots(signal, async (read) => await read({ text: "select 1", parameters: [] })).then(
      () => "answered",
      (error: { code: string }) => error.code,
    );
  const askAll = () => Promise.all(Array.from({ length: QUERIES_MAX }, ask));

  const before = await askAll();
  // The network loses all bytes of these connections, and lets later ones pass.
  proxy.tap(() => false);
  const lost = await askAll();
  proxy.tap(null);
  const isAnswered = await eventually(async () => (await ask()) === "answered", 5000);
  await sql.end({ timeout: 0 });
  await proxy.stop();

  expect(before).toEqual(["answered", "answered"]);
  expect(lost).toEqual(["database_unavailable", "database_unavailable"]);
  expect(isAnswered).toBe(true);
}, 30_000);
