/**
 * What 2,000 open pages cost: the same load with and without them, in pairs. Each pair gives one
 * ratio, and the least and the most of all pairs are shown beside the median: a slow moment of the
 * machine widens that interval, and does not decide.
 */
import { openViewers } from "../../driver/open_viewers.ts";
import type { ViewersCounts } from "../../driver/viewers.ts";
import { startReady } from "../../system/service.ts";
import { servicesOf } from "../../system/system.ts";
import { lowFigure, type Bench, type Family, type Figure, type Round } from "../figure.ts";
import { settleAndCompare } from "../measure/counted.ts";
import { onSystem } from "../measure/on_system.ts";
import { createTraffic, type LoadOutcome } from "../measure/traffic.ts";
import { median } from "../results/statistics.ts";

const VIEWERS = { reading: 1800, silent: 200 };
const VIEWERS_SUM = VIEWERS.reading + VIEWERS.silent;
const EVENTS_PER_SECOND = 2000;
/** Of six pairs, least and most hold the true median in 97 of 100 runs. */
const PAIRS = { tiny: 1, quick: 3, full: 6 };
const SECONDS = { tiny: 1, quick: 4, full: 4 };
/** So that opening and closing thousands of connections is part of no load; chosen. */
const SETTLE_MS = 1000;

export const VIEWERS_COST: Family = {
  name: "viewers",
  title: `2,000 viewers of the live stream, 200 of them never read; ${EVENTS_PER_SECOND} single events per second`,
  isOneRound: true,
  figures: [
    lowFigure("crowd-cpu", "2,000 viewers, CPU of the processor, share of one core", {
      unit: "%",
      target: 10,
    }),
    times("crowd-p99", "2,000 viewers, ingest p99 against without them, median of the pairs", 1.2),
    times("crowd-p99-least", "the same, the least of the pairs"),
    times("crowd-p99-most", "the same, the most of the pairs"),
  ],
  run: compareViewers,
};

function times(name: string, title: string, target: number | null = null): Figure {
  return lowFigure(name, title, { unit: "times", target });
}

/** The same load without and with viewers, one directly after the other. */
interface Pair {
  readonly without: LoadOutcome;
  readonly withThem: LoadOutcome;
}

async function compareViewers(bench: Bench): Promise<Round> {
  const seconds = SECONDS[bench.size];
  const load = { eventsPerSecond: EVENTS_PER_SECOND, batchEvents: 1, connections: 64, seconds };
  return await onSystem(bench, {}, async (system) => {
    await startReady(servicesOf(system));
    const [{ url }] = system.processors;
    const traffic = createTraffic(bench, system);
    bench.onNote("warming up");
    await traffic.send(load);
    const problems: string[] = [];
    const sendWith = async (): Promise<LoadOutcome> => {
      const viewers = await openViewers(url, VIEWERS, bench.env);
      try {
        await Bun.sleep(SETTLE_MS);
        return await traffic.send(load);
      } finally {
        problems.push(...problemsOf(viewers.counts()));
        await viewers.close();
        await Bun.sleep(SETTLE_MS);
      }
    };
    const pairs: Pair[] = [];
    for (let pair = 1; pair <= PAIRS[bench.size]; pair += 1) {
      bench.onNote(`with and without ${VIEWERS_SUM} viewers, pair ${pair}`);
      pairs.push(await measurePair(pair, () => traffic.send(load), sendWith));
    }
    problems.push(...(await settleAndCompare(bench, system, [traffic.sent()])));
    const ratios = pairs.map(
      ({ without, withThem }) => withThem.latencyMs.p99 / without.latencyMs.p99,
    );
    const extra = pairs.map(
      ({ without, withThem }) => processorShare(withThem) - processorShare(without),
    );
    return {
      values: {
        "crowd-cpu": median(extra) * 100,
        "crowd-p99": median(ratios),
        "crowd-p99-least": Math.min(...ratios),
        "crowd-p99-most": Math.max(...ratios),
      },
      problems,
      sizes: { ...VIEWERS, eventsPerSecond: EVENTS_PER_SECOND, pairs: pairs.length, seconds },
    };
  });
}

/** Which comes first changes from pair to pair, so that a machine that slows down harms both. */
async function measurePair(
  number: number,
  sendWithout: () => Promise<LoadOutcome>,
  sendWith: () => Promise<LoadOutcome>,
): Promise<Pair> {
  if (number % 2 === 1) return { without: await sendWithout(), withThem: await sendWith() };
  const withThem = await sendWith();
  return { without: await sendWithout(), withThem };
}

/** CPU time of the processor per time: its share of a core. */
function processorShare({ cpuUs, elapsedMs }: LoadOutcome): number {
  return cpuUs.processor / 1000 / elapsedMs;
}

/** What is wrong with viewers that should all be open and get frames; empty when nothing is. */
function problemsOf({ open, closed, framesMin, outOfOrder }: ViewersCounts): string[] {
  if (open === VIEWERS_SUM && closed === 0 && framesMin > 0 && outOfOrder === 0) return [];
  return [
    `of ${open} viewers ${closed} were closed, one got ${framesMin} frames, ${outOfOrder} frames came out of order`,
  ];
}
