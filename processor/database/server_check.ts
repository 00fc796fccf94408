/**
 * Looks at a server before anything is written to it: its version, the encoding of the database,
 * whether it takes writes, and whether the session has the settings that the protocol rests on.
 */
import { errorCode, PipelineError } from "@tally/shared";
import {
  factsOf,
  POOLER_REMEDY,
  renew,
  type Database,
  type PoolFacts,
} from "@tally/shared/database";

/** Older versions lack multiranges, which hold the gaps of a batch. */
const VERSION_MIN = 14;

// A server that does not know a setting refuses a session that asks for it: the role must have it.
// From version 17 on; the longest transactions (a rewind, the lines of lost records) take minutes.
const OF_NEW_VERSIONS = { transaction_timeout: "0" } as const;

/**
 * Checks the server that a pool reaches now.
 *
 * @throws {PipelineError} `config_invalid`, which only another configuration mends;
 *   `database_read_only`, retryable.
 */
export async function checkServer(sql: Database): Promise<void> {
  const facts = factsOf(sql);
  const names = [...Object.keys(facts?.settings ?? {}), ...Object.keys(OF_NEW_VERSIONS)];
  const found = await sql<Found[]>`
    select current_setting('server_version_num')::integer / 10000 as version,
      current_setting('server_encoding') as encoding, pg_is_in_recovery() as "isStandby",
      pg_backend_pid() as pid, quote_ident(current_user) as role,
      quote_ident(current_database()) as database,
      (select jsonb_object_agg(name, setting) from pg_settings
        where name = any (${`{${names.join(",")}}`}::text[])) as settings`;
  const [server] = found;
  if (server === undefined) return;
  const problem = problemOf(server, facts, isPooled(found, server.pid));
  if (problem !== null) throw new PipelineError("config_invalid", problem);
  if (!server.isStandby) return;
  const message = "Cannot write: the server is a standby, and a primary is needed";
  throw new PipelineError("database_read_only", message);
}

/**
 * Checks the server, and the next host while one is away or a standby.
 *
 * @throws {PipelineError} As `checkServer`; `database_read_only` when all are standbys.
 */
export async function reachPrimary(sql: Database): Promise<void> {
  const hosts = factsOf(sql)?.target.hosts.length ?? 1;
  // A host that is away fails once, and so does a statement on a connection that was just ended.
  for (let left = 2 * hosts; ; left--) {
    try {
      return await checkServer(sql);
    } catch (error) {
      const code = errorCode(error);
      if (left <= 1 || code === "config_invalid") throw error;
      if (code === "database_read_only") renew(sql);
    }
  }
}

/** What a server says of itself. */
export interface Found {
  readonly version: number;
  readonly encoding: string;
  readonly isStandby: boolean;
  readonly pid: number;
  /** Quoted, for a statement. */
  readonly role: string;
  /** Quoted, for a statement. */
  readonly database: string;
  readonly settings: Readonly<Record<string, string>> | null;
}

/** What another configuration must mend, or null when nothing is wrong. Pure. */
export function problemOf(
  server: Found,
  facts: PoolFacts | null,
  hasPooler: boolean,
): string | null {
  const { version, encoding } = server;
  if (version < VERSION_MIN) {
    return `Cannot use PostgreSQL ${version}: Tally needs version ${VERSION_MIN} or later`;
  }
  if (encoding !== "UTF8") {
    return `Cannot use a database with the encoding ${encoding}: Tally needs UTF8 (create database NAME encoding 'UTF8' template template0)`;
  }
  if (facts === null) return null;
  const isKnown = ([name]: readonly [string, string]) => server.settings?.[name] !== undefined;
  const wrong = [
    ...Object.entries(facts.settings),
    ...Object.entries(OF_NEW_VERSIONS).filter(isKnown),
  ].filter(([name, wanted]) => !holds(name, server.settings?.[name] ?? "", wanted));
  if (wrong.length === 0) return null;
  const statements = wrong.map(
    ([name, wanted]) =>
      `alter role ${server.role} in database ${server.database} set ${name} = '${wanted}';`,
  );
  const who = hasPooler
    ? "a pooler keeps settings from the server"
    : "the server has other settings";
  const pooled = "Give them to the role, and end the sessions that the pooler has open";
  const how = facts.target.isPooled ? pooled : hasPooler ? POOLER_REMEDY : "Run";
  const names = wrong.map(([name]) => name).join(", ");
  return `Cannot rely on this connection: ${who} (${names}). ${how}: ${statements.join(" ")}`;
}

/** Whether a setting does what is wanted; `pg_settings` has times in ms. */
function holds(name: string, setting: string, wanted: string): boolean {
  if (name === "search_path") return firstOf(setting) === wanted;
  if (!name.endsWith("_timeout") || wanted === "0") return setting === wanted;
  return Number(setting) > 0 && Number(setting) <= Number(wanted);
}

function firstOf(path: string): string {
  return (path.split(",")[0] ?? "").trim().replaceAll('"', "");
}

/** A pooler gives its own number for the session, a server the number of its process. */
function isPooled(answer: object, pid: number): boolean {
  const { state } = answer as { readonly state?: { readonly pid?: number | null } | null };
  return typeof state?.pid === "number" && state.pid !== pid;
}

/**
 * Demands a session of the server for each connection: a lock and a cursor belong to one.
 *
 * @throws {PipelineError} `config_invalid` behind a pooler.
 */
export async function demandOwnSession(sql: Database): Promise<void> {
  const found = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  if (!isPooled(found, found[0]?.pid ?? 0) && factsOf(sql)?.target.isPooled !== true) return;
  throw new PipelineError(
    "config_invalid",
    "Cannot work through a pooler, which may give each statement another session: set DATABASE_URL to the server itself for this command",
  );
}
