/**
 * The rights that the processor needs, and the statements that grant those that its role lacks.
 * An administrator may have made the schema and the tables. docs/operations.md lists the rights.
 */
import { PipelineError } from "@tally/shared";
import type { Database } from "@tally/shared/database";

/** Privileges by table. */
export type Rights = Readonly<Record<string, readonly string[]>>;

/** What the statements of the processor do with each table. */
export const TABLE_RIGHTS: Rights = {
  schema_migrations: ["select"],
  logs: ["select", "insert"],
  web_events: ["select", "insert"],
  positions: ["select", "insert", "update"],
  duplicate_events: ["select", "insert", "delete"],
  dead_letters: ["select", "insert", "update", "delete"],
  dead_letter_resends: ["select", "insert", "update", "delete"],
  archive_objects: ["select", "insert", "update"],
  offset_gaps: ["select", "insert"],
  processors: ["select", "insert", "update", "delete"],
  letter_topics: ["select", "insert", "update"],
  counted_types: ["select", "insert"],
  minute_counts: ["select", "insert", "update", "delete"],
  quarter_counts: ["select", "insert", "update", "delete"],
  hour_counts: ["select", "insert", "update"],
  hour_totals: ["select", "insert", "update"],
  counts_fill: ["select", "update"],
  api_keys: ["select"],
  key_changes: ["select"],
  dashboard_sessions: ["select", "insert", "delete"],
  last_audit: ["select"],
};

const KEY_TABLES: ReadonlySet<string> = new Set(["api_keys", "key_changes", "dashboard_sessions"]);

/** What commands that only read need. */
export const READ_RIGHTS: Rights = Object.fromEntries(
  Object.keys(TABLE_RIGHTS)
    .filter((table) => !KEY_TABLES.has(table))
    .map((table) => [table, ["select"]]),
);

/** Lacking rights as statements, in the order in which they must run; "" when none is lacking. */
export async function missingRights(
  sql: Database,
  schema: string,
  needed: Rights = TABLE_RIGHTS,
): Promise<string> {
  const [place] = await sql<{ role: string; isThere: boolean; mayUse: boolean | null }[]>`
    select quote_ident(current_user) as role, count(*) > 0 as "isThere",
      bool_and(has_schema_privilege(oid, 'usage')) as "mayUse"
    from pg_namespace where nspname = ${schema}`;
  if (place === undefined || !place.isThere) return "";
  const { role, mayUse } = place;
  const needs = Object.entries(needed).flatMap(([table, privileges]) =>
    privileges.map((privilege, position) => ({ table, privilege, position })),
  );
  const lacking = await sql<{ name: string; privileges: string }[]>`
    select quote_ident(relname) as name,
      string_agg(need.privilege, ', ' order by need.position) as privileges
    from jsonb_to_recordset(${JSON.stringify(needs)}::text::jsonb)
      as need ("table" text, privilege text, position integer)
    join pg_class on relname = need."table" and relkind in ('r', 'p')
      and relnamespace = (select oid from pg_namespace where nspname = ${schema})
    where not has_table_privilege(pg_class.oid, need.privilege)
    group by relname order by relname`;
  return [
    ...(mayUse === true ? [] : [`grant usage on schema ${schema} to ${role};`]),
    ...lacking.map(
      ({ name, privileges }) => `grant ${privileges} on ${schema}.${name} to ${role};`,
    ),
  ].join(" ");
}

/**
 * Throws when the role lacks rights on tables that are there.
 *
 * @throws {PipelineError} `database_misconfigured`, retryable, with the statements that grant them.
 */
export async function demandRights(
  sql: Database,
  { schema, needs }: { readonly schema: string; readonly needs: Rights },
): Promise<void> {
  const statements = await missingRights(sql, schema, needs);
  if (statements === "") return;
  throw new PipelineError(
    "database_misconfigured",
    `Cannot use the tables in schema "${schema}": the role lacks rights`,
    { remedy: `Run as the owner of the tables: ${statements}` },
  );
}

/** What is missing in a database. */
export interface Absence {
  readonly schema: string;
  readonly isSchemaThere: boolean;
  /** Whether the list of migrations is there: then an older version has made tables. */
  readonly isListThere: boolean;
}

/**
 * Throws when the role may not make or change the tables that are missing.
 *
 * @throws {PipelineError} `database_misconfigured`, retryable, with the statement.
 */
export async function demandCreation(sql: Database, absence: Absence): Promise<void> {
  const { schema, isSchemaThere, isListThere } = absence;
  const [found] = await sql<
    { role: string; database: string; mayMakeSchema: boolean; mayMakeTables: boolean | null }[]
  >`
    select quote_ident(current_user) as role, quote_ident(current_database()) as database,
      has_database_privilege(current_database(), 'create') as "mayMakeSchema",
      (select has_schema_privilege(oid, 'create') and has_schema_privilege(oid, 'usage')
        from pg_namespace where nspname = ${schema}) as "mayMakeTables"`;
  if (found === undefined) return;
  const { role, mayMakeSchema, mayMakeTables } = found;
  if (!isSchemaThere && !mayMakeSchema) {
    throw lacks(`create schema ${schema} authorization ${role};`, `schema "${schema}" is missing`);
  }
  if (isSchemaThere && mayMakeTables !== true) {
    throw lacks(
      `grant usage, create on schema ${schema} to ${role};`,
      `tables are missing in schema "${schema}"`,
    );
  }
  if (!isListThere) return;
  const owned = await sql<{ owner: string }[]>`
    select distinct pg_get_userbyid(relowner)::text as owner from pg_class
    where relnamespace = (select oid from pg_namespace where nspname = ${schema})
      and relname in ${sql(Object.keys(TABLE_RIGHTS))} and not pg_has_role(relowner, 'usage')`;
  const [first] = owned;
  if (first === undefined) return;
  const message = `Cannot upgrade the tables in schema "${schema}": their owner is "${first.owner}"`;
  const remedy = `Start the processor of this version once with the user "${first.owner}" in DATABASE_URL: it upgrades the tables.`;
  throw new PipelineError("database_misconfigured", message, { remedy });
}

function lacks(statement: string, what: string): PipelineError {
  const remedy = `Run as an administrator: ${statement}`;
  return new PipelineError("database_misconfigured", `Cannot make the tables: ${what}`, { remedy });
}
