/** The CPU of everything that works for a system: its own services and the servers. */
import { readCost, readTreeCpuUs } from "../../system/cost.ts";
import type { System } from "../../system/system.ts";

/** CPU by process, µs. A service that does not run has cost nothing. */
export interface CpuUs {
  readonly ingest: number;
  readonly processor: number;
  readonly kafka: number;
  readonly postgres: number;
  readonly s3: number;
}

/** What each process has cost since it started. */
export async function readCpuUs({ ingests, processors, stack }: System): Promise<CpuUs> {
  const [ingest, processor, kafka, postgres, s3] = await Promise.all([
    serviceCpuUs(ingests[0].pid),
    serviceCpuUs(processors[0].pid),
    treeCpuUs(stack.kafka.pid),
    treeCpuUs(stack.postgres.pid),
    treeCpuUs(stack.s3.pid),
  ]);
  return { ingest, processor, kafka, postgres, s3 };
}

/** What each process has cost between two looks. */
export function cpuSince(before: CpuUs, after: CpuUs): CpuUs {
  return {
    ingest: after.ingest - before.ingest,
    processor: after.processor - before.processor,
    kafka: after.kafka - before.kafka,
    postgres: after.postgres - before.postgres,
    s3: after.s3 - before.s3,
  };
}

/** All processes together, µs. */
export function totalCpuUs({ ingest, processor, kafka, postgres, s3 }: CpuUs): number {
  return ingest + processor + kafka + postgres + s3;
}

async function serviceCpuUs(pid: number | undefined): Promise<number> {
  return pid === undefined ? 0 : (await readCost(pid)).cpuUs;
}

async function treeCpuUs(pid: number | undefined): Promise<number> {
  return pid === undefined ? 0 : await readTreeCpuUs(pid);
}
