/** Thousands of viewers, some of whom never read, must not slow ingestion down (P13). */
import { openViewers } from "../../../driver/open_viewers.ts";
import { readCost } from "../../../system/cost.ts";
import type { Fault, Trial } from "../../fault.ts";
import { demandSteadyIngest } from "../demands.ts";

const VIEWERS = { reading: 1800, silent: 200 };
/**
 * What the viewers may take from ingestion: this share of one core, the target of
 * docs/performance.md. How much longer a request takes with them depends on what else the machine
 * does, so it is shown here, and `bench` measures it.
 */
const CORE_SHARE_MAX = 0.2;
const FRAMES_MS_MAX = 30_000;
/** Less than one frame. */
const FRAME_BYTES = 1000;
const SECONDS = 8;

export const manyViewers: Fault = {
  name: "viewers",
  title: "2,000 viewers, 200 that never read, ingest under load",
  isShort: false,
  async run(trial) {
    const { clock, demand, hadEffect } = trial;
    const [processor] = trial.system.processors;
    const rounds = trial.isShort ? 1 : 3;
    const without: Measured[] = [];
    const withViewers: Measured[] = [];
    // In turn, so that what the processor does besides is the same for both.
    for (let round = 0; round < rounds; round += 1) {
      without.push(await measure(trial));
      const viewers = await openViewers(processor.url, VIEWERS, trial.env);
      withViewers.push(await measure(trial));
      const { open, closed } = viewers.counts();
      hadEffect("open streams", open - closed, VIEWERS.reading);
      const haveFrames = () => viewers.counts().bytes > VIEWERS.reading * FRAME_BYTES;
      demand("every reader gets frames", await clock.eventually(haveFrames, FRAMES_MS_MAX));
      await viewers.close();
    }
    trial.repaired();
    const ms = (all: readonly Measured[]) => all.map(({ p99Ms }) => p99Ms.toFixed(1)).join(", ");
    trial.note(`p99 ms without ${ms(without)}, with ${ms(withViewers)}`);
    const extraSeconds = sumOf("cpuSeconds", withViewers) - sumOf("cpuSeconds", without);
    const share = extraSeconds / sumOf("seconds", withViewers);
    demand(
      `viewers take less than ${CORE_SHARE_MAX * 100} % of a core (${(share * 100).toFixed(1)} %)`,
      share < CORE_SHARE_MAX,
    );
  },
};

interface Measured {
  /** Of the requests. */
  readonly p99Ms: number;
  /** CPU time of the processor, always for the same number of events. */
  readonly cpuSeconds: number;
  readonly seconds: number;
}

/** Sends for some seconds. */
async function measure(trial: Trial): Promise<Measured> {
  const [processor] = trial.system.processors;
  const before = await readCost(processor.pid);
  const startedMs = performance.now();
  const shape = { eventsPerSecond: 3000, seconds: SECONDS, batchEvents: 10, invalidShare: 0 };
  const load = trial.load(shape);
  await load.done;
  const after = await readCost(processor.pid);
  demandSteadyIngest(trial, load);
  return {
    p99Ms: load.counts.acceptedMsP99,
    cpuSeconds: (after.cpuUs - before.cpuUs) / 1_000_000,
    seconds: (performance.now() - startedMs) / 1000,
  };
}

function sumOf(which: "cpuSeconds" | "seconds", measured: readonly Measured[]): number {
  return measured.reduce((sum, { [which]: value }) => sum + value, 0);
}
