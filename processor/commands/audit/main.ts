/**
 * `bun run audit`: accounts for every event. Entry point: the only file of the
 * audit that reads the environment, prints and exits.
 */
import {
  errorCode,
  loadConfig,
  wallNow,
  withLocalServices,
  type PipelineError,
} from "@tally/shared";
import { kafkaConnection } from "@tally/shared/kafka";
import { runCommandLine, type ExitCode } from "@tally/shared/terminal/command_line";
import { createProgress } from "@tally/shared/terminal/progress";

import { findServices } from "../services.ts";
import { parseAuditArguments, type AuditWanted } from "./arguments.ts";
import { isBounded } from "./hour_bounds.ts";
import { noteVerdict } from "../last_audit.ts";
import { auditText } from "./report_text.ts";
import type { AuditReport } from "./report.ts";
import { runAudit } from "./run_audit.ts";

if (import.meta.main) {
  process.exit(await runCommandLine(parseAuditArguments(Bun.argv.slice(2)), audit));
}

async function audit({ jsonFile, ...wanted }: AuditWanted): Promise<ExitCode> {
  try {
    const report = await auditShown(wanted);
    console.log(auditText(report));
    if (jsonFile !== null) await Bun.write(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    if (!isBounded(wanted) && wanted.partition === null) await showDashboard(report);
    return report.isClean ? 0 : 1;
  } catch (error) {
    const { message, remedy } = error as PipelineError;
    const code = errorCode(error);
    const isDown = code === "database_unavailable" || code === "archive_unavailable";
    console.error(code === "internal" ? `Cannot finish the audit: ${message}` : message);
    if (remedy) console.error(remedy);
    if (isDown) console.error(`Is it running? "bun run up" starts everything.`);
    return 2;
  }
}

/** The verdict stands without it: a user that may only read can audit. */
async function showDashboard(report: AuditReport): Promise<void> {
  const problem = await noteVerdict(findServices(Bun.env).database, report);
  if (problem !== null) console.error(`The dashboard does not show this audit: ${problem}`);
}

/** Audits, and shows its progress on stderr: stdout holds the report only. */
async function auditShown(wanted: Omit<AuditWanted, "jsonFile">): Promise<AuditReport> {
  const { database, bucket } = findServices(Bun.env);
  const progress = createProgress({ stream: process.stderr });
  try {
    return await runAudit({
      ...wanted,
      database,
      bucket,
      kafka: kafkaConnection(loadConfig(withLocalServices(Bun.env), "stack"), "tally-audit"),
      topic: null,
      progress,
      nowMs: wallNow,
    });
  } finally {
    progress.close();
  }
}
