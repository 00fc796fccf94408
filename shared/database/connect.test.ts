/** How pools are configured, and how they fail. No server runs but fakes. */
import { afterEach, describe, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { runCommand } from "../process/command.ts";
import { errorCode } from "../error.ts";
import { connect, renew, type ConnectOptions } from "./connect.ts";
import { guarded } from "./failure.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    onConnection(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen({ port: 0, host: "127.0.0.1" }, () => resolve());
  });
  return (server.address() as { port: number }).port;
}

function open(url: string, changes: Partial<ConnectOptions> = {}) {
  const names = { schema: "s", applicationName: "a", connectionsMax: 1 };
  return connect({ url, ...names, session: { statement_timeout: 0 }, ...changes });
}

/** Accepts every user, and answers every statement as if it were "begin". */
function acceptAll(socket: Socket): void {
  const accepted = Buffer.from("R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I", "latin1");
  socket.once("data", () => {
    socket.write(accepted);
    socket.on("data", () => {
      socket.write(Buffer.from("C\0\0\0\x0aBEGIN\0Z\0\0\0\x05I", "latin1"));
    });
  });
}

describe("connect()", () => {
  test("connect() sends no setting but its own, and a timeout of 0 as text", () => {
    const { options } = open("postgres://u:p@h/d?application_name=x&schema=s");

    expect(options.connection).toMatchObject({ application_name: "a", statement_timeout: "0" });
    expect(Object.keys(options.connection)).not.toContain("schema");
  });

  test("connect() leaves the settings to the role, and prepares nothing, behind a pooler", () => {
    const { options } = open("postgres://u:p@h/d?pgbouncer=true");

    expect(options.prepare).toBe(false);
    expect(options.connection).toEqual({
      application_name: "a",
      TimeZone: "UTC",
      DateStyle: "ISO, MDY",
      standard_conforming_strings: "on",
    });
  });

  test.each(["postgres://u:p@h/d?sslmode=verify-full&sslrootcert=/no/such/file", "hush"])(
    "connect() throws config_invalid, without a secret, for %s",
    (url) => {
      const attempt = () => open(url);

      expect(attempt).toThrow(/^Cannot use DATABASE_URL/);
      expect(attempt).not.toThrow(/hush/);
    },
  );
});

/** What the driver as published reads besides those of libpq; and how it and Bun name a user. */
const OF_DRIVER =
  "PGUSERNAME PGAPPNAME PGTARGET_SESSION_ATTRS PGMAX PGSSL PGIDLE_TIMEOUT PGMAX_LIFETIME " +
  "PGMAX_PIPELINE PGBACKOFF PGKEEP_ALIVE PGPREPARE PGDEBUG PGFETCH_TYPES PGPUBLICATIONS " +
  "USER USERNAME LOGNAME";
/** Of PostgreSQL 18, "Environment Variables" of libpq. */
const OF_LIBPQ =
  "PGHOST PGSSLNEGOTIATION PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE PGREQUIREAUTH " +
  "PGCHANNELBINDING PGSERVICE PGSERVICEFILE PGOPTIONS PGSSLMODE PGREQUIRESSL PGSSLCOMPRESSION " +
  "PGSSLCERT PGSSLKEY PGSSLCERTMODE PGSSLROOTCERT PGSSLCRL PGSSLCRLDIR PGSSLSNI PGREQUIREPEER " +
  "PGSSLMINPROTOCOLVERSION PGSSLMAXPROTOCOLVERSION PGGSSENCMODE PGKRBSRVNAME PGGSSLIB " +
  "PGGSSDELEGATION PGCONNECT_TIMEOUT PGCLIENTENCODING PGTARGETSESSIONATTRS PGLOADBALANCEHOSTS " +
  "PGMINPROTOCOLVERSION PGMAXPROTOCOLVERSION PGDATESTYLE PGTZ PGGEQO PGSYSCONFDIR PGLOCALEDIR " +
  "PGDATA";
const URLS = ["postgres://u:p@h:1/d", "postgres://"];
const PRINT_USER = `import { connect } from "${join(import.meta.dir, "connect.ts")}";
  const names = { schema: "s", applicationName: "a", connectionsMax: 1, session: {} };
  console.log(connect({ url: "postgres://", ...names }).options.user);`;

describe("the environment", () => {
  const before = { ...process.env };
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });

  test.each(`${OF_DRIVER} ${OF_LIBPQ}`.split(" "))("connect() is not changed by %s", (name) => {
    // Without the functions, which are made for each pool.
    const texts = () => URLS.map((url) => JSON.stringify(open(url).options));
    delete process.env[name];
    const without = texts();

    for (const value of ["7", "read-only", "disable"]) {
      process.env[name] = value;
      expect(texts()).toEqual(without);
    }
  });

  test("connect() takes the user of this process for a URL without one, whatever USER says", async () => {
    const asked = await runCommand(["id", "-un"], { env: before });
    const env = { ...before, USER: "another", LOGNAME: "another" };
    const { text, output } = await runCommand([process.execPath, "-e", PRINT_USER], { env });

    expect(text.trim() || output).toBe(asked.text.trim());
  });
});

describe("a pool", () => {
  test("a statement fails soon, again and again, when the server hangs up on each connection", async () => {
    let connections = 0;
    const port = await serve((socket) => {
      connections += 1;
      socket.end();
    });
    const sql = open(`postgres://u:p@127.0.0.1:${port}/d`);

    for (let attempt = 0; attempt < 2; attempt++) {
      const error = await guarded(sql, () => sql`select 1`, 3000).catch(
        (caught: unknown) => caught,
      );
      expect(errorCode(error)).toBe("database_unavailable");
      expect(String(error)).not.toContain("no answer");
    }
    await sql.end({ timeout: 0 });

    expect(connections).toBeLessThan(5);
  });

  test("a pool goes to the next host when one does not answer", async () => {
    let reached = 0;
    const port = await serve((socket) => {
      reached += 1;
      acceptAll(socket);
    });
    const sql = open(`postgres://u:p@127.0.0.1:1,127.0.0.1:${port}/d`);

    const first = await guarded(sql, () => sql.unsafe("begin"), 3000).catch(() => null);
    await guarded(sql, () => sql.unsafe("begin"), 3000);
    await sql.end({ timeout: 0 });

    expect(first).toBeNull();
    expect(reached).toBe(1);
  });

  test("renew() ends the connections, and the next ones go to the next host", async () => {
    const reached = [0, 0];
    const ports = await Promise.all(
      reached.map((_, index) =>
        serve((socket) => {
          reached[index] = (reached[index] ?? 0) + 1;
          acceptAll(socket);
        }),
      ),
    );
    const sql = open(`postgres://u:p@127.0.0.1:${ports[0]},127.0.0.1:${ports[1]}/d`);
    await sql.unsafe("begin");

    renew(sql);
    await sql.unsafe("begin").catch(() => sql.unsafe("begin"));
    await sql.end({ timeout: 0 });

    expect(reached).toEqual([1, 1]);
  });
});
