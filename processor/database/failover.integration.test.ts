/** A primary and its standby, both real: which one a pool writes to, and what a failover does. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { errorCode, eventually } from "@tally/shared";
import { endStack, freePort, LOOPBACK, ownStack } from "@tally/stack/testing";
import { measureAwake } from "@tally/stack/testing/awake_time";
import type { Stack } from "@tally/stack";
import { SQL } from "bun";
import { spawn, type ChildProcess } from "node:child_process";
import { appendFile, chown, cp, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { connect, guarded, type Database } from "@tally/shared/database";
import { checkServer, reachPrimary } from "./server_check.ts";

const START_MS_MAX = 120_000;
const FAILOVER_MS_MAX = 10_000;
const STANDBY_MS_MAX = 30_000;
let stack: Stack<"postgres">;
let standby: ChildProcess;
let standbyPort: number;

beforeAll(async () => {
  stack = await ownStack({ use: ["postgres"] });
  standbyPort = await freePort();
  standby = await startStandby();
}, START_MS_MAX);
afterAll(async () => {
  standby.kill("SIGINT");
  await endStack(stack as unknown as Stack);
});

/** Copies the primary while it runs, as `pg_basebackup` does, and lets the copy follow it. */
async function startStandby(): Promise<ChildProcess> {
  const cluster = join(stack.postgres.dataFolder, "cluster");
  const folder = join(stack.postgres.dataFolder, "standby");
  const { port } = new URL(stack.postgres.url);
  const sql = new SQL(stack.postgres.url, { max: 1 });
  await sql.unsafe("select pg_backup_start('copy', true)");
  await cp(cluster, folder, { recursive: true });
  const [backup] = (await sql.unsafe("select labelfile from pg_backup_stop()")) as {
    labelfile: string;
  }[];
  await sql.close();
  await rm(join(folder, "postmaster.pid"));
  await Bun.write(join(folder, "backup_label"), backup?.labelfile ?? "");
  await Bun.write(join(folder, "standby.signal"), "");
  const primary = `host=${LOOPBACK} port=${port} user=postgres password=postgres`;
  await appendFile(join(folder, "postgresql.auto.conf"), `primary_conninfo = '${primary}'\n`);
  const { uid, gid } = await stat(cluster);
  for (const name of new Bun.Glob("**").scanSync({ cwd: folder, onlyFiles: false, dot: true })) {
    await chown(join(folder, name), uid, gid);
  }
  await chown(folder, uid, gid);
  const argv = (await Bun.file(`/proc/${stack.postgres.pid}/cmdline`).text()).split("\0");
  const [program = "", ...words] = argv.filter((word) => word !== "");
  words[words.indexOf("-D") + 1] = folder;
  words[words.indexOf("-p") + 1] = String(standbyPort);
  const started = spawn(program, words, { uid, gid, cwd: folder, stdio: "ignore" });
  const follows = async () => {
    const probe = new SQL(urlOf([standbyPort]), { max: 1, connectionTimeout: 2 });
    const isUp = await probe.unsafe("select pg_is_in_recovery()").then(
      () => true,
      () => false,
    );
    await probe.close();
    return isUp;
  };
  if (!(await eventually(follows, STANDBY_MS_MAX))) throw new Error("the standby did not start");
  return started;
}

function urlOf(ports: readonly number[]): string {
  const { pathname } = new URL(stack.postgres.url);
  const hosts = ports.map((port) => `${LOOPBACK}:${port}`).join(",");
  return `postgres://postgres:postgres@${hosts}${pathname}`;
}

function open(ports: readonly number[]): Database {
  const url = `${urlOf(ports)}?target_session_attrs=read-write`;
  const names = { schema: "public", applicationName: "test", connectionsMax: 2 };
  return connect({ url, ...names, session: { statement_timeout: 5000 } });
}

test("a pool leaves the standby, and follows a failover to it", async () => {
  const primaryPort = Number(new URL(stack.postgres.url).port);
  const sql = open([standbyPort, primaryPort]);
  const portOf = async () => {
    const [row] = await guarded(
      sql,
      () => sql<{ port: string }[]>`select current_setting('port') as port`,
      3000,
    );
    return Number(row?.port);
  };
  const onlyStandby = open([standbyPort]);

  const error = await checkServer(onlyStandby).catch((caught: unknown) => caught);
  await reachPrimary(sql);
  const before = await portOf();
  await stack.postgres.kill();
  await onlyStandby`select pg_promote(false)`;
  const isPrimary = async () => {
    const [row] = await onlyStandby<{ follows: boolean }[]>`select pg_is_in_recovery() as follows`;
    return row?.follows === false;
  };
  await eventually(isPrimary, STANDBY_MS_MAX);
  const follows = async () => {
    const port = await portOf().catch(() => null);
    return port === standbyPort;
  };
  const followed = await measureAwake(() => eventually(follows, 3 * FAILOVER_MS_MAX));
  await reachPrimary(sql);
  await Promise.all([sql, onlyStandby].map((pool) => pool.end({ timeout: 1 })));

  expect(errorCode(error)).toBe("database_read_only");
  expect(before).toBe(primaryPort);
  expect(followed.value).toBe(true);
  expect(followed.ms).toBeLessThan(FAILOVER_MS_MAX);
}, 60_000);
