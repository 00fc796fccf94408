import { eventually, tryLock } from "@tally/shared";
import { connectAdmin } from "@tally/shared/kafka";
import { silentProgress } from "@tally/shared/terminal/progress";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { SQL } from "bun";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bringUp, type Running } from "./bring_up.ts";
import { emptyFolder } from "../servers/empty_folder.ts";
import { freePort, isPortFree } from "../machine/ports.ts";
import { runningProcesses } from "../machine/process_table.ts";
import { REAL_SERVICES, serviceEnv, testNames, testStack } from "../testing/mod.ts";

/** A checkout whose services only answer: what they do is not the matter here. */
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tally-up-"));
  await chmod(root, 0o755);
  for (const name of ["ingest", "processor"]) {
    await Bun.write(join(root, name, "main.ts"), standIn(`${name.toUpperCase()}_PORT`));
  }
  const build = "mkdir -p dist && touch dist/index.html";
  for (const name of ["dashboard", "client"]) {
    await Bun.write(join(root, name, "package.json"), JSON.stringify({ scripts: { build } }));
  }
  const client = join(import.meta.dir, "..", "build_client.ts");
  await Bun.write(join(root, "stack/build_client.ts"), `import ${JSON.stringify(client)};`);
});

afterAll(async () => {
  await emptyFolder(join(root, ".data"));
  await rm(root, { recursive: true, force: true });
});

test("bringUp() starts everything, restarts a service that ends, and stops without a rest", async () => {
  const news: string[] = [];
  const env = await freePorts();
  const orphan = Bun.spawn(
    [process.execPath, join(root, "ingest/main.ts"), `--stack=${join(root, ".data")}`],
    { env: { ...Bun.env, ...env }, stdout: "ignore" },
  );
  // It holds the port of ingest: until it has ended, nothing else can start there.
  const isHeld = await eventually(async () => !(await isPortFree(ingestPort(env))), 10_000);

  const running = await up({ ...env }, news);
  const address = `http://127.0.0.1:${env["INGEST_PORT"]}`;
  const given = (await (await fetch(`${address}/env`)).json()) as Record<string, string>;
  const sql = new SQL(given["DATABASE_URL"] ?? "", { max: 1 });
  const [sizes] = await sql`select current_setting('shared_buffers') as buffers`;
  await sql.close();
  await fetch(`${address}/end`);
  const restarted = await eventually(() => news.includes("ingest runs again"), 30_000);
  await running.stop();
  const left = await runningIn(root);
  const lock = tryLock(join(root, ".data", "lock"));
  lock?.release();

  expect(isHeld).toBe(true);
  expect(await orphan.exited).not.toBeNull();
  expect(running.status.ingestUrl).toBe(`http://localhost:${env["INGEST_PORT"]}`);
  expect(given["KAFKA_BOOTSTRAP_SERVERS"]).toBe(`127.0.0.1:${env["STACK_KAFKA_PORT"]}`);
  expect(given["DATABASE_URL"]).toContain(`127.0.0.1:${env["STACK_POSTGRES_PORT"]}/eventsdb`);
  expect(sizes).toEqual({ buffers: "512MB" });
  expect(given["S3_ENDPOINT"]).toBe(`http://127.0.0.1:${env["STACK_S3_PORT"]}`);
  expect(restarted).toBe(true);
  expect(news.some((text) => text.includes("ingest ended (exit code 3)"))).toBe(true);
  expect(left).toEqual([]);
  expect(lock).not.toBeNull();
});

test("bringUp() uses the services that the environment names, and makes the topics there", async () => {
  const stack = await testStack();
  const { topic } = testNames();
  const named = { ...serviceEnv(stack), KAFKA_TOPIC: topic, KAFKA_DLQ_TOPIC: `${topic}.DLQ` };

  const running = await up({ ...(await freePorts()), ...named }, []);
  const servers = (await runningIn(root)).filter((line) => !line.includes("main.ts"));
  await running.stop();
  const admin = await connectAdmin({ bootstrapServers: stack.kafka.bootstrapServers });
  const [events, letters] = [
    await admin.describeTopic(topic),
    await admin.describeTopic(`${topic}.DLQ`),
  ];
  await admin.disconnect();

  expect(servers).toEqual([]);
  expect([events?.partitions, letters?.partitions]).toEqual([6, 1]);
  expect(running.status.postgres).not.toContain("postgres:postgres");
});

test("bringUp() reports taken ports of servers and services together", async () => {
  const env = await freePorts();
  const taken = [env["STACK_S3_PORT"], env["PROCESSOR_PORT"]].map((port) =>
    Bun.serve({ hostname: "127.0.0.1", port: Number(port), fetch: () => new Response() }),
  );

  const starting = up(env, []);

  const error: unknown = await starting.catch((reason: unknown) => reason);
  await Promise.all(taken.map((server) => server.stop(true)));
  expect(error).toMatchObject({ code: "port_taken" });
  expect(String(error)).toContain("STACK_S3_PORT");
  expect(String(error)).toContain("PROCESSOR_PORT");
});

test("bringUp() leaves nothing running when it is given up", async () => {
  const giveUp = new AbortController();

  const starting = up(await freePorts(), [], giveUp.signal);
  const begun = await eventually(async () => (await runningIn(root)).length > 0, 30_000);
  giveUp.abort();

  await expect(starting).rejects.toMatchObject({ name: "AbortError" });
  expect(begun).toBe(true);
  expect(await runningIn(root)).toEqual([]);
});

function up(
  env: Record<string, string>,
  news: string[],
  signal = new AbortController().signal,
): Promise<Running> {
  return bringUp({
    env: { ...Bun.env, ...REAL_SERVICES, ...env },
    root,
    isDevelopment: false,
    memoryBytes: 2 * 1024 ** 3,
    progress: silentProgress,
    signal,
    onNews: (text) => news.push(text),
  });
}

function ingestPort(env: Record<string, string>): number {
  return Number(env["INGEST_PORT"]);
}

async function freePorts(): Promise<Record<string, string>> {
  const names = ["STACK_KAFKA_PORT", "STACK_POSTGRES_PORT", "STACK_S3_PORT"];
  const all = [...names, "INGEST_PORT", "PROCESSOR_PORT"];
  const ports = await Promise.all(all.map(async (name) => [name, String(await freePort())]));
  return Object.fromEntries(ports);
}

/** Command lines that have a path in the folder. */
async function runningIn(folder: string): Promise<string[]> {
  const lines = (await runningProcesses()).map(({ argv }) => argv.join(" "));
  return lines.filter((line) => line.includes(`${folder}/`));
}

function standIn(portName: string): string {
  return `
    process.on("SIGTERM", () => process.exit(0));
    Bun.serve({
      hostname: "127.0.0.1",
      port: Number(Bun.env.${portName}),
      fetch(request) {
        const { pathname } = new URL(request.url);
        if (pathname === "/end") setTimeout(() => process.exit(3), 10);
        return pathname === "/env" ? Response.json(Bun.env) : new Response("ok");
      },
    });`;
}
