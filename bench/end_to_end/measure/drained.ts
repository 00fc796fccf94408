/** One drain: processors before a backlog, from the first rows to the last. */
import { findDifferences, type Sent } from "./counted.ts";
import { readCost } from "./cost.ts";
import type { Bench } from "../figure.ts";
import { startReady } from "../../system/service.ts";
import type { System } from "../../system/system.ts";
import { linesToWaitFor, readStored, settle, untilStored, type Stored } from "./stored.ts";

/** What one drain came to. */
export interface Drained {
  readonly eventsPerSecond: number;
  /** CPU of the processors, an event. */
  readonly cpuUs: number;
  /** Of the largest processor. */
  readonly bytesMax: number;
  readonly bytesEnd: number;
}

/**
 * Starts the processors of a system, waits until so many events are stored and stops them.
 *
 * Measured is from the first rows seen to the last: the start is not in it, the cold code is.
 *
 * @param events All that the log holds; what is stored already is not drained again.
 */
export async function drain(
  system: System,
  { events, withArchive }: { readonly events: number; readonly withArchive: boolean },
): Promise<Drained> {
  const { processors } = system;
  const reached = (stored: Stored) => (withArchive ? stored.lines : stored.rows);
  const before = reached(await readStored(system));
  const enough = withArchive ? linesToWaitFor(events) : events;
  await startReady(processors);
  const first = await untilStored(system, (stored) => reached(stored) > before);
  const costFirst = await costOf(system);
  const last = await untilStored(system, (stored) => reached(stored) >= enough);
  const costLast = await costOf(system);
  await settle(system, { events, withArchive });
  const drained = reached(last) - reached(first);
  return {
    eventsPerSecond: (drained * 1000) / (last.atMs - first.atMs),
    cpuUs: (costLast.cpuUs - costFirst.cpuUs) / drained,
    bytesMax: costLast.bytesMax,
    bytesEnd: costLast.bytesEnd,
  };
}

async function costOf({ processors }: System) {
  const costs = await Promise.all(processors.map(({ pid }) => readCost(pid)));
  return {
    cpuUs: costs.reduce((sum, { cpuUs }) => sum + cpuUs, 0),
    bytesMax: Math.max(...costs.map(({ residentBytesMax }) => residentBytesMax)),
    bytesEnd: Math.max(...costs.map(({ residentBytes }) => residentBytes)),
  };
}

/** The same, and what does not agree behind it. */
export async function drainAndCount(
  bench: Bench,
  system: System,
  { sent, withArchive }: { readonly sent: Sent; readonly withArchive: boolean },
): Promise<Drained & { readonly problems: readonly string[] }> {
  const drained = await drain(system, { events: sent.ledger.total, withArchive });
  const counting = { withArchive, nowMs: bench.nowMs };
  return { ...drained, problems: await findDifferences(system, [sent], counting) };
}
