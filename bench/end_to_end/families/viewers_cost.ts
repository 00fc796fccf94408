/** What 1,000 open pages cost: with and without them, in turn, under the same load. */
import { withinTime } from "@tally/shared";
import { join } from "node:path";
import { LOOPBACK } from "@tally/stack/testing";

import { readJsonLines } from "../../verify/json_lines.ts";
import type { ViewersCounts, ViewersOrder } from "../../verify/viewers.ts";
import { findDifferences } from "../measure/counted.ts";
import { lowFigure, type Bench, type Family, type Round } from "../figure.ts";
import { onSystem } from "../measure/on_system.ts";
import { startReady } from "../../system/service.ts";
import { servicesOf, type System } from "../../system/system.ts";
import { median } from "../results/statistics.ts";
import { settle } from "../measure/stored.ts";
import { createTraffic, type LoadOutcome } from "../measure/traffic.ts";

const VIEWERS = 1000;
const EVENTS_PER_SECOND = 2000;
const TURNS = { tiny: 1, quick: 2, full: 2 };
const SECONDS = { tiny: 1, quick: 3, full: 5 };

export const VIEWERS_COST: Family = {
  name: "viewers",
  title: `${VIEWERS} viewers of the live stream, ${EVENTS_PER_SECOND} single events a second`,
  figures: [
    lowFigure("viewers-cpu", "1,000 viewers, CPU of the processor, share of one core", {
      unit: "%",
      target: 10,
    }),
    lowFigure("viewers-p99", "1,000 viewers, ingest p99 against without them", {
      unit: "times",
      target: 1.2,
    }),
  ],
  run: compareViewers,
};

async function compareViewers(bench: Bench): Promise<Round> {
  const turns = TURNS[bench.size];
  const seconds = SECONDS[bench.size];
  const load = {
    eventsPerSecond: EVENTS_PER_SECOND,
    batchEvents: 1,
    connections: 64,
    seconds,
  };
  return await onSystem(bench, {}, async (system) => {
    await startReady(servicesOf(system));
    const traffic = createTraffic(bench, system);
    bench.onNote("warming up");
    await traffic.send(load);
    const without: LoadOutcome[] = [];
    const withThem: LoadOutcome[] = [];
    const problems: string[] = [];
    for (let turn = 1; turn <= turns; turn += 1) {
      bench.onNote("without viewers");
      without.push(await traffic.send(load));
      bench.onNote(`with ${VIEWERS} viewers`);
      const viewers = await openViewers(bench, system);
      try {
        withThem.push(await traffic.send(load));
      } finally {
        problems.push(...(await viewers.close()));
      }
    }
    bench.onNote("comparing events with rows and archive lines");
    await settle(system, { events: traffic.next, withArchive: true });
    const counting = { withArchive: true, nowMs: bench.nowMs };
    problems.push(...(await findDifferences(system, [traffic.sent()], counting)));
    return {
      values: {
        "viewers-cpu": (processorShare(withThem) - processorShare(without)) * 100,
        "viewers-p99": p99Of(withThem) / p99Of(without),
      },
      problems,
      sizes: { viewers: VIEWERS, eventsPerSecond: EVENTS_PER_SECOND, turns, seconds },
    };
  });
}

/** CPU time of the processor over time. */
function processorShare(outcomes: readonly LoadOutcome[]): number {
  const share = ({ processorCpuUs, elapsedMs }: LoadOutcome) =>
    (processorCpuUs ?? Number.NaN) / 1000 / elapsedMs;
  return median(outcomes.map(share));
}

function p99Of(outcomes: readonly LoadOutcome[]): number {
  return median(outcomes.map(({ latencyMs }) => latencyMs.p99));
}

interface Viewers {
  /** @returns What was wrong with them. */
  close(): Promise<string[]>;
}

/** Longest wait for all of them; what is missing then is told by `close()`. */
const OPEN_MS_MAX = 60_000;

/** Opens them all; resolves when the last one is there. */
async function openViewers(bench: Bench, system: System): Promise<Viewers> {
  const [processor] = system.processors;
  const { port } = new URL(processor?.url ?? "");
  const order: ViewersOrder = { host: LOOPBACK, port: Number(port), reading: VIEWERS, silent: 0 };
  const program = join(import.meta.dir, "..", "..", "verify", "viewers.ts");
  const child = Bun.spawn([process.execPath, program, JSON.stringify(order)], {
    env: { ...bench.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const all = Promise.withResolvers<void>();
  let counts: ViewersCounts = { open: 0, closed: 0, bytes: 0 };
  const reading = readJsonLines<ViewersCounts>(child.stdout, (told) => {
    counts = told;
    if (told.open === VIEWERS) all.resolve();
  });
  await withinTime(Promise.race([all.promise, child.exited]), OPEN_MS_MAX);
  return {
    async close() {
      const { open, closed, bytes } = counts;
      child.kill();
      await Promise.all([child.exited, reading]);
      const isWhole = open === VIEWERS && closed === 0 && bytes > 0;
      return isWhole ? [] : [`of ${open} viewers ${closed} were closed, ${bytes} bytes came`];
    },
  };
}
