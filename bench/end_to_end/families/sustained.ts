/**
 * HTTP → Kafka → rows → archive, all at once, at the highest rate that the system
 * can hold: little is left to do when the last event was accepted.
 */
import { MEGABYTE } from "../../system/cost.ts";
import { startReady } from "../../system/service.ts";
import { servicesOf, type System } from "../../system/system.ts";
import { highFigure, lowFigure, type Bench, type Family, type Round } from "../figure.ts";
import { settleAndCompare } from "../measure/counted.ts";
import { onSystem } from "../measure/on_system.ts";
import { linesToWaitFor, untilStored } from "../measure/stored.ts";
import { createTraffic, type LoadOutcome } from "../measure/traffic.ts";

const BATCH_EVENTS = 500;
const CONNECTIONS = 8;
const SECONDS = { tiny: 2, quick: 15, full: 60 };
/** Time to warm up the services before anything is measured. */
const WARM_SECONDS = { tiny: 1, quick: 3, full: 3 };
/** Allowed lag when the last event is accepted, ms. */
const LAG_MS_MAX = 2000;
/** How much longer sending may take than asked for, as a factor. */
const LATE_MAX = 1.02;

// The search: short tries, up or down until one rate held and one did not, then between them.
const TRY_SECONDS = 5;
/** Allowed lag of a try, ms: a rate that is a tenth too high causes it in this short time. */
const TRY_LAG_MS_MAX = 600;
const TRIES_MAX = { tiny: 1, quick: 2, full: 4 };
const UP = 1.25;
const DOWN = 0.8;
/** The search ends when the rate that held and the one that did not differ by less. */
const NEAR = 1.1;
/** The first rate, as a share of what a drain alone reaches: here ingest works, too. */
const SHARE_OF_DRAIN = 0.75;
const FIRST_RATE = 40_000;
/** A rate that held for a short time may fail for a long one: then a tenth less, up to twice. */
const LESS = 0.9;
const LONG_RUNS_MAX = 3;

export const SUSTAINED: Family = {
  name: "sustained",
  title: "HTTP → rows → archive in batches of 500 at a fixed rate; lag under 2 s at the end",
  figures: [
    highFigure("sustained", "HTTP → rows → archive, sustained", {
      unit: "events/s",
      target: 50_000,
      limit: { figure: "raw-produce", ratioMin: 0.35 },
    }),
    lowFigure("sustained-lag", "lag when the last event was accepted", {
      unit: "ms",
      target: LAG_MS_MAX,
    }),
    lowFigure("sustained-ingest-cpu", "CPU per event, ingest", { unit: "µs", target: null }),
    lowFigure("sustained-processor-cpu", "CPU per event, processor", { unit: "µs", target: null }),
    lowFigure("sustained-ingest-memory", "memory, ingest, peak", { unit: "MB", target: 200 }),
    lowFigure("sustained-processor-memory", "memory, processor, peak", {
      unit: "MB",
      target: 300,
    }),
    lowFigure("sustained-processor-memory-end", "memory, processor, end", {
      unit: "MB",
      target: null,
    }),
  ],
  run: sustain,
};

async function sustain(bench: Bench): Promise<Round> {
  const seconds = SECONDS[bench.size];
  const problems: string[] = [];
  // The rate that held in the round before is the best guess.
  let rate = rounded(bench.valueOf("sustained") ?? (await searchRate(bench, problems)));
  for (let run = 1; run <= LONG_RUNS_MAX; run += 1) {
    bench.onNote(`${rate} events per second for ${seconds} s`);
    const outcome = await tryRate(bench, { rate, seconds, lagMsMax: LAG_MS_MAX });
    problems.push(...outcome.problems);
    if (outcome.held) return roundOf(outcome, { rate, seconds, problems });
    rate = rounded(rate * LESS);
  }
  bench.onNote("no rate held");
  return { values: {}, problems, sizes: { rate, seconds } };
}

/** Finds the highest rate that holds for some seconds. */
async function searchRate(bench: Bench, problems: string[]): Promise<number> {
  const drained = bench.valueOf("drain-archive");
  let rate = rounded(drained === undefined ? FIRST_RATE : drained * SHARE_OF_DRAIN);
  let [held, failed] = [0, Number.POSITIVE_INFINITY];
  for (let tries = 0; tries < TRIES_MAX[bench.size] && failed / held > NEAR; tries += 1) {
    bench.onNote(`trying ${rate} events per second`);
    const outcome = await tryRate(bench, {
      rate,
      seconds: TRY_SECONDS,
      lagMsMax: TRY_LAG_MS_MAX,
    });
    problems.push(...outcome.problems);
    if (outcome.held) held = rate;
    else failed = rate;
    rate = nextRate(held, failed);
  }
  return held > 0 ? held : rate;
}

/** The rate between one that held (0 when none did) and one that failed (or infinity). */
export function nextRate(held: number, failed: number): number {
  if (held === 0) return rounded(failed * DOWN);
  return rounded(failed === Number.POSITIVE_INFINITY ? held * UP : Math.sqrt(held * failed));
}

function rounded(rate: number): number {
  return Math.round(rate / BATCH_EVENTS) * BATCH_EVENTS;
}

interface Try {
  readonly held: boolean;
  readonly lagMs: number;
  readonly load: LoadOutcome;
  readonly problems: readonly string[];
}

async function tryRate(
  bench: Bench,
  { rate, seconds, lagMsMax }: { rate: number; seconds: number; lagMsMax: number },
): Promise<Try> {
  const load = { batchEvents: BATCH_EVENTS, connections: CONNECTIONS };
  return await onSystem(bench, {}, async (system) => {
    await startReady(servicesOf(system));
    const traffic = createTraffic(bench, system);
    // Half of the rate for a moment, so that groups are joined and code is warm.
    const warmSeconds = WARM_SECONDS[bench.size];
    await traffic.send({ ...load, eventsPerSecond: rounded(rate / 2), seconds: warmSeconds });
    await untilStored(system, ({ rows }) => rows >= traffic.accepted);
    const outcome = await traffic.send({ ...load, eventsPerSecond: rate, seconds });
    const lagMs = await waitForSinks(system, traffic.accepted);
    return {
      held: lagMs < lagMsMax && outcome.elapsedMs < seconds * 1000 * LATE_MAX,
      lagMs,
      load: outcome,
      problems: await settleAndCompare(bench, system, [traffic.sent()]),
    };
  });
}

/** Waits for all rows and full archive objects. @returns How long that takes, ms. */
async function waitForSinks(system: System, events: number): Promise<number> {
  const beganAt = performance.now();
  const enough = linesToWaitFor(events);
  await untilStored(system, ({ rows, lines }) => rows >= events && lines >= enough);
  return performance.now() - beganAt;
}

function roundOf(
  { load, lagMs }: Try,
  { rate, seconds, problems }: { rate: number; seconds: number; problems: readonly string[] },
): Round {
  return {
    values: {
      sustained: load.eventsPerSecond,
      "sustained-lag": lagMs,
      "sustained-ingest-cpu": load.cpuUs.ingest / load.accepted,
      "sustained-processor-cpu": load.cpuUs.processor / load.accepted,
      "sustained-ingest-memory": load.ingest.residentBytesMax / MEGABYTE,
      "sustained-processor-memory": (load.processor?.residentBytesMax ?? Number.NaN) / MEGABYTE,
      "sustained-processor-memory-end": (load.processor?.residentBytes ?? Number.NaN) / MEGABYTE,
    },
    problems,
    sizes: { rate, seconds, events: BATCH_EVENTS, connections: CONNECTIONS },
  };
}
