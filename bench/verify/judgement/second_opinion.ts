/** What `bun run audit` finds after a run: it shares no code with the oracle. */
import { auditSystem } from "../../system/audit_system.ts";
import type { System } from "../../system/system.ts";
import { readHighWatermarks } from "./evidence.ts";
import type { Broken } from "./judge.ts";

/** The findings of the users' own tool. Each counts as I6, which demands that the audit agrees. */
export async function judgeByAudit(system: System, nowMs: () => number): Promise<Broken[]> {
  const report = await auditSystem(system, nowMs);
  const broken: Broken[] = report.problems.map((problem) => ({
    invariant: "I6",
    text: `audit: ${JSON.stringify(problem).slice(0, TEXT_MAX)}`,
  }));
  const ends = await readHighWatermarks(system);
  for (const [partition, end] of ends) {
    const audited = report.partitions.find((each) => each.partition === partition);
    if (audited?.nextOffset === String(end)) continue;
    const text = `audit: partition ${partition} up to ${audited?.nextOffset}, its log ends at ${end}`;
    broken.push({ invariant: "I6", text });
  }
  return broken;
}

/** Characters of one finding that are shown; `audit` itself reports all of them. */
const TEXT_MAX = 300;
