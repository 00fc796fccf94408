/** Notices when the machine stands still, round after round, until it is killed. Entry point. */
import { sleep } from "@tally/shared";

import { runAsProgram, type ProgramContext } from "./child.ts";
import { machineMsOf, PAUSE_MS, STALL_MS, type Pace } from "./machine_clock.ts";

if (import.meta.main) await runAsProgram(main);

async function main(_: null, { report }: ProgramContext<Pace>): Promise<void> {
  let pace: Pace = { atMs: performance.now(), machineMs: 0, stallMsMax: 0, stalls: 0 };
  for (;;) {
    report(pace);
    await sleep(PAUSE_MS);
    const atMs = performance.now();
    const pausedMs = atMs - pace.atMs;
    const machineMs = machineMsOf(pausedMs);
    const lostMs = pausedMs - machineMs;
    pace = {
      atMs,
      machineMs: pace.machineMs + machineMs,
      stallMsMax: Math.max(pace.stallMsMax, lostMs),
      stalls: pace.stalls + (lostMs >= STALL_MS ? 1 : 0),
    };
  }
}
