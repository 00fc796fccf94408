import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { DatabaseTarget } from "./database_target.ts";
import { parseDatabaseUrl } from "./database_url.ts";
import { PARAMETERS } from "./database_url_parameters.ts";

/** What the URL says; a problem is given as text. */
function read(url: string): DatabaseTarget | string {
  const parsed = parseDatabaseUrl(url);
  return parsed.kind === "value" ? parsed.value : parsed.problem;
}

const BASE = "postgres://u:p@h/d";
const withParameters = (text: string) => read(`${BASE}?${text}`);

describe("parseDatabaseUrl()", () => {
  test("parseDatabaseUrl() reads all parts, and leaves out what the URL leaves out", () => {
    expect(read("postgresql://me:secret@db.example:6000/events")).toEqual({
      hosts: [{ host: "db.example", port: 6000 }],
      user: "me",
      password: "secret",
      database: "events",
      tlsMode: "disable",
      rootCertificate: null,
      certificate: null,
      key: null,
      keyPassword: null,
      connectTimeoutSeconds: 5,
      isPooled: false,
      schema: null,
      ignored: [],
    });
    expect(read("POSTGRES://")).toMatchObject({
      hosts: [{ host: "localhost", port: 5432 }],
      user: null,
      password: null,
      database: null,
    });
  });

  const passwords = [
    "p@ss",
    "50%off",
    "100%",
    "%zz",
    "a:b",
    "a/b",
    "a?b",
    "a#b",
    "a b",
    "€",
    "[x]",
  ];
  test.each(passwords)("parseDatabaseUrl() takes the password %s as it is, or encoded", (text) => {
    const target = { hosts: [{ host: "h", port: 1 }], password: text, user: "u", database: "d" };

    expect(read(`postgres://u:${text}@h:1/d?sslmode=require`)).toMatchObject(target);
    expect(read(`postgres://u:${encodeURIComponent(text)}@h:1/d`)).toMatchObject(target);
  });

  test("parseDatabaseUrl() finds every encoded user, password and database", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(text, text, text, (user, password, database) => {
        const [u, p, d] = [user, password, database].map((part) => encodeURIComponent(part));

        expect(read(`postgres://${u}:${p}@h/${d}`)).toMatchObject({ user, password, database });
      }),
    );
  });

  test.each([
    ["postgres://u@[::1]/d", [{ host: "::1", port: 5432 }]],
    ["postgres://u@[fe80::1%25eth0]:7/d", [{ host: "fe80::1%eth0", port: 7 }]],
    [
      "postgres://u:p@a:1,b,[::2]:3/d",
      [
        { host: "a", port: 1 },
        { host: "b", port: 5432 },
        { host: "::2", port: 3 },
      ],
    ],
    ["postgres://u@%2Frun%2Fpostgresql/d", [{ host: "/run/postgresql", port: 5432 }]],
    ["postgres:///d?host=/run/postgresql&port=5", [{ host: "/run/postgresql", port: 5 }]],
    [
      "postgres:///d?host=a,b&port=1,2",
      [
        { host: "a", port: 1 },
        { host: "b", port: 2 },
      ],
    ],
  ])("parseDatabaseUrl() finds the hosts of %s", (url, hosts) => {
    expect(read(url)).toMatchObject({ hosts });
  });

  test.each([
    ["sslmode=disable", "disable"],
    ["sslmode=allow", "prefer"],
    ["sslmode=require", "require"],
    ["sslmode=require&sslrootcert=/ca", "verify-ca"],
    ["sslmode=verify-ca&sslrootcert=/ca", "verify-ca"],
    ["sslmode=verify-full", "verify-full"],
    ["sslmode=verify-full&sslrootcert=system", "verify-full"],
    ["ssl=true", "verify-full"],
    ["ssl=false", "disable"],
    ["sslaccept=accept_invalid_certs", "require"],
  ])("parseDatabaseUrl() reads %s as %s", (parameters, tlsMode) => {
    expect(withParameters(parameters)).toMatchObject({ tlsMode });
  });

  test("parseDatabaseUrl() understands the parameters of other tools", () => {
    expect(
      withParameters(
        "schema=tally&pgbouncer=true&target_session_attrs=read-write&connect_timeout=9&application_name=x@y",
      ),
    ).toMatchObject({
      schema: "tally",
      isPooled: true,
      connectTimeoutSeconds: 9,
      ignored: [
        "application_name is ignored: each pool of Tally has its own name in pg_stat_activity",
      ],
    });
  });

  test.each([
    ["options=-c%20search_path%3Devil", "options"],
    ["search_path=evil", "search_path"],
    ["statement_timeout=0", "statement_timeout"],
    ["Statement_Timeout=0", "Statement_Timeout"],
    ["session_replication_role=replica", "session_replication_role"],
    ["fetch_types=true", "fetch_types"],
    ["connection_limit=5", "connection_limit"],
    ["target_session_attrs=standby", "target_session_attrs"],
    ["sslmode=maybe", "sslmode"],
    ["channel_binding=require", "channel_binding"],
    ["client_encoding=latin1", "client_encoding"],
    ["connect_timeout=0", "connect_timeout"],
    ["pgbouncer=maybe", "pgbouncer"],
    ["sslrootcert=/ca", "sslrootcert"],
    ["sslmode=require&sslcert=/c", "sslcert"],
    ["sslmode=require&sslmode=disable", "sslmode"],
    ["host=other", "host"],
    ["__proto__=x", "postgres://"],
  ])("parseDatabaseUrl() refuses %s and names the parameter", (parameters, name) => {
    expect(withParameters(parameters)).toContain(name);
  });

  test.each(["mysql://u:hush@h/d", "postgres://u:hush@h:x/d", "postgres://u:hush@h/d#f", "hush"])(
    "parseDatabaseUrl() doesn't repeat the password of %s",
    (url) => {
      const problem = read(url);

      expect(problem).toBeString();
      expect(problem).not.toContain("hush");
    },
  );
});

test("PARAMETERS has a reason for every value that it doesn't understand", () => {
  for (const row of PARAMETERS.values()) {
    const outcome = row("no such value");

    expect(outcome.kind === "understood" || outcome.reason !== "").toBe(true);
  }
});
