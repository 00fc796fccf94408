/** Thousands of viewers, some of whom never read, must not slow ingestion down (P13). */
import { join } from "node:path";
import { eventually } from "@tally/stack/testing";

import { readJsonLines } from "../json_lines.ts";
import type { Fault, Trial } from "../fault.ts";
import type { ViewersCounts, ViewersOrder } from "../viewers.ts";

const READING = 1800;
const SILENT = 200;
const OPEN_MS_MAX = 60_000;
/** A request may take this much longer with viewers than without: P13 in docs/guarantees.md. */
const P99_RATIO_MAX = 1.2;

export const manyViewers: Fault = {
  name: "viewers",
  title: "2,000 viewers, 200 that never read, ingest under load",
  isShort: false,
  async run(trial) {
    const rounds = trial.isShort ? 1 : 3;
    const without: number[] = [];
    const withViewers: number[] = [];
    // In turn, so that a machine that grows slower or faster does so for both.
    for (let round = 0; round < rounds; round += 1) {
      without.push(await measure(trial));
      const viewers = await openViewers(trial);
      withViewers.push(await measure(trial));
      trial.bit("open streams", viewers.counts().open - viewers.counts().closed, READING);
      trial.demand("every reader gets frames", viewers.counts().bytes > READING * 1000);
      await viewers.close();
    }
    trial.mended();
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

/** p99 of requests over some seconds, ms. */
async function measure(trial: Trial): Promise<number> {
  const load = trial.load({ eventsPerSecond: 3000, seconds: 8, batchEvents: 10, invalidShare: 0 });
  await load.done;
  return load.counts.acceptedMsP99;
}

async function openViewers(trial: Trial) {
  const [processor] = trial.system.processors;
  const url = new URL(processor.url);
  const order: ViewersOrder = {
    host: url.hostname,
    port: Number(url.port),
    reading: READING,
    silent: SILENT,
  };
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, "..", "viewers.ts"), JSON.stringify(order)],
    { env: { ...trial.env }, stdin: "ignore", stdout: "pipe", stderr: "inherit" },
  );
  const heard: { counts: ViewersCounts } = { counts: { open: 0, closed: 0, bytes: 0 } };
  const listening = readJsonLines<ViewersCounts>(child.stdout, (counts) => (heard.counts = counts));
  await eventually(() => heard.counts.open === READING + SILENT, OPEN_MS_MAX);
  return {
    counts: () => heard.counts,
    async close() {
      child.kill("SIGKILL");
      await child.exited;
      await listening;
    },
  };
}
