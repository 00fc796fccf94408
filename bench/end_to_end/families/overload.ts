/**
 * Three times what ingest can take, whether answers come or not: how much of the most is still
 * accepted, how late, how evenly, and how soon the rest is refused.
 */
import { MEGABYTE } from "../../system/cost.ts";
import { startReady } from "../../system/service.ts";
import type { System } from "../../system/system.ts";
import { highFigure, lowFigure, type Bench, type Family, type Round } from "../figure.ts";
import { findDifferences, saysRefused } from "../measure/counted.ts";
import { onSystem } from "../measure/on_system.ts";
import { untilStored } from "../measure/stored.ts";
import { createTraffic, type LoadOutcome, type Traffic } from "../measure/traffic.ts";

const BATCH_EVENTS = 500;
/** Programs that send; what each gets shows whether refusals are even. */
const SENDERS = 4;
/** Connections of one sender: few to find the most, many so that requests leave when due. */
const CONNECTIONS = { most: 8, over: 96 };
/** What is offered, as a multiple of the most that ingest took. */
const TIMES = 3;
const SECONDS = { tiny: 1, quick: 5, full: 10 };
const WARM_SECONDS = { tiny: 1, quick: 2, full: 6 };

export const OVERLOAD: Family = {
  name: "overload",
  title: "batches of 500, first as many as ingest takes, then three times that; only ingest runs",
  figures: [
    highFigure("overload-most", "batches of 500, the most that is taken", { unit: "events/s" }),
    highFigure("overload-offered", "offered, as a multiple of the most", { unit: "times" }),
    highFigure("overload-goodput", "accepted of three times the most, of the most", {
      unit: "%",
      target: 90,
    }),
    lowFigure("overload-p99", "accepted, p99, from the intended time", {
      unit: "ms",
      target: 1000,
    }),
    lowFigure("overload-answer-p99", "accepted, p99, from sending", { unit: "ms", target: 1000 }),
    lowFigure("overload-refused-p99", "503, p99, from sending", { unit: "ms", target: 1000 }),
    highFigure("overload-even", "accepted of the sender with the fewest, of the mean", {
      unit: "%",
      target: 80,
    }),
    lowFigure("overload-most-cpu", "CPU per event, ingest, the most", { unit: "µs", target: null }),
    lowFigure("overload-cpu", "CPU per accepted event, ingest, three times the most", {
      unit: "µs",
      target: null,
    }),
    lowFigure("overload-memory", "memory, ingest, peak", { unit: "MB", target: 300 }),
  ],
  run: overload,
};

async function overload(bench: Bench): Promise<Round> {
  const seconds = SECONDS[bench.size];
  return await onSystem(bench, { options: { S3_ENABLED: "false" } }, async (system) => {
    await startReady([system.ingests[0]]);
    const senders = Array.from({ length: SENDERS }, () => createTraffic(bench, system));
    bench.onNote("warming up");
    await sendAll(senders, { eventsPerSecond: 0, seconds: WARM_SECONDS[bench.size] });
    bench.onNote("the most");
    const most = await sendAll(senders, { eventsPerSecond: 0, seconds });
    const rate = sumOf(most, rateOf);
    bench.onNote(`three times ${Math.round(rate)} events per second`);
    const over = await sendAll(senders, { eventsPerSecond: rate * TIMES, seconds });
    const problems = await compare(bench, system, senders);
    return roundOf({ most, over, problems, seconds });
  });
}

/** Sends from all senders at once; each offers its share. */
function sendAll(
  senders: readonly Traffic[],
  { eventsPerSecond, seconds }: { readonly eventsPerSecond: number; readonly seconds: number },
): Promise<LoadOutcome[]> {
  const connections = eventsPerSecond === 0 ? CONNECTIONS.most : CONNECTIONS.over;
  const share = Math.round(eventsPerSecond / SENDERS);
  const load = { batchEvents: BATCH_EVENTS, connections, seconds, eventsPerSecond: share };
  return Promise.all(senders.map((sender) => sender.send(load)));
}

/** Starts the processor; every accepted event must be one row. A refused one is none. */
async function compare(
  bench: Bench,
  system: System,
  senders: readonly Traffic[],
): Promise<readonly string[]> {
  bench.onNote("comparing events with rows");
  await system.ingests[0].stop();
  await startReady(system.processors);
  const accepted = sumOf(senders, (sender) => sender.accepted);
  await untilStored(system, ({ rows }) => rows >= accepted);
  const sent = senders.map((sender) => sender.sent());
  const options = { withArchive: false, nowMs: bench.nowMs };
  const differences = await findDifferences(system, sent, options);
  // What got a 503 is unknown to the ledger, and expected here: it is no record.
  return differences.filter((line) => !saysRefused(line));
}

interface Measured {
  readonly most: readonly LoadOutcome[];
  readonly over: readonly LoadOutcome[];
  readonly problems: readonly string[];
  readonly seconds: number;
}

function roundOf({ most, over, problems, seconds }: Measured): Round {
  const rate = sumOf(most, rateOf);
  const largest = (of: (outcome: LoadOutcome) => number) => Math.max(...over.map(of));
  const accepted = over.map((outcome) => outcome.accepted);
  const mean = sumOf(over, (outcome) => outcome.accepted) / SENDERS;
  const offered = sumOf(over, ({ requests, elapsedMs }) => (requests * 1000) / elapsedMs);
  return {
    values: {
      "overload-most": rate,
      "overload-offered": (offered * BATCH_EVENTS) / rate,
      "overload-goodput": (sumOf(over, rateOf) / rate) * 100,
      "overload-p99": largest((outcome) => outcome.acceptedP99Ms),
      "overload-answer-p99": largest((outcome) => outcome.acceptedAnswerP99Ms),
      "overload-refused-p99": largest((outcome) => outcome.refused.p99Ms),
      "overload-even": (Math.min(...accepted) / mean) * 100,
      "overload-most-cpu": cpuOf(most),
      "overload-cpu": cpuOf(over),
      "overload-memory": largest(({ ingest }) => ingest.residentBytesMax) / MEGABYTE,
    },
    problems,
    sizes: {
      senders: SENDERS,
      connections: CONNECTIONS.over,
      seconds,
      refusedRequests: sumOf(over, (outcome) => outcome.refused.requests),
    },
  };
}

/** The senders work at the same time, so each of them sees the CPU for the events of all. */
function cpuOf(outcomes: readonly LoadOutcome[]): number {
  const mean = sumOf(outcomes, ({ cpuUs }) => cpuUs.ingest) / outcomes.length;
  return mean / sumOf(outcomes, ({ accepted }) => accepted);
}

function rateOf({ eventsPerSecond }: LoadOutcome): number {
  return eventsPerSecond;
}

function sumOf<T>(all: readonly T[], of: (each: T) => number): number {
  return all.reduce((sum, each) => sum + of(each), 0);
}
