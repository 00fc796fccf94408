/** The database of the processor: how its pools are opened, and the migrations. */
import type { Config } from "@tally/shared";
import { connect, guarded, type Database, type Transaction } from "@tally/shared/database";
import { demandCreation, demandRights, TABLE_RIGHTS } from "./rights.ts";
import { checkServer } from "./server_check.ts";
import migration0001 from "./migrations/0001_events.sql" with { type: "text" };
import migration0002 from "./migrations/0002_dead_letters.sql" with { type: "text" };
import migration0003 from "./migrations/0003_positions.sql" with { type: "text" };
import migration0004 from "./migrations/0004_gaps.sql" with { type: "text" };
import migration0005 from "./migrations/0005_processors.sql" with { type: "text" };
import migration0006 from "./migrations/0006_source.sql" with { type: "text" };
import migration0007 from "./migrations/0007_resend_claim.sql" with { type: "text" };
import migration0008 from "./migrations/0008_letter_topics.sql" with { type: "text" };
import migration0009 from "./migrations/0009_counts.sql" with { type: "text" };
import migration0010 from "./migrations/0010_questions.sql" with { type: "text" };
import migration0011 from "./migrations/0011_keys.sql" with { type: "text" };
import migration0012 from "./migrations/0012_owners.sql" with { type: "text" };
import migration0013 from "./migrations/0013_last_audit.sql" with { type: "text" };

const MIGRATIONS = [
  { version: 1, name: "0001_events", sql: migration0001 },
  { version: 2, name: "0002_dead_letters", sql: migration0002 },
  { version: 3, name: "0003_positions", sql: migration0003 },
  { version: 4, name: "0004_gaps", sql: migration0004 },
  { version: 5, name: "0005_processors", sql: migration0005 },
  { version: 6, name: "0006_source", sql: migration0006 },
  { version: 7, name: "0007_resend_claim", sql: migration0007 },
  { version: 8, name: "0008_letter_topics", sql: migration0008 },
  { version: 9, name: "0009_counts", sql: migration0009 },
  { version: 10, name: "0010_questions", sql: migration0010 },
  { version: 11, name: "0011_keys", sql: migration0011 },
  { version: 12, name: "0012_owners", sql: migration0012 },
  { version: 13, name: "0013_last_audit", sql: migration0013 },
] as const;
// Any fixed number that no other advisory lock of Tally uses.
const MIGRATION_LOCK = 7_255_901;
const LOCK_SHARE = 0.8;
// An index on a large table takes long.
const MIGRATION_MS_MAX = 3_600_000;

/**
 * Opens a pool of the processor. Nothing is connected yet, so a server that is down is no error.
 *
 * Statement, lock and idle timeouts are shorter than the consumers' session timeout: a frozen
 * process can't hold a statement open after its partitions have a new owner.
 */
export function openDatabase(
  { database }: Pick<Config<"processor">, "database">,
  applicationName: string,
): Database {
  const { url, schema, connections, statementTimeoutMs } = database;
  return connect({
    url,
    schema,
    applicationName,
    connectionsMax: connections,
    session: {
      statement_timeout: statementTimeoutMs,
      // Shorter, or a wait for a lock would look like a statement that takes too long.
      lock_timeout: Math.floor(statementTimeoutMs * LOCK_SHARE),
      idle_in_transaction_session_timeout: statementTimeoutMs,
    },
  });
}

/**
 * Makes what is missing of the schema and its tables, and changes nothing when all is there: the
 * role may then have rights on the tables only.
 *
 * @throws {PipelineError} `config_invalid`; `database_unavailable`, `database_read_only`,
 *   `database_misconfigured`, retryable.
 */
export async function prepareTables(sql: Database, schema: string): Promise<void> {
  await guarded(sql, () => checkServer(sql));
  const found = await guarded(sql, () => lookForTables(sql, schema));
  if (found.missing.length > 0) {
    await guarded(sql, () => demandCreation(sql, { schema, ...found }));
    await migrate(sql, schema);
  }
  await guarded(sql, () => demandRights(sql, { schema, needs: TABLE_RIGHTS }));
}

/** What of the schema is there. The catalog answers whatever rights the role has. */
async function lookForTables(sql: Database | Transaction, schema: string) {
  const [found] = await sql<{ isSchemaThere: boolean; isListThere: boolean; isListed: boolean }[]>`
    select count(*) > 0 as "isSchemaThere", count(pg_class.oid) > 0 as "isListThere",
      coalesce(bool_and(has_schema_privilege(pg_namespace.oid, 'usage')
        and has_table_privilege(pg_class.oid, 'select')), false) as "isListed"
    from pg_namespace left join pg_class
      on relnamespace = pg_namespace.oid and relname = 'schema_migrations'
    where nspname = ${schema}`;
  const { isSchemaThere = false, isListThere = false, isListed = false } = found ?? {};
  // Without the right to read the list, the tables are taken as current; the right is asked for.
  if (isListThere && !isListed) return { isSchemaThere, isListThere, missing: [] };
  const applied = isListThere
    ? await sql<{ version: number }[]>`select version from ${sql(schema)}.schema_migrations`
    : [];
  const missing = MIGRATIONS.filter((each) => !applied.some((row) => row.version === each.version));
  return { isSchemaThere, isListThere, missing };
}

/**
 * Applies the missing migrations in one transaction, under a lock of the schema: several processes
 * may start at once. Their statements may take longer than others; a wait for a lock may not.
 *
 * @throws {PipelineError} `database_unavailable`, `database_misconfigured`, retryable.
 */
export async function migrate(sql: Database, schema: string): Promise<void> {
  await guarded(
    sql,
    () =>
      sql.begin(async (transaction) => {
        // Advisory locks are the database's: without the schema in it, installations in two schemas
        // would wait for each other.
        await transaction`select pg_advisory_xact_lock(${MIGRATION_LOCK}, hashtext(${schema}))`;
        await transaction`
          select set_config(name, case name when 'statement_timeout' then ${String(MIGRATION_MS_MAX)} else '0' end, true)
          from pg_settings where name in ('statement_timeout', 'transaction_timeout')`;
        // Looked for first: "if not exists" fails without the right to create, whether or not it
        // exists.
        const found = await lookForTables(transaction, schema);
        if (!found.isSchemaThere) await transaction`create schema ${transaction(schema)}`;
        if (!found.isListThere) {
          await transaction`create table schema_migrations (version integer primary key, name text not null, applied_at timestamptz not null default now())`;
        }
        for (const { version, name, sql: statements } of found.missing) {
          await transaction.unsafe(statements);
          await transaction`insert into schema_migrations (version, name) values (${version}, ${name})`;
        }
      }),
    MIGRATION_MS_MAX,
  );
}

/** How the tables of a schema compare with those that this version makes. */
export type SchemaState = "missing" | "older" | "current" | "newer";

/**
 * Compares the applied migrations with those of this version; changes nothing.
 *
 * @throws {PipelineError} `database_unavailable`, retryable.
 */
export function readSchemaState(sql: Database): Promise<SchemaState> {
  return guarded(sql, async () => {
    const [found] = await sql<{ there: boolean }[]>`
      select to_regclass('schema_migrations') is not null as there`;
    if (found?.there !== true) return "missing";
    const rows = await sql<{ version: number }[]>`select version from schema_migrations`;
    const applied = new Set(rows.map(({ version }) => version));
    if (MIGRATIONS.some(({ version }) => !applied.has(version))) return "older";
    return applied.size > MIGRATIONS.length ? "newer" : "current";
  });
}
