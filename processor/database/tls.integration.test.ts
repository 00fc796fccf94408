/** TLS to a real PostgreSQL whose certificate a private authority has signed. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually, PipelineError, runCommand } from "@tally/shared";
import { endStack, ownStack } from "@tally/stack/testing";
import type { Stack } from "@tally/stack";
import { SQL } from "bun";
import { chown, copyFile, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, guarded, renew, type Database } from "@tally/shared/database";

const START_MS_MAX = 120_000;
let stack: Stack<"postgres">;
let folder: string;
const pools: Database[] = [];

beforeAll(async () => {
  stack = await ownStack({ use: ["postgres"] });
  folder = await mkdtemp(join(tmpdir(), "tally-tls-"));
  await makeCertificates();
  const cluster = join(stack.postgres.dataFolder, "cluster");
  const { uid, gid } = await stat(cluster);
  for (const name of ["server.crt", "server.key"]) {
    await copyFile(join(folder, name), join(cluster, name));
    await chown(join(cluster, name), uid, gid);
  }
  const sql = new SQL(stack.postgres.url, { max: 1 });
  await sql.unsafe("alter system set ssl = on");
  await sql.unsafe("select pg_reload_conf()");
  await sql.close();
}, START_MS_MAX);
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end({ timeout: 1 })));
  await endStack(stack as unknown as Stack);
  await rm(folder, { recursive: true });
});

/** An authority, a certificate of it for 127.0.0.1, and another authority. */
async function makeCertificates(): Promise<void> {
  const days = ["-days", "2", "-nodes"];
  const authority = (name: string) =>
    openssl("req", "-x509", "-newkey", "rsa:2048", "-subj", `/CN=${name}`, ...days, ...out(name));
  await authority("ca");
  await authority("other");
  await Bun.write(join(folder, "names"), "subjectAltName=IP:127.0.0.1\n");
  await openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=db", ...out("server", "csr"));
  const signed = ["-in", "server.csr", "-out", "server.crt", "-extfile", "names", "-days", "2"];
  await openssl("x509", "-req", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", ...signed);
}

function out(name: string, kind = "crt"): string[] {
  return ["-keyout", `${name}.key`, "-out", `${name}.${kind}`];
}

async function openssl(...words: readonly string[]): Promise<void> {
  const run = { env: Bun.env, cwd: folder };
  const { exitCode, output } = await runCommand(["openssl", ...words], run);
  if (exitCode !== 0) throw new Error(output);
}

function open(parameters: string, host = "127.0.0.1"): Database {
  const url = `${stack.postgres.url.replace("127.0.0.1", host)}?${parameters}`;
  const sql = connect({
    url,
    schema: "public",
    applicationName: "test",
    connectionsMax: 1,
    session: {},
  });
  pools.push(sql);
  return sql;
}

/** Whether the session is encrypted. */
async function isEncrypted(sql: Database): Promise<boolean> {
  const [row] = await guarded(
    sql,
    () => sql<{ ssl: boolean }[]>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`,
  );
  return row?.ssl ?? false;
}

const rootOf = (name: string) => `sslrootcert=${join(folder, `${name}.crt`)}`;

test("a session is encrypted when the certificate is of the authority and names the host", async () => {
  const [full, ca, required, plain] = await Promise.all([
    isEncrypted(open(`sslmode=verify-full&${rootOf("ca")}`)),
    isEncrypted(open(`sslmode=verify-ca&${rootOf("ca")}`, "localhost")),
    isEncrypted(open("sslmode=require")),
    isEncrypted(open("sslmode=disable")),
  ]);

  expect([full, ca, required, plain]).toEqual([true, true, true, false]);
});

test.each([
  ["another authority", () => open(`sslmode=verify-full&${rootOf("other")}`)],
  ["an authority that is not known", () => open("sslmode=verify-full")],
  ["another host", () => open(`sslmode=verify-full&${rootOf("ca")}`, "localhost")],
])("a certificate of %s is refused and named as a matter of configuration", async (_, make) => {
  const error = await isEncrypted(make()).catch((caught: unknown) => caught);

  expect(error).toBeInstanceOf(PipelineError);
  expect(error).toMatchObject({ code: "database_misconfigured" });
  expect((error as PipelineError).remedy).toContain("sslrootcert");
});

test("renew() ends encrypted connections, too, and later statements get new ones", async () => {
  const sql = open(`sslmode=verify-full&${rootOf("ca")}`);
  const pid = () =>
    guarded(sql, () => sql<{ pid: number }[]>`select pg_backend_pid() as pid`, 5000);
  const [before] = await pid();

  renew(sql);
  // Below TLS a socket ends a moment later: a statement of the same moment may still get through.
  const isNew = async () => {
    const [after] = await pid().catch(() => []);
    return after !== undefined && after.pid !== before?.pid;
  };

  expect(await eventually(isNew, 5000)).toBe(true);
});
