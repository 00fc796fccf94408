/** The command `audit` when its connections to the database break. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { runCommand, type CommandResult } from "@tally/shared";
import { REAL_SERVICES, serviceEnv, testStack } from "@tally/stack/testing";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";

import { startTcpProxy, type TcpProxy } from "@tally/stack/testing/tcp_proxy";
import { auditedData, type AuditedData } from "./testing/audit.ts";

const LOOPBACK = "127.0.0.1";
const START_MS_MAX = 60_000;
const TEST_MS_MAX = 60_000;
/** An audit that runs longer than this hangs, and is killed. */
const AUDIT_MS_MAX = 20_000;
let data: AuditedData;
let proxy: TcpProxy;
let env: Record<string, string | undefined>;

beforeAll(async () => {
  data = await auditedData();
  const stack = await testStack();
  const url = new URL(data.databaseUrl);
  proxy = await startTcpProxy({
    host: LOOPBACK,
    port: 0,
    target: { host: url.hostname, port: Number(url.port) },
  });
  url.port = String(proxy.port);
  env = {
    ...Bun.env,
    ...REAL_SERVICES,
    ...serviceEnv(stack),
    DATABASE_URL: url.href,
    DATABASE_SCHEMA: data.schema,
    ARCHIVE_KEY_PREFIX: data.keyPrefix,
  };
}, START_MS_MAX);
afterAll(async () => {
  await proxy.stop();
  await data.close();
});

function audit(changes: Record<string, string> = {}): Promise<CommandResult> {
  const command = [process.execPath, join(import.meta.dir, "main.ts")];
  return runCommand(command, { env: { ...env, ...changes }, msMax: AUDIT_MS_MAX });
}

// Two lines without a stack, after the progress if there was any.
const NO_VERDICT = /(^|\n)Cannot [^\n]+\nIs it running\? "bun run up" starts everything\.\n$/;

// During the sign-in, the server's parameters, the first query, and the reads.
test.each([0, 100, 400, 500, 600, 700, 900, 1800, 2500, 8000])(
  "audit exits with 2 and prints the reason when each connection is cut after %d bytes",
  async (afterBytes) => {
    const before = proxy.interventions;
    proxy.set({ kind: "cut", afterBytes });

    const { text, problems, exitCode } = await audit();

    expect(proxy.interventions).toBeGreaterThan(before);
    expect({ text, exitCode }).toEqual({ text: "", exitCode: 2 });
    expect(problems).toMatch(NO_VERDICT);
  },
  TEST_MS_MAX,
);

test(
  "audit is clean through the same proxy when nothing is cut",
  async () => {
    proxy.set({ kind: "pass" });

    expect(await audit()).toMatchObject({ exitCode: 0 });
  },
  TEST_MS_MAX,
);

test(
  "audit exits with 2 when each new connection is ended at once",
  async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined); // It may have been reset already.
      socket.end();
    });
    await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
    const { port } = server.address() as { readonly port: number };

    const { problems, exitCode } = await audit({
      DATABASE_URL: `postgres://a:b@${LOOPBACK}:${port}/c`,
    });
    for (const socket of sockets) socket.destroy();
    server.close();

    expect(exitCode).toBe(2);
    expect(problems).toMatch(NO_VERDICT);
  },
  TEST_MS_MAX,
);

test(
  "audit goes to the next host when the first one of DATABASE_URL is away",
  async () => {
    proxy.set({ kind: "pass" });
    const url = env["DATABASE_URL"]?.replace("@", `@${LOOPBACK}:1,`) ?? "";

    expect(await audit({ DATABASE_URL: url })).toMatchObject({ exitCode: 0 });
  },
  TEST_MS_MAX,
);
