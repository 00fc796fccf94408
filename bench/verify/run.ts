/** The flow of `bun run verify`: start servers, run one fault after the other, stop servers. */
import { join } from "node:path";

import { startBreakableServers, stopServers, type BreakableServers } from "../system/servers.ts";
import { systemFolder } from "../system/system.ts";
import type { Fault } from "./fault.ts";
import { keepLogs } from "./keep_logs.ts";
import type { VerifyOptions } from "./options.ts";
import { seedOf } from "./random.ts";
import { verdictOf, type TrialOutcome } from "./report.ts";
import { noCounts, type SendCounts } from "./sending/send.ts";
import { runTrial, systemId } from "./trial.ts";

/** What a run needs besides its options. */
export interface VerifyContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
  /** Ends the run early: the fault that runs is the last one. */
  readonly signal: AbortSignal;
  /** Shows the progress. */
  readonly onProgress: (progress: VerifyProgress) => void;
  readonly onOutcome: (outcome: TrialOutcome, verdict: string) => void;
}

export interface VerifyProgress {
  readonly name: string;
  /** From 1. */
  readonly number: number;
  readonly total: number;
  readonly elapsedMs: number;
  readonly text: string;
  readonly counts: SendCounts;
}

/** Runs the chosen faults; each has its own system, so that none affects the next. */
export async function runVerify(
  options: VerifyOptions,
  context: VerifyContext,
): Promise<TrialOutcome[]> {
  const startedMs = performance.now();
  const servers = await startBreakableServers();
  const outcomes: TrialOutcome[] = [];
  try {
    for (const [index, fault] of options.faults.entries()) {
      const elapsedMs = performance.now() - startedMs;
      const isLate = options.minutesMax !== null && elapsedMs > options.minutesMax * 60_000;
      if (isLate || context.signal.aborted) break;
      const outcome = await runOne(fault, { index, options, context, servers, startedMs });
      outcomes.push(outcome);
      const verdict = verdictOf(outcome);
      const needsLogs = verdict !== "holds" && verdict !== "not possible here";
      const kept = needsLogs ? await keepLogsOf(outcome, { options, servers }) : null;
      context.onOutcome(outcome, kept === null ? verdict : `${verdict}, ${kept}`);
    }
  } finally {
    await stopServers(servers);
  }
  return outcomes;
}

interface Part {
  readonly index: number;
  readonly options: VerifyOptions;
  readonly context: VerifyContext;
  readonly servers: BreakableServers;
  readonly startedMs: number;
}

async function runOne(fault: Fault, part: Part): Promise<TrialOutcome> {
  const { index, options, context, servers, startedMs } = part;
  const seed = seedOf(options.seed, fault.name);
  const id = trialId(options, { name: fault.name, seed });
  let last = { text: "starting services", counts: noCounts };
  const show = () =>
    context.onProgress({
      name: fault.name,
      number: index + 1,
      total: options.faults.length,
      elapsedMs: performance.now() - startedMs,
      text: last.text,
      counts: last.counts(),
    });
  const onNote = (text: string, counts: () => SendCounts) => {
    last = { text, counts };
    show();
  };
  show();
  const lacks = (await fault.lacks?.()) ?? null;
  if (lacks !== null) return { kind: "impossible", name: fault.name, seed, lacks };
  // Some faults last for minutes: the numbers show that the run continues.
  const timer = setInterval(show, SHOW_MS);
  try {
    const { isShort } = options;
    const { env, nowMs } = context;
    return await runTrial(fault, { servers, env, seed, id, isShort, nowMs, onNote });
  } catch (error) {
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: "failed", name: fault.name, seed, problem };
  } finally {
    clearInterval(timer);
  }
}

/** Time between two lines of progress when nothing new happens, ms. */
const SHOW_MS = 10_000;

/** Keeps the logs of the services, Kafka, PostgreSQL and S3, and the journal. */
async function keepLogsOf(
  { name, seed }: TrialOutcome,
  { options, servers }: Pick<Part, "options" | "servers">,
): Promise<string> {
  const folder = `${options.reportPath.replace(/\.json$/, "")}-logs/${name}`;
  const system = systemFolder(servers.stack, systemId(trialId(options, { name, seed })));
  return await keepLogs(folder, [
    [system, folder],
    [join(servers.stack.folder, "logs"), join(folder, "servers")],
  ]);
}

/** Part of all names of a trial: short, and different for each fault and seed. */
function trialId(
  { faults }: VerifyOptions,
  { name, seed }: { readonly name: string; readonly seed: number },
): string {
  return `${faults.findIndex((fault) => fault.name === name)}${(seed % 1_000_000).toString(36)}`;
}
