/**
 * Finds out what an operator has to change when PostgreSQL has refused a statement: the error names
 * a table at most, and the catalog knows which rights and settings the role has.
 */
import { PipelineError } from "@tally/shared";
import { answered, factsOf, sqlState, type Database } from "@tally/shared/database";
import { missingRights } from "./rights.ts";

const FORBIDDEN = "42501";
const EXPLAIN_MS_MAX = 5000; // chosen

/** The same error with a better remedy, or as it is when the database doesn't say more. */
export async function explainRefusal(sql: Database, error: PipelineError): Promise<PipelineError> {
  const find = error.code === "database_read_only" ? readOnlyRemedy : rightsRemedy;
  if (error.code !== "database_read_only" && sqlState(error.cause) !== FORBIDDEN) return error;
  try {
    const remedy = await answered(sql, find(sql), EXPLAIN_MS_MAX);
    if (remedy === null) return error;
    return new PipelineError("database_misconfigured", error.message, { remedy, cause: error });
  } catch {
    // The database went away meanwhile: the next attempt says so.
    return error;
  }
}

async function rightsRemedy(sql: Database): Promise<string | null> {
  const statements = await missingRights(sql, factsOf(sql)?.schema ?? "public");
  return statements === "" ? null : `Run as the owner of the tables: ${statements}`;
}

/** A setting of the role or the database is no failover: it stays until an operator changes it. */
async function readOnlyRemedy(sql: Database): Promise<string | null> {
  const [found] = await sql<{ source: string; role: string; database: string }[]>`
    select source, quote_ident(current_user) as role, quote_ident(current_database()) as database
    from pg_settings where name = 'default_transaction_read_only' and setting = 'on'`;
  if (found === undefined) return null;
  const { source, role, database } = found;
  const owner = {
    user: `role ${role}`,
    database: `database ${database}`,
    "database user": `role ${role} in database ${database}`,
  }[source];
  if (owner === undefined) return null;
  return `Tally writes: run alter ${owner} reset default_transaction_read_only;`;
}
