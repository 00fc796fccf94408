/**
 * A host of PostgreSQL that dies without a word: its connections stay open and silent, while the
 * same address takes new ones.
 */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { connect, createServer, type Server, type Socket } from "node:net";
import { loadConfig, silentLog } from "@tally/shared";
import { guarded, type Database } from "@tally/shared/database";
import { LOOPBACK, testStack } from "@tally/stack/testing";
import { openPools, type Pools } from "./pools.ts";

const START_MS_MAX = 60_000;
/** Long enough for a busy machine. By it a statement is given up after 7 s. */
const STATEMENT_MS_MAX = 1000;

let proxy: Proxy;
let pools: Pools;

beforeEach(async () => {
  const url = new URL((await testStack()).postgres.url);
  proxy = await startProxy(Number(url.port));
  url.port = String(proxy.port);
  const env = {
    DATABASE_URL: url.href,
    DATABASE_CONNECTIONS: "2",
    DATABASE_STATEMENT_TIMEOUT_MS: String(STATEMENT_MS_MAX),
  };
  const config = loadConfig(env, "processor");
  pools = openPools(config, { log: silentLog(), monotonicNow: () => performance.now() });
}, START_MS_MAX);
afterEach(async () => {
  await pools.close();
  await proxy.stop();
});

interface Proxy {
  readonly port: number;
  /** How many connections it has had. */
  count(): number;
  /** From now on nothing passes over the connections from the first one up to this one. */
  silence(upTo: number): void;
  stop(): Promise<void>;
}

async function startProxy(targetPort: number): Promise<Proxy> {
  const pairs: (readonly [Socket, Socket])[] = [];
  const server: Server = createServer((client) => {
    const upstream = connect({ host: LOOPBACK, port: targetPort });
    pairs.push([client, upstream]);
    client.pipe(upstream);
    upstream.pipe(client);
    for (const socket of [client, upstream]) socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen({ host: LOOPBACK, port: 0 }, resolve);
  });
  return {
    port: (server.address() as { port: number }).port,
    count: () => pairs.length,
    silence(upTo) {
      for (const [client, upstream] of pairs.slice(0, upTo)) {
        client.unpipe(upstream);
        upstream.unpipe(client);
        client.pause();
        upstream.pause();
      }
    },
    async stop() {
      for (const socket of pairs.flat()) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** The failure of a statement that was given up begins so. */
const SILENCE = "Cannot run statement: no answer";

/** The backend that has answered, or the failure. */
async function ask(sql: Database): Promise<number | string> {
  try {
    const rows = await guarded(
      sql,
      () => sql<{ pid: number }[]>`select pg_backend_pid() as pid, pg_sleep(0.05)`,
    );
    return rows[0]?.pid ?? 0;
  } catch (error) {
    const { message } = error as Error;
    return message.startsWith(SILENCE) ? SILENCE : message;
  }
}

test("each pool is answered over new connections after one statement without an answer", async () => {
  const all = [pools.writes, pools.frames, pools.viewers, pools.queries, pools.fill];
  // Twice at once, so that both connections of the writers are open.
  const before = await Promise.all([...all, pools.writes].map(ask));

  proxy.silence(proxy.count());
  const first = await Promise.all(all.map(ask));
  const second = await Promise.all(all.map(ask));

  expect(first).toEqual(all.map(() => SILENCE));
  expect(second.filter((pid) => typeof pid !== "number" || before.includes(pid))).toEqual([]);
}, 30_000);

test("a connection that answers is kept when another one of the pool is silent", async () => {
  const { writes } = pools;
  await Promise.all([ask(writes), ask(writes)]);
  proxy.silence(1);

  const answers: (number | string)[] = [];
  const askOn = async (): Promise<void> => {
    while (!answers.includes(SILENCE)) answers.push(await ask(writes));
  };
  await Promise.all([askOn(), askOn()]);
  const after = await Promise.all([ask(writes), ask(writes)]);

  const kept = [...new Set(answers)].filter((answer) => typeof answer === "number");
  expect(kept).toHaveLength(1);
  expect(after).toContain(kept[0] ?? 0);
  expect(after.filter((answer) => typeof answer !== "number")).toEqual([]);
}, 30_000);
