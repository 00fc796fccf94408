/** What 1,000 open pages cost: the same load with and without them, in turn. */
import { openViewers } from "../../driver/open_viewers.ts";
import type { ViewersCounts } from "../../driver/viewers.ts";
import { startReady } from "../../system/service.ts";
import { servicesOf } from "../../system/system.ts";
import { lowFigure, type Bench, type Family, type Round } from "../figure.ts";
import { settleAndCompare } from "../measure/counted.ts";
import { onSystem } from "../measure/on_system.ts";
import { createTraffic, type LoadOutcome } from "../measure/traffic.ts";
import { median } from "../results/statistics.ts";

const VIEWERS = 1000;
const EVENTS_PER_SECOND = 2000;
const TURNS = { tiny: 1, quick: 2, full: 2 };
const SECONDS = { tiny: 1, quick: 3, full: 5 };

export const VIEWERS_COST: Family = {
  name: "viewers",
  title: `${VIEWERS} viewers of the live stream, ${EVENTS_PER_SECOND} single events per second`,
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
    const [processor] = system.processors;
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
      const viewers = await openViewers(processor.url, { reading: VIEWERS, silent: 0 }, bench.env);
      try {
        withThem.push(await traffic.send(load));
      } finally {
        problems.push(...problemsOf(viewers.counts()));
        await viewers.close();
      }
    }
    problems.push(...(await settleAndCompare(bench, system, [traffic.sent()])));
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

/** CPU time of the processor per time: its share of a core. */
function processorShare(outcomes: readonly LoadOutcome[]): number {
  const share = ({ processorCpuUs, elapsedMs }: LoadOutcome) =>
    (processorCpuUs ?? Number.NaN) / 1000 / elapsedMs;
  return median(outcomes.map(share));
}

function p99Of(outcomes: readonly LoadOutcome[]): number {
  return median(outcomes.map(({ latencyMs }) => latencyMs.p99));
}

/** What is wrong with viewers that should all be open and get frames; empty when nothing is. */
function problemsOf({ open, closed, bytes }: ViewersCounts): string[] {
  if (open === VIEWERS && closed === 0 && bytes > 0) return [];
  return [`of ${open} viewers ${closed} were closed, and ${bytes} bytes arrived`];
}
