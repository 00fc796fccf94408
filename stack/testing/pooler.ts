/** A real PgBouncer, where the machine has the program. Test support. */
import { eventually } from "@tally/shared";
import { freePort, LOOPBACK, testStack } from "./mod.ts";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where the program is, or null when it is not installed. */
export const PGBOUNCER = Bun.which("pgbouncer") ?? Bun.which("/usr/sbin/pgbouncer");

/** A database, and the role that uses it. */
export interface PooledDatabase {
  readonly name: string;
  readonly role: string;
  readonly password: string;
  /** URL for the role, at the server itself. */
  readonly url: string;
}

export interface Pooler {
  /** URL of the role through the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts PgBouncer before one database. @param settings Lines of its file. */
export async function startPooler(database: PooledDatabase, settings: string): Promise<Pooler> {
  const folder = await mkdtemp(join(tmpdir(), "tally-pgbouncer-"));
  await chmod(folder, 0o755);
  const port = await freePort();
  const { port: serverPort } = new URL((await testStack()).postgres.url);
  const { name, role, password } = database;
  const users = join(folder, "users.txt");
  const ini = join(folder, "pgbouncer.ini");
  await Bun.write(users, `"${role}" "${password}"\n`);
  await Bun.write(
    ini,
    `[databases]
${name} = host=${LOOPBACK} port=${serverPort}
[pgbouncer]
listen_addr = ${LOOPBACK}
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
default_pool_size = 40
${settings}
`,
  );
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const running = Bun.spawn([PGBOUNCER ?? "", ...user, ini], {
    stdout: "ignore",
    stderr: "ignore",
  });
  const url = database.url.replace(/@[^@]*$/, `@${LOOPBACK}:${port}/${name}`);
  const isUp = async () => {
    const socket = await Bun.connect({
      hostname: LOOPBACK,
      port,
      socket: { data: () => undefined },
    }).catch(() => null);
    socket?.end();
    return socket !== null;
  };
  if (!(await eventually(isUp, 10_000))) throw new Error("PgBouncer did not start");
  return {
    url,
    async stop() {
      running.kill();
      await running.exited;
      await rm(folder, { recursive: true });
    },
  };
}
