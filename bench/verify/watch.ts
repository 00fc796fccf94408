/**
 * Watches the services of a system while it is broken: counters over all their
 * starts, memory, open files, and how long a partition did not move.
 */
import { readdir } from "node:fs/promises";
import { sleep } from "@tally/shared";

import { readCost } from "../system/cost.ts";
import type { ServiceProcess } from "../system/service.ts";
import { servicesOf, type System } from "../system/system.ts";

export interface Watch {
  /** Sum of a counter over services, starts and labels, without the last moments of killed ones. */
  total(metric: string): number;
  /** The counter of one service since its latest start, read now. */
  now(service: ServiceProcess, metric: string): Promise<number>;
  /** Resident set of the largest process of one kind at the latest read, bytes. */
  residentBytes(kind: "ingest" | "processor"): number;
  /** The largest resident set of all reads, bytes. */
  residentBytesMax(kind: "ingest" | "processor"): number;
  /** Longest time in which the rows' position of a partition did not move, ms. */
  readonly longestStallMs: number;
  /** Forgets the stalls measured so far. */
  resetStalls(): void;
  stop(): Promise<void>;
}

/** Time between two reads, ms. */
const READ_MS = 300;
const ANSWER_MS_MAX = 1000;

/** Starts to watch. */
export function startWatch(system: System): Watch {
  const lives = new Map<string, ReadonlyMap<string, number>>();
  const resident = new Map<string, { now: number; max: number }>();
  const movements = new Map<number, { nextOffset: number; atMs: number; stallMs: number }>();
  const stop = new AbortController();

  async function look(): Promise<void> {
    await Promise.all([
      lookAtPositions(system, movements),
      ...servicesOf(system).map(async (service) => {
        const life = `${service.name} ${service.starts}`;
        const metrics = await readMetrics(service);
        if (metrics !== null) lives.set(life, metrics);
        // A process that was killed has none.
        const cost = await readCost(service.pid).catch(() => null);
        const now = cost?.residentBytes ?? 0;
        const max = Math.max(resident.get(service.name)?.max ?? 0, now);
        resident.set(service.name, { now, max });
      }),
    ]);
  }

  const looking = (async () => {
    while (!stop.signal.aborted) {
      await look();
      await sleep(READ_MS, stop.signal);
    }
  })();

  const largest = (kind: string, which: "now" | "max"): number =>
    Math.max(0, ...[...resident].map(([name, seen]) => (name.startsWith(kind) ? seen[which] : 0)));

  return {
    total: (metric) => [...lives.values()].reduce((sum, life) => sum + (life.get(metric) ?? 0), 0),
    now: async (service, metric) => (await readMetrics(service))?.get(metric) ?? 0,
    residentBytes: (kind) => largest(kind, "now"),
    residentBytesMax: (kind) => largest(kind, "max"),
    get longestStallMs() {
      return Math.max(0, ...[...movements.values()].map(({ stallMs }) => stallMs));
    },
    resetStalls: () => movements.clear(),
    async stop() {
      stop.abort();
      await looking;
    },
  };
}

/** Sums of all metrics over their labels, or null when there is no answer. */
async function readMetrics({ url }: ServiceProcess): Promise<Map<string, number> | null> {
  const signal = AbortSignal.timeout(ANSWER_MS_MAX);
  const text = await fetch(`${url}/metrics`, { signal })
    .then((answer) => answer.text())
    // The service is killed, frozen or not yet started: its earlier values stay.
    .catch(() => null);
  if (text === null) return null;
  const sums = new Map<string, number>();
  for (const [, name, value] of text.matchAll(/^([a-z_]+)(?:\{[^}]*\})? ([-+0-9.e]+)$/gm)) {
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + Number(value));
  }
  return sums;
}

/** Number of open files of a process; 0 when it does not run. */
export async function countOpenFiles(pid: number | undefined): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`).catch(() => [])).length;
}

async function lookAtPositions(
  { sql }: System,
  movements: Map<number, { nextOffset: number; atMs: number; stallMs: number }>,
): Promise<void> {
  const rows = await sql<{ partition: number; nextOffset: number }[]>`
    select partition, next_offset::integer as "nextOffset" from positions where sink = 'postgres'`
    // Some faults stop the database.
    .catch(() => []);
  const atMs = performance.now();
  for (const { partition, nextOffset } of rows) {
    const before = movements.get(partition);
    if (before === undefined) movements.set(partition, { nextOffset, atMs, stallMs: 0 });
    else if (before.nextOffset === nextOffset)
      before.stallMs = Math.max(before.stallMs, atMs - before.atMs);
    else Object.assign(before, { nextOffset, atMs });
  }
}
