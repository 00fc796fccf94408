/**
 * Opens pools: the only place where postgres.js is configured. Where a server is comes from
 * `DATABASE_URL` as database_url.ts reads it; the settings of a session come from here alone.
 */
import { existsSync, readFileSync } from "node:fs";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import postgres from "postgres";
import type { DatabaseTarget } from "../config/database_target.ts";
import { parseDatabaseUrl } from "../config/database_url.ts";
import { PipelineError } from "../error.ts";
import { createSockets, type Sockets } from "./sockets.ts";

/** A pool of connections to the one database; callable as a template tag. */
export type Database = postgres.Sql;

/** The one connection of a transaction; callable as a template tag. */
export type Transaction = postgres.TransactionSql;

/** A piece of a statement. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** How a pool is connected. */
export interface ConnectOptions {
  readonly url: string;
  /** The option that holds the URL, for messages; `DATABASE_URL` when absent. */
  readonly option?: string;
  readonly schema: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly connectionsMax: number;
  /** Timeouts of each session, ms; 0 for none. */
  readonly session: Readonly<Record<string, number>>;
  /** Which host of the URL is tried first; the first one when absent. */
  readonly firstHost?: number;
  /** Whether no connection is ever renewed; otherwise each is after 30 to 60 minutes. */
  readonly isLasting?: boolean;
  /** Called whenever a connection has ended, for whatever reason. */
  readonly onClosed?: () => void;
}

/** What a pool was opened with. */
export interface PoolFacts {
  readonly target: DatabaseTarget;
  readonly schema: string;
  /** What `show` gives in each session, by setting. */
  readonly settings: Readonly<Record<string, string>>;
}

const FACTS = new WeakMap<object, PoolFacts & { readonly sockets: Sockets }>();

/** Of a pool that `connect` has opened; null of any other. */
export function factsOf(sql: Database): PoolFacts | null {
  return FACTS.get(sql) ?? null;
}

/**
 * Ends all connections of a pool, after a failover that left them at a server that takes no writes.
 * Statements in flight fail as they do when the server goes away; later ones connect again.
 */
export function renew(sql: Database): void {
  FACTS.get(sql)?.sockets.renew();
}

/**
 * Begins to watch the open connections of a pool. The function that it returns ends those on which
 * nothing has arrived since: a host that died without a word, or a network that lost them. It
 * resolves when they have ended, so that a later statement gets another connection.
 */
export function watchSilence(sql: Database): () => Promise<unknown> {
  return FACTS.get(sql)?.sockets.watchSilence() ?? (async () => undefined);
}

/**
 * A condition of the statements that move a position: the session must be in our schema. A pooler
 * may run a statement in a session that has another `search_path`, from another client or an older
 * setting of the role, and tables of the same names may be there. The second half of the condition
 * ends such a statement with an error (42P01) that shows the path.
 */
export function inSchema(sql: Database): Fragment {
  const schema = factsOf(sql)?.schema ?? null;
  return sql`(current_schema()::text = coalesce(${schema}::text, current_schema()::text)
    or quote_ident('search_path is ' || current_setting('search_path'))::regclass is null)`;
}

// Settings that change what a statement means or how an answer is written. A role, a database or a
// server may have others; what a session sets when it begins wins over them. PgBouncer keeps the
// first three for each of its clients ("tracks" them), and refuses a connection that asks for one
// of the others.
const TRACKED_SETTINGS = {
  TimeZone: "UTC",
  DateStyle: "ISO, MDY",
  standard_conforming_strings: "on",
} as const;
const UNTRACKED_SETTINGS: Readonly<Record<string, string>> = {
  IntervalStyle: "postgres",
  bytea_output: "hex",
  array_nulls: "on",
  extra_float_digits: "1",
  default_transaction_isolation: "read committed",
  idle_session_timeout: "0",
};

/**
 * Opens a pool; nothing is connected yet.
 *
 * @throws {PipelineError} `config_invalid` when the URL or a file that it names can't be used.
 */
export function connect(options: ConnectOptions): Database {
  const { url, schema, applicationName, connectionsMax, session } = options;
  const { option = "DATABASE_URL", firstHost = 0, isLasting = false, onClosed } = options;
  const target = readTarget(url, option);
  const { password, database, isPooled } = target;
  const user = target.user ?? systemUser(option);
  // Text, because the driver leaves out a 0, and the role's own timeout would hold.
  const timeouts = Object.fromEntries(Object.entries(session).map(([k, ms]) => [k, String(ms)]));
  const settings = { search_path: schema, ...timeouts, ...UNTRACKED_SETTINGS };
  const sockets = createSockets(target.hosts, firstHost);
  const given: postgres.Options<Record<string, postgres.PostgresType>> & DriverOptions = {
    // Only for messages: the sockets choose.
    host: target.hosts[0]?.host ?? "",
    port: target.hosts[0]?.port ?? 0,
    user,
    password: password ?? "",
    database: database ?? user,
    ssl: tlsOf(target, option),
    socket: () => sockets.open(),
    // A pooler may run the next statement in a session that does not know the prepared one.
    prepare: !isPooled,
    max: connectionsMax,
    // Without it queries stay stuck for up to 20 s after an outage (measured).
    backoff: () => 0.2,
    connect_timeout: target.connectTimeoutSeconds,
    idle_timeout: 0,
    // The driver would ask for the types of arrays after each new connection. When the connection
    // is cut meanwhile, nothing handles the failure and the process ends. Arrays are sent as text
    // or JSON instead. Without the types, a `reserve()` on a new connection never resolves (3.4.9):
    // code that needs a connection for itself opens a pool of one.
    fetch_types: false,
    onnotice: () => undefined,
    ...(isLasting ? { max_lifetime: null } : {}),
    ...(onClosed === undefined ? {} : { onclose: onClosed }),
    connection: {
      application_name: applicationName,
      ...TRACKED_SETTINGS,
      // Behind a pooler these come from the role; server_check.ts demands them.
      ...(isPooled ? {} : settings),
    },
  };
  // The driver is mended by the patch beside this file (postgres@3.4.9.patch). As published, a
  // connection that ends with bytes still to be sent never sends any again, and its statements wait
  // for seconds in vain; a statement sent between a connection's error and its end gets no outcome;
  // statements of a transaction whose connection has ended run outside of it, on a new connection;
  // and variables of the environment (PGTARGETSESSIONATTRS, PGMAX, ...) fill in what is not given.
  const sql = postgres(given);
  FACTS.set(sql, { target, schema, sockets, settings: { ...TRACKED_SETTINGS, ...settings } });
  return sql;
}

/** An option that the driver's types leave out. */
interface DriverOptions {
  readonly socket: () => Promise<unknown>;
}

function readTarget(url: string, option: string): DatabaseTarget {
  const target = parseDatabaseUrl(url);
  if (target.kind === "value") return target.value;
  throw new PipelineError("config_invalid", `Cannot use ${option}: it ${target.problem}`);
}

/**
 * The name of the user of this process, which libpq takes for a URL without one. It is read from
 * the list of users: the runtime takes it from a variable of the environment.
 */
function systemUser(option: string): string {
  const uid = String(process.getuid?.());
  const lines = existsSync(USERS) ? readFileSync(USERS, "utf8").split("\n") : [];
  const name = lines.map((line) => line.split(":")).find((fields) => fields[2] === uid)?.[0];
  if (name !== undefined) return name;
  const message = `Cannot use ${option}: it must name its user, because the user ${uid} of this process has no name`;
  throw new PipelineError("config_invalid", message);
}

const USERS = "/etc/passwd";

/** What the driver passes to TLS. With "prefer" it does without when the server has no TLS. */
function tlsOf(target: DatabaseTarget, option: string): false | "prefer" | object {
  const { tlsMode, hosts, rootCertificate, certificate, key, keyPassword } = target;
  if (tlsMode === "disable" || hosts.every(({ host }) => host.startsWith("/"))) return false;
  if (tlsMode === "prefer") return "prefer";
  const readFile = (parameter: string, path: string) => readUrlFile({ option, parameter, path });
  const client = {
    ...(certificate === null ? {} : { cert: readFile("sslcert", certificate) }),
    ...(key === null ? {} : { key: readFile("sslkey", key) }),
    ...(keyPassword === null ? {} : { passphrase: keyPassword }),
  };
  if (tlsMode === "require") return { ...client, rejectUnauthorized: false };
  const isOwnRoot = rootCertificate !== null && rootCertificate !== "system";
  return {
    ...client,
    ...(isOwnRoot ? { ca: readFile("sslrootcert", rootCertificate) } : {}),
    rejectUnauthorized: true,
    checkServerIdentity: (_: string, peer: PeerCertificate) =>
      tlsMode === "verify-ca" ? undefined : nameProblem(target, peer),
  };
}

/** The driver doesn't say which of the hosts it has reached: the certificate must name one. */
function nameProblem({ hosts }: DatabaseTarget, peer: PeerCertificate): Error | undefined {
  const problems = hosts.map(({ host }) => checkServerIdentity(host, peer));
  return problems.includes(undefined) ? undefined : problems[0];
}

interface UrlFile {
  readonly option: string;
  readonly parameter: string;
  readonly path: string;
}

function readUrlFile({ option, parameter, path }: UrlFile): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const { code } = cause as { code?: string };
    const message = `Cannot use ${option}: the file of its parameter ${parameter} can't be read (${code})`;
    throw new PipelineError("config_invalid", message, { cause });
  }
}
