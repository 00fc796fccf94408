/**
 * Loads on one system, one after the other: what was sent so far and what it cost.
 * Each load is a separate process and continues the numbers of the one before.
 */
import { join } from "node:path";

import { Ledger, type Stretch } from "../../driver/ledger.ts";
import { runProgram } from "../../driver/program.ts";
import { runIds } from "../../load/event.ts";
import { readCost, type Cost } from "../../system/cost.ts";
import type { System } from "../../system/system.ts";
import type { Bench } from "../figure.ts";
import type { Sent } from "./counted.ts";
import { cpuSince, readCpuUs, type CpuUs } from "./process_cpu.ts";
import type { SenderOrder, SenderOutcome } from "./sender.ts";

/** How to send. */
export interface Load extends Pick<
  SenderOrder,
  "seconds" | "batchEvents" | "connections" | "payloadForm" | "key" | "pauseMs"
> {
  /** 0: closed loop. */
  readonly eventsPerSecond: number;
}

/** The outcome of one load. */
export interface LoadOutcome extends SenderOutcome {
  /** Accepted events per second, until the last answer. */
  readonly eventsPerSecond: number;
  /** CPU while the load was sent. */
  readonly cpuUs: CpuUs;
  /** Memory when the load had been sent. */
  readonly ingest: Cost;
  /** The same, or null when no processor runs. */
  readonly processor: Cost | null;
}

/** What was sent to one system so far. */
export interface Traffic {
  send(load: Load): Promise<LoadOutcome>;
  /** Events with a 202 so far; ingest may refuse some of a burst. */
  readonly accepted: number;
  sent(): Sent;
}

/** Begins with event 0 of a new run. */
export function createTraffic(bench: Bench, system: System): Traffic {
  const run = bench.newName();
  const startedAtMs = bench.nowMs();
  const stretches: Stretch[] = [];
  let next = 0;
  let accepted = 0;
  return {
    get accepted() {
      return accepted;
    },
    async send(load) {
      const [processor] = system.processors;
      const { url } = system.ingests[0];
      const before = await readCpuUs(system);
      const order = { url, run, first: next, ...load };
      const outcome = await runSender(bench, order);
      const cpuUs = cpuSince(before, await readCpuUs(system));
      stretches.push(...outcome.stretches);
      accepted += outcome.accepted;
      next = Math.max(next, ...outcome.stretches.map(([, first, count]) => first + count));
      return {
        ...outcome,
        eventsPerSecond: (outcome.accepted * 1000) / outcome.elapsedMs,
        cpuUs,
        ingest: await readCost(system.ingests[0].pid),
        processor: processor.pid === undefined ? null : await readCost(processor.pid),
      };
    },
    sent: () => ({ ids: runIds(run), ledger: Ledger.from(stretches), startedAtMs }),
  };
}

/** Sends one load from a separate process. */
export async function runSender(
  { env }: Pick<Bench, "env">,
  order: SenderOrder,
): Promise<SenderOutcome> {
  return await runProgram<SenderOrder, SenderOutcome>(SENDER, order, env);
}

const SENDER = join(import.meta.dir, "sender.ts");
