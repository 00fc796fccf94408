/** Snapshots: their settings, and the queue of those that wait for one. */
import { expect, test } from "bun:test";
import { useTables } from "../rows/testing/tables.ts";
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
