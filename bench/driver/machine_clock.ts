/**
 * A clock that goes as the wall does, and hardly at all while the machine stands still. Promises
 * like "ready within 5 s" are judged by it, so that a frozen machine decides no verdict. A busy
 * machine gets no more time: the system under test may be what keeps it busy. A separate process
 * notices the stalls: its timer fires late.
 */
import { join } from "node:path";
import { sleep } from "@tally/shared";

import { startProgram } from "./program.ts";

/** Machine time at one moment. */
export interface Moment {
  /** Milliseconds of the wall since the start of the measuring process. */
  readonly atMs: number;
  /** Machine time since the start of the clock, ms. */
  readonly machineMs: number;
}

/** The report of the measuring process after each of its rounds. */
export interface Pace extends Moment {
  /** Longest time that the machine stood still at once, ms. */
  readonly stallMsMax: number;
  /** How often it stood still for at least `STALL_MS`. */
  readonly stalls: number;
}

/** The clock of a machine. */
export interface MachineClock {
  /** Machine time since the start, ms; it goes on in steps of a round. */
  nowMs(): number;
  /** How long the latest `machineMs` of machine time took on the wall, ms; at least as long. */
  wallMs(machineMs: number): number;
  /** Longest time that the machine stood still at once, ms. */
  readonly stallMsMax: number;
  /** How often it stood still for long enough to break a deadline: `STALL_MS`. */
  readonly stalls: number;
  /** Like `eventually` of shared, with a limit in machine time. */
  eventually(holds: () => boolean | Promise<boolean>, machineMsMax: number): Promise<boolean>;
  /** Waits until this much machine time has passed. */
  sleep(machineMs: number): Promise<void>;
  /** Like `AbortSignal.timeout()`, in machine time. */
  timeout(machineMs: number): AbortSignal;
  stop(): Promise<void>;
}

/** The pause of a round, ms. */
export const PAUSE_MS = 100; // chosen
/** A pause that takes up to this much longer is no stall: timers are late on every busy machine. */
const LATE_MS_MAX = 100; // chosen
/** The clock goes at least at a tenth of the wall's pace, so that every wait ends. */
const SLOWNESS_MAX = 10;
/** A stall of this length can cost a request its deadline of 10 s; chosen. */
export const STALL_MS = 5000;

/** Machine time of a round whose pause took this long. */
export function machineMsOf(pausedMs: number): number {
  return Math.max(Math.min(pausedMs, PAUSE_MS + LATE_MS_MAX), pausedMs / SLOWNESS_MAX);
}

/** How long the latest `machineMs` took on the wall. @param moments Ascending, not empty. */
export function wallMsOf(moments: readonly Moment[], machineMs: number): number {
  const last = moments.at(-1);
  if (last === undefined) return machineMs;
  const from = moments.findLast((each) => last.machineMs - each.machineMs >= machineMs);
  return Math.max(machineMs, last.atMs - (from ?? moments[0] ?? last).atMs);
}

const ENTRY = join(import.meta.dir, "machine_clock_process.ts");
/** A few minutes: no question goes further back. */
const MOMENTS_MAX = 2000;
const POLL_MS = 25;

/** Starts the clock; resolves when it goes. */
export async function startMachineClock(
  env: Readonly<Record<string, string | undefined>>,
): Promise<MachineClock> {
  const program = startProgram<null, Pace>(ENTRY, null, env);
  const first = await program.first;
  const moments: Moment[] = [first];
  const latest = (): Pace => program.latest ?? first;
  const timer = setInterval(() => {
    if (latest() !== moments.at(-1)) moments.push(latest());
    if (moments.length > MOMENTS_MAX) moments.shift();
  }, POLL_MS);
  const nowMs = (): number => latest().machineMs;
  let isStopped = false;
  const waitFor = async (
    holds: () => boolean | Promise<boolean>,
    machineMsMax: number,
  ): Promise<boolean> => {
    const endMs = nowMs() + machineMsMax;
    for (;;) {
      if (await holds()) return true;
      if (nowMs() >= endMs || isStopped) return false;
      // Without its process the clock stands still: nothing could be judged.
      if (!program.isRunning) throw new Error("Cannot judge times: the machine's clock has ended");
      await sleep(POLL_MS);
    }
  };
  return {
    nowMs,
    wallMs: (machineMs) => wallMsOf([...moments, latest()], machineMs),
    get stallMsMax() {
      return latest().stallMsMax;
    },
    get stalls() {
      return latest().stalls;
    },
    eventually: waitFor,
    sleep: async (machineMs) => void (await waitFor(() => false, machineMs)),
    timeout(machineMs) {
      const over = new AbortController();
      const abort = (): void => over.abort();
      void waitFor(() => false, machineMs).then(abort, abort);
      return over.signal;
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await program.kill();
    },
  };
}
