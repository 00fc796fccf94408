/**
 * `bun run audit`: accounts for every event. Entry point: the only file of the
 * audit that reads the environment, prints and exits.
 */
import { errorCode, loadConfig, withLocalServices } from "@tally/shared";
import { kafkaConnection } from "@tally/shared/kafka";

import { createProgress } from "../progress.ts";
import { findServices } from "../services.ts";
import { parseAuditArguments } from "./options.ts";
import { auditText } from "./text.ts";
import { runAudit } from "./run_audit.ts";

/** 0: clean; 1: something is wrong; 2: there is no verdict. */
type ExitCode = 0 | 1 | 2;

if (import.meta.main) process.exit(await main(Bun.argv.slice(2)));

async function main(words: readonly string[]): Promise<ExitCode> {
  const parsed = parseAuditArguments(words);
  if ("help" in parsed) {
    console.log(parsed.help);
    return 0;
  }
  if ("problem" in parsed) {
    console.error(`${parsed.problem}. See "bun run audit --help".`);
    return 2;
  }
  const { jsonFile, ...wanted } = parsed.wanted;
  try {
    const { database, bucket } = findServices(Bun.env);
    const report = await runAudit({
      ...wanted,
      database,
      bucket,
      kafka: kafkaConnection(loadConfig(withLocalServices(Bun.env), "stack"), "tally-audit"),
      topic: null,
      progress: createProgress(),
      nowMs: Date.now,
    });
    console.log(auditText(report));
    if (jsonFile !== null) await Bun.write(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    return report.isClean ? 0 : 1;
  } catch (error) {
    const { message } = error as Error;
    const code = errorCode(error);
    const isAway = code === "database_unavailable" || code === "archive_unavailable";
    console.error(code === "internal" ? `Cannot finish the audit: ${message}` : message);
    if (isAway) console.error(`Is it running? "bun run up" starts everything.`);
    return 2;
  }
}
