/** Thousands of viewers, some of whom never read, must not slow ingestion down (P13). */
import { openViewers } from "../../driver/open_viewers.ts";
import type { Fault, Trial } from "../fault.ts";

const VIEWERS = { reading: 1800, silent: 200 };
/** How much longer a request may take with viewers: the target in docs/performance.md. */
const P99_RATIO_MAX = 1.2;

export const manyViewers: Fault = {
  name: "viewers",
  title: "2,000 viewers, 200 that never read, ingest under load",
  isShort: false,
  async run(trial) {
    const [processor] = trial.system.processors;
    const rounds = trial.isShort ? 1 : 3;
    const without: number[] = [];
    const withViewers: number[] = [];
    // In turn, so that a change in the speed of the machine affects both.
    for (let round = 0; round < rounds; round += 1) {
      without.push(await measure(trial));
      const viewers = await openViewers(processor.url, VIEWERS, trial.env);
      withViewers.push(await measure(trial));
      trial.hadEffect(
        "open streams",
        viewers.counts().open - viewers.counts().closed,
        VIEWERS.reading,
      );
      trial.demand("every reader gets frames", viewers.counts().bytes > VIEWERS.reading * 1000);
      await viewers.close();
    }
    trial.repaired();
    const ratio = Math.min(...withViewers) / Math.min(...without);
    trial.note(`p99 ms without ${shown(without)}, with ${shown(withViewers)}`);
    trial.demand(
      `p99 within 20 % of without (ratio ${ratio.toFixed(2)} of the best rounds)`,
      ratio < P99_RATIO_MAX,
    );
  },
};

function shown(times: readonly number[]): string {
  return times.map((ms) => ms.toFixed(1)).join(", ");
}

/** Sends for some seconds. @returns The p99 of the requests, ms. */
async function measure(trial: Trial): Promise<number> {
  const load = trial.load({ eventsPerSecond: 3000, seconds: 8, batchEvents: 10, invalidShare: 0 });
  await load.done;
  return load.counts.acceptedMsP99;
}
