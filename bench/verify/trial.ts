/**
 * One fault, from a world of its own to a verdict: load, break, heal, wait until
 * quiet, judge.
 */
import { join } from "node:path";
import { eventually } from "@tally/stack/testing";

import {
  noCounts,
  requestsOf,
  type DriveCounts,
  type DriveOptions,
} from "../driver/verified_drive.ts";
import type { RunOfEvents } from "./events.ts";
import { readEvidence } from "./evidence.ts";
import { judge, type Broken } from "./judge.ts";
import { startLoad, type Load } from "./load.ts";
import { judgeLeftovers, judgeProbe } from "./probe.ts";
import { untilQuiet } from "./quiet.ts";
import { seededRandom } from "./random.ts";
import { judgeByAudit } from "./second_opinion.ts";
import { isReady } from "../system/service_process.ts";
import { startWatch, type Watch } from "./watch.ts";
import type { Servers } from "../system/servers.ts";
import { createWorld, type World, type WorldOptions } from "../system/world.ts";

/** A fault that the system must survive. */
export interface Fault {
  /** As it is named on the command line. */
  readonly name: string;
  /** What happens, in a few words. */
  readonly title: string;
  /** Whether it is part of the short selection that the tests run. */
  readonly isShort: boolean;
  readonly world?: WorldOptions;
  /** Longest time from the end of the fault until nothing lags, ms; absent: as long as it takes. */
  readonly recoveryMsMax?: number;
  /** Drives the load and breaks things; what it breaks need not be mended. */
  run(trial: Trial): Promise<void>;
}

/** What a fault works with. */
export interface Trial {
  readonly world: World;
  readonly watch: Watch;
  /** 0 to less than 1, repeated by the seed. */
  readonly random: () => number;
  /** True: fewer rounds and shorter outages. */
  readonly isShort: boolean;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Starts to send; the load before must have ended. */
  load(options?: Partial<DriveOptions>): Load;
  /** Writes into the timeline, and shows it. */
  note(text: string): void;
  /** Proves that the fault bit: `count` of `what`, of which there must be at least `least`. */
  bit(what: string, count: number, least?: number): void;
  /** What this fault asks for besides the invariants. */
  demand(what: string, holds: boolean): void;
  /** Tells of records that were put into the log without ingest. */
  injected(records: {
    readonly unstorable?: readonly { readonly partition: number; readonly offset: number }[];
    readonly repeats?: number;
  }): void;
  /** A pause of random length: random moments are the point. */
  randomPause(msMin: number, msMax: number): Promise<void>;
  /** Everything is mended now: the time to recover begins. */
  mended(): void;
}

/** How one trial came out. */
export interface TrialResult {
  readonly name: string;
  readonly title: string;
  readonly seed: number;
  readonly counts: DriveCounts;
  /** Starts of services beyond the first of each. */
  readonly restarts: number;
  readonly duplicates: number;
  readonly fenceHits: number;
  /** Largest resident set of a process, bytes. */
  readonly residentBytesMax: { readonly ingest: number; readonly processor: number };
  /** From the end of the fault until nothing lagged; null: it never came to that. */
  readonly recoveredMs: number | null;
  readonly seconds: number;
  readonly broken: readonly Broken[];
  readonly bites: readonly {
    readonly what: string;
    readonly count: number;
    readonly least: number;
  }[];
  readonly timeline: readonly { readonly ms: number; readonly text: string }[];
}

/** What all trials of a run share. */
export interface TrialContext {
  readonly servers: Servers;
  readonly seed: number;
  /** 1..12 of `[a-z0-9]`, not used before. */
  readonly id: string;
  readonly isShort: boolean;
  readonly nowMs: () => number;
  /** Shows what goes on; `counts` gives those of the moment. */
  readonly onNote: (text: string, counts: () => DriveCounts) => void;
}

/** How long the services get to be ready before the fault, ms. */
const READY_MS_MAX = 60_000;

/** Runs one fault and judges it. */
export async function runTrial(fault: Fault, context: TrialContext): Promise<TrialResult> {
  const startedMs = performance.now();
  const world = await createWorld(context.servers, context.id, fault.world);
  const watch = startWatch(world);
  const state = newState(context);
  try {
    if (fault.world?.isCold !== true) await untilReady(world);
    const trial = createTrial({ fault, context, world, watch, state });
    await fault.run(trial);
    trial.note("mending");
    await world.heal();
    trial.mended();
    const verdict = await judgeWorld({ fault, world, watch, state, context });
    return {
      name: fault.name,
      title: fault.title,
      seed: context.seed,
      counts: countsOf(state.loads),
      restarts: restartsOf(world),
      fenceHits: watch.total("processor_fence_hits_total"),
      residentBytesMax: {
        ingest: watch.residentBytesMax("ingest"),
        processor: watch.residentBytesMax("processor"),
      },
      seconds: (performance.now() - startedMs) / 1000,
      bites: state.bites,
      timeline: state.timeline,
      ...verdict,
    };
  } finally {
    await watch.stop();
    await world.heal();
    await world.close();
  }
}

/** Counts of all loads of a trial together. */
function countsOf(loads: readonly Load[]): DriveCounts {
  const sums = noCounts();
  for (const { counts } of loads) {
    for (const key of Object.keys(sums) as (keyof DriveCounts)[]) {
      const isTime = key === "unavailableMsMax" || key === "acceptedMsP99";
      sums[key] = isTime ? Math.max(sums[key], counts[key]) : sums[key] + counts[key];
    }
  }
  return sums;
}

interface State {
  readonly startedMs: number;
  readonly run: RunOfEvents;
  readonly loads: Load[];
  /** Of the next load. */
  firstNumber: number;
  mendedMs: number | null;
  readonly bites: { what: string; count: number; least: number }[];
  readonly demands: Broken[];
  readonly unstorable: { readonly partition: number; readonly offset: number }[];
  repeats: number;
  readonly timeline: { ms: number; text: string }[];
}

function newState({ id, nowMs }: TrialContext): State {
  return {
    startedMs: performance.now(),
    run: { run: `v${id}`, baseMs: nowMs() - DAY_MS },
    loads: [],
    firstNumber: 0,
    mendedMs: null,
    bites: [],
    demands: [],
    unstorable: [],
    repeats: 0,
    timeline: [],
  };
}

// Times that clients give lie in the past, well within what ingest accepts.
const DAY_MS = 86_400_000;

function createTrial(parts: {
  readonly fault: Fault;
  readonly context: TrialContext;
  readonly world: World;
  readonly watch: Watch;
  readonly state: State;
}): Trial {
  const { context, world, watch, state } = parts;
  const random = seededRandom(context.seed);
  const note = (text: string) => {
    state.timeline.push({ ms: Math.round(performance.now() - state.startedMs), text });
    context.onNote(text, () => countsOf(state.loads));
  };
  return {
    world,
    watch,
    random,
    note,
    isShort: context.isShort,
    nowMs: context.nowMs,
    load: (options = {}) => {
      const shape = { ...LOAD, ...options, first: state.firstNumber };
      state.firstNumber += shape.batchEvents * requestsOf(shape);
      const journalPath = join(world.folder, "journal");
      const urls = options.urls ?? world.ingests.map(({ url }) => url);
      const seed = context.seed + state.loads.length;
      const order = { ...shape, urls, journalPath, run: state.run, seed };
      const load = startLoad(order, context.servers.env);
      state.loads.push(load);
      return load;
    },
    bit: (what, count, least = 1) => {
      state.bites.push({ what, count, least });
      note(`${what}: ${count}`);
    },
    demand: (what, holds) => {
      note(`${what}: ${holds ? "yes" : "NO"}`);
      if (!holds) state.demands.push({ invariant: "I11", text: `demanded: ${what}` });
    },
    injected: ({ unstorable = [], repeats = 0 }) => {
      state.unstorable.push(...unstorable);
      state.repeats += repeats;
    },
    randomPause: (msMin, msMax) => Bun.sleep(msMin + random() * (msMax - msMin)),
    mended: () => {
      state.mendedMs ??= performance.now();
    },
  };
}

/** What most faults send; a few thousand events a second leave room for catching up. */
const LOAD = {
  eventsPerSecond: 2000,
  seconds: 600,
  batchEvents: 20,
  connections: 8,
  twiceShare: 0,
  invalidShare: 0.005,
  repeatsMax: 2,
} as const;

async function untilReady({ ingests, processors }: World): Promise<void> {
  for (const { name, url } of [...ingests, ...processors]) {
    if (!(await eventually(() => isReady({ url }), READY_MS_MAX)))
      throw new Error(`Cannot begin: ${name} is not ready after ${READY_MS_MAX} ms`);
  }
}

type Verdict = Pick<TrialResult, "recoveredMs" | "duplicates" | "broken">;

async function judgeWorld(parts: {
  readonly fault: Fault;
  readonly world: World;
  readonly watch: Watch;
  readonly state: State;
  readonly context: TrialContext;
}): Promise<Verdict> {
  const { world, state, context } = parts;
  const last = state.loads.at(-1);
  if (last === undefined) throw new Error("Cannot judge: the fault has sent no load");
  await last.stop();
  const isQuiet = await untilQuiet(world);
  const recoveredMs = isQuiet ? performance.now() - (state.mendedMs ?? 0) : null;
  context.onNote("judging", () => countsOf(state.loads));
  const evidence = await readEvidence(world, state.run, await last.journal());
  const broken = judge(evidence, state);
  const audited = await judgeByAudit(world, context.nowMs);
  const probe = await judgeProbe(world, state.run, evidence.journal.total);
  const leftovers = await judgeLeftovers(world, parts.watch);
  const late = judgeRecovery(parts.fault, recoveredMs);
  return {
    recoveredMs,
    duplicates: evidence.duplicates,
    broken: [...broken, ...audited, ...late, ...probe, ...leftovers, ...state.demands],
  };
}

/** I7: what lagged has been caught up in time. */
function judgeRecovery({ recoveryMsMax }: Fault, recoveredMs: number | null): Broken[] {
  if (recoveryMsMax === undefined || recoveredMs === null || recoveredMs <= recoveryMsMax)
    return [];
  const text = `lag 0 only ${Math.round(recoveredMs)} ms after the fault, ${recoveryMsMax} allowed`;
  return [{ invariant: "I7", text }];
}

function restartsOf({ ingests, processors }: World): number {
  return [...ingests, ...processors].reduce((sum, { starts }) => sum + Math.max(0, starts - 1), 0);
}
