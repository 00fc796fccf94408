/**
 * One fault, from a new system to a verdict: load, break, repair, wait until quiet,
 * judge.
 */
import { join } from "node:path";

import { startMachineClock, type MachineClock } from "../driver/machine_clock.ts";
import { createSchedule } from "../driver/schedule.ts";
import { findClockLibrary } from "../system/faked_clock.ts";
import type { BreakableServers } from "../system/servers.ts";
import { untilReady } from "../system/service.ts";
import { createSystem, servicesOf, type System } from "../system/system.ts";
import type { RunOfEvents } from "./sending/events.ts";
import { readEvidence } from "./judgement/evidence.ts";
import { SESSION_MS, type Fault, type LostRecord, type Trial } from "./fault.ts";
import { judge, type Broken } from "./judgement/judge.ts";
import { startLoad, type Load } from "./sending/load.ts";
import { judgeLeftovers, judgeProbe } from "./judgement/probe.ts";
import { judgeRecovery, untilQuiet } from "./judgement/quiet.ts";
import { seededRandom } from "./random.ts";
import { judgeByAudit } from "./judgement/second_opinion.ts";
import { sumOfCounts, type SendCounts } from "./sending/send.ts";
import { startWatch, type Watch } from "./watch.ts";

/** The outcome of one trial. */
export interface TrialResult {
  readonly kind: "judged";
  readonly name: string;
  readonly title: string;
  readonly seed: number;
  readonly counts: SendCounts;
  /** Starts of services beyond the first of each. */
  readonly restarts: number;
  readonly duplicates: number;
  readonly fenceHits: number;
  /** Largest resident set of a process, bytes. */
  readonly residentBytesMax: { readonly ingest: number; readonly processor: number };
  /** Machine time from the end of the fault until nothing lagged, or null: the lag never ended. */
  readonly recoveredMs: number | null;
  readonly seconds: number;
  readonly broken: readonly Broken[];
  /** The effects that the fault had to have; the key is part of verify.json. */
  readonly bites: readonly {
    readonly what: string;
    readonly count: number;
    readonly least: number;
  }[];
  readonly timeline: readonly { readonly ms: number; readonly text: string }[];
}

/** What a trial is given by its run. */
export interface TrialContext {
  readonly servers: BreakableServers;
  /** What services and drivers inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly seed: number;
  /** 1..12 of `[a-z0-9]`, not used before. */
  readonly id: string;
  readonly isShort: boolean;
  readonly nowMs: () => number;
  /** Shows the progress; `counts` returns the counts of this moment. */
  readonly onNote: (text: string, counts: () => SendCounts) => void;
}

/** Longest wait until the services are ready before the fault, ms. */
const READY_MS_MAX = 60_000;

/** Runs one fault and judges it. */
export async function runTrial(fault: Fault, context: TrialContext): Promise<TrialResult> {
  const clock = await startMachineClock(context.env);
  try {
    return await runByClock(fault, context, clock);
  } finally {
    await clock.stop();
  }
}

async function runByClock(
  fault: Fault,
  context: TrialContext,
  clock: MachineClock,
): Promise<TrialResult> {
  const startedMs = performance.now();
  const system = await startSystem(fault, context);
  const watch = startWatch(system, clock);
  const state = newState(context);
  try {
    const trial = createTrial({ fault, context, system, watch, state });
    await fault.run(trial);
    trial.note("repairing");
    await heal(system);
    trial.repaired();
    const verdict = await judgeSystem({ fault, system, watch, state, context });
    return {
      kind: "judged",
      name: fault.name,
      title: fault.title,
      seed: context.seed,
      counts: countsOf(state.loads),
      restarts: restartsOf(system),
      fenceHits: watch.total("processor_fence_hits_total"),
      residentBytesMax: {
        ingest: watch.residentBytesMax("ingest"),
        processor: watch.residentBytesMax("processor"),
      },
      seconds: (performance.now() - startedMs) / 1000,
      bites: state.effects,
      timeline: state.timeline,
      ...verdict,
    };
  } finally {
    await watch.stop();
    await heal(system);
    await system.close();
  }
}

/** Builds the system of a fault; its services are ready unless the fault starts them. */
async function startSystem(
  { system: needed, options: asked, isColdStart, hasSettableClocks }: Fault,
  { servers, env, id }: TrialContext,
): Promise<System> {
  const options = { PROCESSOR_SESSION_TIMEOUT_MS: String(SESSION_MS), ...asked };
  const library = hasSettableClocks === true ? await findClockLibrary() : null;
  const clocks = library === null ? {} : { clockLibrary: library };
  const parts = { ...servers, ...needed, ...clocks };
  const system = await createSystem({ ...parts, id: systemId(id), env, options });
  if (isColdStart === true) return system;
  try {
    await system.start();
    await untilReady(servicesOf(system), READY_MS_MAX);
    return system;
  } catch (error) {
    // Services that did start must not run during the next fault.
    await system.close();
    throw error;
  }
}

/** Id of the system of a trial. */
export function systemId(trialId: string): string {
  return `verify-${trialId}`;
}

/** Ends everything that a fault does, and starts every server and service that does not run. */
async function heal(system: System): Promise<void> {
  const { stack, kafkaProxy, processors } = system;
  kafkaProxy?.set({ kind: "pass" });
  kafkaProxy?.tap(null);
  for (const { postgres, s3, thaw } of processors) {
    postgres?.set({ kind: "pass" });
    postgres?.tap(null);
    s3?.set({ kind: "pass" });
    s3?.onStep(null);
    thaw();
  }
  await Promise.all(servicesOf(system).map(({ clock }) => clock?.set(0)));
  const { kafka, postgres, s3 } = stack;
  await Promise.all([kafka.start(), postgres.start(), s3.start()]);
  await system.start();
}

/** Counts of all loads of a trial together. */
function countsOf(loads: readonly Load[]): SendCounts {
  return sumOfCounts(loads.map(({ counts }) => counts));
}

interface State {
  readonly startedMs: number;
  readonly run: RunOfEvents;
  readonly loads: Load[];
  /** The number of the first event of the next load. */
  firstNumber: number;
  repairedMs: number | null;
  readonly effects: { what: string; count: number; least: number }[];
  readonly demands: Broken[];
  readonly unstorable: { readonly partition: number; readonly offset: number }[];
  repeats: number;
  holes: number;
  readonly lost: LostRecord[];
  readonly timeline: { ms: number; text: string }[];
}

function newState({ id, nowMs }: TrialContext): State {
  return {
    startedMs: performance.now(),
    run: { run: `v${id}`, baseMs: nowMs() - DAY_MS },
    loads: [],
    firstNumber: 0,
    repairedMs: null,
    effects: [],
    demands: [],
    unstorable: [],
    repeats: 0,
    holes: 0,
    lost: [],
    timeline: [],
  };
}

// Times of the client are in the past, well within what ingest accepts.
const DAY_MS = 86_400_000;

function createTrial(parts: {
  readonly fault: Fault;
  readonly context: TrialContext;
  readonly system: System;
  readonly watch: Watch;
  readonly state: State;
}): Trial {
  const { context, system, watch, state } = parts;
  const random = seededRandom(context.seed);
  const note = (text: string) => {
    state.timeline.push({ ms: Math.round(performance.now() - state.startedMs), text });
    context.onNote(text, () => countsOf(state.loads));
  };
  return {
    system,
    watch,
    clock: watch.clock,
    env: context.env,
    random,
    note,
    isShort: context.isShort,
    nowMs: context.nowMs,
    load: (options = {}) => {
      const shape = { ...LOAD, ...options, first: state.firstNumber };
      state.firstNumber += createSchedule(shape).eventsMax;
      const journalPath = join(system.folder, "journal");
      const [ingest, ...others] = system.ingests;
      const urls = options.urls ?? ([ingest.url, ...others.map(({ url }) => url)] as const);
      const seed = context.seed + state.loads.length;
      const headers = { ...system.keys.sendHeaders, ...options.headers };
      const order = { ...shape, urls, headers, journalPath, run: state.run, seed };
      const load = startLoad(order, context.env);
      state.loads.push(load);
      return load;
    },
    hadEffect: (what, count, least = 1) => {
      state.effects.push({ what, count, least });
      note(`${what}: ${count}`);
    },
    demand: (what, holds) => {
      note(`${what}: ${holds ? "yes" : "NO"}`);
      if (!holds) state.demands.push({ invariant: "I11", text: `demanded: ${what}` });
    },
    injected: ({ unstorable = [], repeats = 0, holes = 0, lost = [] }) => {
      state.unstorable.push(...unstorable);
      state.repeats += repeats;
      state.holes += holes;
      state.lost.push(...lost);
    },
    randomPause: (msMin, msMax) => Bun.sleep(msMin + random() * (msMax - msMin)),
    repaired: () => void (state.repairedMs ??= watch.clock.nowMs()),
  };
}

/** What most faults send; at this rate the services have room to catch up. */
const LOAD = {
  eventsPerSecond: 2000,
  seconds: 600,
  batchEvents: 20,
  connections: 8,
  twiceShare: 0,
  invalidShare: 0.005,
  repeatsMax: 2,
} as const;

type Verdict = Pick<TrialResult, "recoveredMs" | "duplicates" | "broken">;

async function judgeSystem(parts: {
  readonly fault: Fault;
  readonly system: System;
  readonly watch: Watch;
  readonly state: State;
  readonly context: TrialContext;
}): Promise<Verdict> {
  const { system, watch, state, context } = parts;
  const last = state.loads.at(-1);
  if (last === undefined) throw new Error("Cannot judge: the fault sent no load");
  await last.stop();
  const isQuiet = await untilQuiet(system);
  const recoveredMs = isQuiet ? watch.clock.nowMs() - (state.repairedMs ?? 0) : null;
  context.onNote("judging", () => countsOf(state.loads));
  const evidence = await readEvidence(system, state.run, await last.journal());
  const broken = judge(evidence, state);
  const audited = await judgeByAudit(system, context.nowMs);
  const probe = await judgeProbe({ system, watch }, state.run, evidence.journal.total);
  const leftovers = await judgeLeftovers(system, watch);
  const late = judgeRecovery(parts.fault, recoveredMs);
  return {
    recoveredMs,
    duplicates: evidence.duplicates,
    broken: [...broken, ...audited, ...late, ...probe, ...leftovers, ...state.demands],
  };
}

function restartsOf(system: System): number {
  return servicesOf(system).reduce((sum, { starts }) => sum + Math.max(0, starts - 1), 0);
}
