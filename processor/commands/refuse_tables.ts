/**
 * What each command that reads or changes the tables checks first. Only the processor
 * creates and upgrades tables: commands change nothing there.
 */
import { guarded, type Database } from "@tally/shared/database";
import { readSchemaState, type SchemaState } from "../database/database.ts";
import { demandRights, type Rights } from "../database/rights.ts";
import { reachPrimary } from "../database/server_check.ts";

/**
 * Checks the server, the version of the tables and the rights of the role.
 *
 * @returns Why the tables can't be used, as a sentence; null when they can.
 * @throws {PipelineError} `database_unavailable`; `database_misconfigured`, `database_read_only`,
 *   `config_invalid` when the server or the role is not fit.
 */
export async function refuseTables(
  sql: Database,
  wanted: { readonly schema: string; readonly needs: Rights },
): Promise<string | null> {
  await guarded(sql, () => reachPrimary(sql));
  const state = await readSchemaState(sql);
  if (state !== "current") return UNFIT[state](wanted.schema);
  await guarded(sql, () => demandRights(sql, wanted));
  return null;
}

const UNFIT: Readonly<Record<Exclude<SchemaState, "current">, (schema: string) => string>> = {
  missing: (schema) =>
    `The schema "${schema}" has no tables of Tally: start the processor once, it creates them.`,
  older: (schema) =>
    `The tables in the schema "${schema}" are older than this version: start the processor once, it upgrades them.`,
  newer: (schema) =>
    `The tables in the schema "${schema}" are newer than this version: use the command of the version whose processor created them.`,
};
