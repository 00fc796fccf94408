/** What `bun run audit` says of a whole system as it is now. */
import type { AuditReport } from "@tally/processor/commands/audit/report";
import { runAudit } from "@tally/processor/commands/audit/run_audit";
import { silentProgress } from "@tally/shared/terminal/progress";
import type { System } from "./system.ts";

/** Audits all partitions and hours. @param nowMs Milliseconds since 1970. */
export function auditSystem(system: System, nowMs: () => number): Promise<AuditReport> {
  return runAudit({
    database: system.database,
    bucket: system.bucket,
    kafka: { bootstrapServers: system.stack.kafka.bootstrapServers },
    topic: null,
    partition: null,
    fromMs: null,
    toMs: null,
    progress: silentProgress,
    nowMs,
  });
}
