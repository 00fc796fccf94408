/**
 * Load on one system, one after the other: what was sent so far and what it cost.
 * Each load is a process of its own; the numbers of its events go on.
 */
import { runIds } from "../../load/event.ts";
import { readCost, type Cost } from "./cost.ts";
import { ledgerOf, type Sent, type Stretch } from "./counted.ts";
import type { Bench } from "../figure.ts";
import { runProgram } from "./program.ts";
import type { SenderOrder, SenderOutcome } from "./sender.ts";
import type { System } from "../../system/system.ts";

/** How to send. */
export interface Load extends Pick<SenderOrder, "seconds" | "batchEvents" | "connections"> {
  /** 0: closed loop. */
  readonly eventsPerSecond: number;
}

/** What one load came to. */
export interface LoadOutcome extends SenderOutcome {
  /** Accepted, over the time until the last answer. */
  readonly eventsPerSecond: number;
  /** CPU while it was sent, µs; null: the service did not run. */
  readonly ingestCpuUs: number;
  readonly processorCpuUs: number | null;
  readonly ingest: Cost;
  readonly processor: Cost | null;
}

export interface Traffic {
  send(load: Load): Promise<LoadOutcome>;
  /** Numbers the next event; everything below was sent. */
  readonly next: number;
  sent(): Sent;
}

/** Begins with event 0 of a run of its own. */
export function createTraffic(bench: Bench, system: System): Traffic {
  const run = bench.newName();
  const startedAtMs = bench.nowMs();
  const stretches: Stretch[] = [];
  let next = 0;
  const costs = async () => {
    const [processor] = system.processors;
    return {
      ingest: await readCost(system.ingests[0].pid),
      processor: processor?.pid === undefined ? null : await readCost(processor.pid),
    };
  };
  return {
    get next() {
      return next;
    },
    async send(load) {
      const url = `${system.ingests[0].url}/events`;
      const before = await costs();
      const order = { url, run, first: next, ...load };
      const outcome = await runProgram<SenderOrder, SenderOutcome>(bench, "sender", order);
      const after = await costs();
      stretches.push(...outcome.stretches);
      next = Math.max(next, ...outcome.stretches.map(([, first, count]) => first + count));
      return {
        ...outcome,
        ...after,
        eventsPerSecond: (outcome.accepted * 1000) / outcome.elapsedMs,
        ingestCpuUs: after.ingest.cpuUs - before.ingest.cpuUs,
        processorCpuUs:
          after.processor === null || before.processor === null
            ? null
            : after.processor.cpuUs - before.processor.cpuUs,
      };
    },
    sent: () => ({ ids: runIds(run), ledger: ledgerOf(stretches), startedAtMs }),
  };
}
