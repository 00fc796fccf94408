/**
 * Watches the services of a system while it is broken: counters over all their
 * starts, memory, open files, and how long a partition did not move.
 */
import { readdir } from "node:fs/promises";
import { sleep } from "@tally/shared";

import type { MachineClock } from "../driver/machine_clock.ts";
import { readCost } from "../system/cost.ts";
import type { ServiceProcess } from "../system/service.ts";
import { servicesOf, type System } from "../system/system.ts";

export interface Watch {
  /** By this clock all times are judged. */
  readonly clock: MachineClock;
  /** Sum of a counter over services, starts and labels, without the last moments of killed ones. */
  total(metric: string): number;
  /**
   * The counter of one service since its latest start, read now: the sum over its labels, or the
   * value of some labels when they are part of the name, as in the text of `/metrics`.
   *
   * @throws {Error} When the service does not answer in time: no answer is no 0.
   */
  now(service: ServiceProcess, metric: string): Promise<number>;
  /** Resident set of the largest process of one kind at the latest read, bytes. */
  residentBytes(kind: "ingest" | "processor"): number;
  /** The largest resident set of all reads, bytes. */
  residentBytesMax(kind: "ingest" | "processor"): number;
  /** Longest time in which the rows' position of a partition did not move, ms of the clock. */
  readonly longestStallMs: number;
  /** Forgets the stalls measured so far. */
  resetStalls(): void;
  stop(): Promise<void>;
}

/** Time between two reads, ms. */
const READ_MS = 300;
const ANSWER_MS_MAX = 1000;
/** Longest wait for a counter that a fault needs: of one attempt, and in all in machine time. */
const NOW_ANSWER_MS_MAX = 10_000;
const NOW_MS_MAX = 30_000;

/** Starts to watch. */
export function startWatch(system: System, clock: MachineClock): Watch {
  const lives = new Map<string, ReadonlyMap<string, number>>();
  const resident = new Map<string, { now: number; max: number }>();
  const movements = new Map<number, { nextOffset: number; atMs: number; stallMs: number }>();
  const stop = new AbortController();

  async function look(): Promise<void> {
    await Promise.all([
      lookAtPositions(system, movements, clock.nowMs),
      ...servicesOf(system).map(async (service) => {
        const life = `${service.name} ${service.starts}`;
        const metrics = await readMetrics(service, ANSWER_MS_MAX);
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
    clock,
    async now(service, metric) {
      let metrics: Map<string, number> | null = null;
      await clock.eventually(async () => {
        metrics = await readMetrics(service, NOW_ANSWER_MS_MAX);
        return metrics !== null;
      }, NOW_MS_MAX);
      metrics = metrics as Map<string, number> | null;
      if (metrics === null) throw new Error(`Cannot judge: ${service.name} shows no metrics`);
      return metrics.get(metric) ?? 0;
    },
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

/** All metrics, each with its labels and as the sum over these; null when there is no answer. */
async function readMetrics(
  { url, readHeaders: headers }: ServiceProcess,
  msMax: number,
): Promise<Map<string, number> | null> {
  const signal = AbortSignal.timeout(msMax);
  const text = await fetch(`${url}/metrics`, { signal, headers })
    .then((answer) => answer.text())
    // The service is killed, frozen or not yet started: its earlier values stay.
    .catch(() => null);
  if (text === null) return null;
  const sums = new Map<string, number>();
  for (const [, name, labels, value] of text.matchAll(METRIC)) {
    if (name === undefined) continue;
    sums.set(name, (sums.get(name) ?? 0) + Number(value));
    if (labels !== undefined) sums.set(`${name}${labels}`, Number(value));
  }
  return sums;
}

const METRIC = /^([a-z_]+)(\{[^}]*\})? ([-+0-9.e]+)$/gm;

/** Number of open files of a process; 0 when it does not run. */
export async function countOpenFiles(pid: number | undefined): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`).catch(() => [])).length;
}

async function lookAtPositions(
  { sql }: System,
  movements: Map<number, { nextOffset: number; atMs: number; stallMs: number }>,
  nowMs: () => number,
): Promise<void> {
  const rows = await sql<{ partition: number; nextOffset: number }[]>`
    select partition, next_offset::integer as "nextOffset" from positions where sink = 'postgres'`
    // Some faults stop the database.
    .catch(() => []);
  const atMs = nowMs();
  for (const { partition, nextOffset } of rows) {
    const before = movements.get(partition);
    if (before === undefined) movements.set(partition, { nextOffset, atMs, stallMs: 0 });
    else if (before.nextOffset === nextOffset)
      before.stallMs = Math.max(before.stallMs, atMs - before.atMs);
    else Object.assign(before, { nextOffset, atMs });
  }
}
