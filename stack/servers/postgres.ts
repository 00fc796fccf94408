/**
 * PostgreSQL from its npm package: one cluster in one folder, one database, password on loopback.
 */
import { runCommand, type Env } from "@tally/shared";
import { SQL } from "bun";
import { chown, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { StackError } from "../machine/error.ts";
import { LOOPBACK } from "../machine/ports.ts";
import { findPostgresHome, type PostgresHome } from "./postgres_home.ts";
import { memorySettings } from "./postgres_memory.ts";
import { clearPidFile } from "./postgres_pid_file.ts";
import { createServerProcess, type OnEnded, type Server } from "../machine/server_process.ts";

/** A PostgreSQL that runs here. */
export interface PostgresServer extends Server {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Folder of the data, which may lie outside the stack's folder. */
  readonly dataFolder: string;
  /** Name of the user it runs as, when it is not the user of this process. */
  readonly runsAs: string | undefined;
}

/** What PostgreSQL needs to know. */
export interface PostgresOptions {
  readonly folder: string;
  /** Where its data lies, from `postgresDataFolder()`. */
  readonly dataFolder: string;
  readonly port: number;
  readonly database: string;
  /** Memory that its settings follow; PostgreSQL's small defaults when absent. */
  readonly memoryBytes?: number;
  readonly env: Env;
  readonly onProgress: (text: string) => void;
  readonly signal?: AbortSignal;
  readonly onEnded?: OnEnded;
}

const USER = "postgres";
const PASSWORD = "postgres";

/** Makes the handle; nothing runs before `start()`. */
export function createPostgres(options: PostgresOptions): PostgresServer {
  const cluster = join(options.dataFolder, "cluster");
  let runsAs: string | undefined;
  const urlOf = (database: string) =>
    `postgres://${USER}:${PASSWORD}@${LOOPBACK}:${options.port}/${database}`;
  const server = createServerProcess(
    {
      name: "PostgreSQL",
      logPath: join(options.folder, "logs", "postgres.log"),
      // "Fast": open transactions are rolled back, then a clean stop.
      stopSignal: "SIGINT",
      stopMsMax: 15_000,
      readyMsMax: 120_000,
      isOurs: (argv) =>
        argv[argv.indexOf("-D") + 1] === cluster && argv[0]?.endsWith("/postgres") === true,
      prepare: async () => {
        const home = await findPostgresHome(options.folder);
        runsAs = home.user?.name;
        await initialise(home, cluster, options);
        await clearPidFile(cluster);
        const settings = settingsOf(options).flatMap((setting) => ["-c", setting]);
        const program = join(home.programs, "bin", "postgres");
        const command = [program, "-D", cluster, "-p", String(options.port), ...settings];
        const user = home.user && { uid: home.user.uid, gid: home.user.gid };
        const launch = { command, env: options.env, folder: home.data };
        return user ? { ...launch, user } : launch;
      },
      isReady: () => hasDatabase(urlOf("postgres"), options.database),
      ...(options.signal ? { signal: options.signal } : {}),
    },
    options.onEnded,
  );
  return Object.defineProperties(server, {
    url: { value: urlOf(options.database), enumerable: true },
    dataFolder: { value: options.dataFolder, enumerable: true },
    runsAs: { get: () => runsAs, enumerable: true },
  }) as PostgresServer;
}

function settingsOf({ memoryBytes }: PostgresOptions): string[] {
  const sizes = memoryBytes === undefined ? {} : memorySettings(memoryBytes);
  return [...SETTINGS, ...Object.entries(sizes).map(([name, value]) => `${name}=${value}`)];
}

/** Durability stays as PostgreSQL ships it; only addresses and sizes are set here. */
const SETTINGS = [
  `listen_addresses=${LOOPBACK}`,
  "unix_socket_directories=",
  // Tests run side by side, each with its own pools.
  "max_connections=200",
];

/** Makes the cluster, once; a kill in the middle leaves nothing that counts as one. */
async function initialise(
  home: PostgresHome,
  cluster: string,
  options: PostgresOptions,
): Promise<void> {
  if (await stat(cluster).catch(() => null)) return;
  options.onProgress("making PostgreSQL's cluster");
  const fresh = `${cluster}.new`;
  const passwordFile = join(home.data, "password.new");
  await rm(fresh, { recursive: true, force: true });
  await writeFile(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
  if (home.user) await chown(passwordFile, home.user.uid, home.user.gid);
  const command = [
    join(home.programs, "bin", "initdb"),
    "-D",
    fresh,
    "-U",
    USER,
    "--auth=scram-sha-256",
    `--pwfile=${passwordFile}`,
    "--encoding=UTF8",
    // PostgreSQL's own C.UTF-8: no locale of the machine is needed or can change the order.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
  ];
  const user = home.user && { uid: home.user.uid, gid: home.user.gid };
  const run = { env: options.env, cwd: home.data, ...(user && { user }) };
  const { exitCode, output } = await runCommand(command, run);
  await rm(passwordFile, { force: true });
  if (exitCode !== 0) {
    const folder = dirname(cluster);
    const message = `PostgreSQL's cluster could not be made in ${folder}: ${output}`;
    throw new StackError("command_failed", message);
  }
  await rename(fresh, cluster);
}

/** Whether a query is answered and the database is there; makes the database when it is not. */
async function hasDatabase(url: string, database: string): Promise<boolean> {
  const sql = new SQL(url, { max: 1, connectionTimeout: 2 });
  try {
    const rows: unknown[] = await sql`select 1 from pg_database where datname = ${database}`;
    if (rows.length === 0) await sql.unsafe(`create database "${database}"`);
    return true;
  } catch {
    // Not yet: the port is closed, or the server still recovers.
    return false;
  } finally {
    await sql.close().catch(() => undefined);
  }
}
