/** Notes how an audit of everything ended, so that the dashboard can say when it was. */
import { openDatabase, type DatabaseAddress } from "../database/read_only.ts";
import type { AuditReport } from "./audit/report.ts";

const STATEMENT_MS_MAX = 5000; // chosen
const CLOSE_SECONDS_MAX = 1;

/** @returns Why it was not noted, or null. A user that may only read is no error of the audit. */
export async function noteVerdict(
  database: DatabaseAddress,
  { problems }: Pick<AuditReport, "problems">,
): Promise<string | null> {
  const found = problems.reduce((sum, { total }) => sum + total, 0);
  const sql = openDatabase(database, {
    applicationName: "tally-audit",
    connectionsMax: 1,
    statementMsMax: STATEMENT_MS_MAX,
  });
  try {
    await sql`
      insert into last_audit (ended_at, problems) values (now(), ${found})
      on conflict (only_row) do update
        set ended_at = excluded.ended_at, problems = excluded.problems`;
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await sql.end({ timeout: CLOSE_SECONDS_MAX });
  }
}
