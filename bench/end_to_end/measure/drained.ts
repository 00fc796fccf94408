/** One drain: processors work off a backlog, measured from the first rows to the last. */
import { readCost, readParent, readTreeCpuUs } from "../../system/cost.ts";
import { startReady } from "../../system/service.ts";
import type { System } from "../../system/system.ts";
import type { Bench } from "../figure.ts";
import { findDifferences, type Sent } from "./counted.ts";
import { linesToWaitFor, readStored, settle, untilStored, type Stored } from "./stored.ts";

/** The outcome of one drain. */
export interface Drained {
  readonly eventsPerSecond: number;
  /** CPU of the processors per event. */
  readonly cpuUs: number;
  /** CPU of PostgreSQL per event, with its checkpoints. */
  readonly postgresUs: number;
  /** Bytes of PostgreSQL's write-ahead log per event. */
  readonly walBytes: number;
  /** Largest memory of the largest processor. */
  readonly bytesMax: number;
  /** Memory of the largest processor at the end. */
  readonly bytesEnd: number;
}

/**
 * Starts the processors of a system, waits until all events are stored and stops the processors.
 *
 * It measures from the first rows to the last: without the start, but with code that is still cold.
 *
 * @param events Events in the log, with those that were stored before.
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
    postgresUs: (costLast.postgresUs - costFirst.postgresUs) / drained,
    walBytes: (costLast.walBytes - costFirst.walBytes) / drained,
    bytesMax: costLast.bytesMax,
    bytesEnd: costLast.bytesEnd,
  };
}

async function costOf({ processors, sql }: System) {
  const costs = await Promise.all(processors.map(({ pid }) => readCost(pid)));
  const [server] = await sql<[{ pid: number; walBytes: number }]>`
    select pg_backend_pid() as pid,
      pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as "walBytes"`;
  return {
    postgresUs: await readTreeCpuUs(await readParent(server.pid)),
    walBytes: server.walBytes,
    cpuUs: costs.reduce((sum, { cpuUs }) => sum + cpuUs, 0),
    bytesMax: Math.max(...costs.map(({ residentBytesMax }) => residentBytesMax)),
    bytesEnd: Math.max(...costs.map(({ residentBytes }) => residentBytes)),
  };
}

/** Drains, and then finds what differs between the log and the stored events. */
export async function drainAndCount(
  bench: Bench,
  system: System,
  { sent, withArchive }: { readonly sent: Sent; readonly withArchive: boolean },
): Promise<Drained & { readonly problems: readonly string[] }> {
  const drained = await drain(system, { events: sent.ledger.total, withArchive });
  const counting = { withArchive, nowMs: bench.nowMs };
  return { ...drained, problems: await findDifferences(system, [sent], counting) };
}
