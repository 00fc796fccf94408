/** Measures the pace of the machine, round after round, until it is killed. Entry point. */
import { sleep } from "@tally/shared";

import { runAsProgram, type ProgramContext } from "./child.ts";
import { machineMsOf, PAUSE_MS, STALL_MS, WORK_STEPS, type Pace } from "./machine_clock.ts";

/** The engine has compiled the work after this many rounds. */
const WARM_UP_ROUNDS = 20;

if (import.meta.main) await runAsProgram(main);

async function main(_: null, { report }: ProgramContext<Pace>): Promise<void> {
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) work();
  let pace: Pace = { atMs: performance.now(), machineMs: 0, stallMsMax: 0, stalls: 0 };
  for (;;) {
    report(pace);
    await sleep(PAUSE_MS);
    const pausedMs = performance.now() - pace.atMs;
    work();
    const atMs = performance.now();
    const workMs = atMs - pace.atMs - pausedMs;
    const machineMs = machineMsOf({ pauseMs: pausedMs, workMs });
    const lostMs = pausedMs + workMs - machineMs;
    pace = {
      atMs,
      machineMs: pace.machineMs + machineMs,
      stallMsMax: Math.max(pace.stallMsMax, lostMs),
      stalls: pace.stalls + (lostMs >= STALL_MS ? 1 : 0),
    };
  }
}

/** A fixed number of steps, each of which needs the one before. */
function work(): number {
  let value = 1;
  for (let step = 0; step < WORK_STEPS; step += 1)
    value = (Math.imul(value ^ (value >>> 15), 0x2c1b3c6d) + step) | 0;
  return value;
}
