/** Ingest at full speed: single events while all services run, batches while only ingest runs. */
import { MEGABYTE } from "../../system/cost.ts";
import { startReady } from "../../system/service.ts";
import { servicesOf } from "../../system/system.ts";
import { highFigure, lowFigure, type Bench, type Family, type Round } from "../figure.ts";
import { findDifferences, settleAndCompare } from "../measure/counted.ts";
import { bareRequests } from "../measure/limits.ts";
import { onSystem } from "../measure/on_system.ts";
import { untilStored } from "../measure/stored.ts";
import { createTraffic } from "../measure/traffic.ts";

/** Time to warm up the services before anything is measured. */
const WARM_SECONDS = { tiny: 1, quick: 1, full: 6 };
const SECONDS = { tiny: 1, quick: 4, full: 10 };
const CONNECTIONS = 64;

export const SINGLES: Family = {
  name: "singles",
  title: "single events, 64 connections, each sends when its answer has come; all services run",
  figures: [
    highFigure("bare-http", "Bun.serve alone, the same requests", { unit: "requests/s" }),
    highFigure("singles", "single events, answered after the broker", {
      unit: "requests/s",
      target: 18_000,
      limit: { figure: "bare-http", ratioMin: 0.3 },
    }),
    lowFigure("singles-p50", "single events, p50", { unit: "ms", target: null }),
    lowFigure("singles-p99", "single events, p99", { unit: "ms", target: 25 }),
    lowFigure("singles-cpu", "CPU per event, ingest, single events", { unit: "µs", target: null }),
    lowFigure("singles-memory", "memory, ingest, single events, peak", { unit: "MB", target: 200 }),
  ],
  run: sendSingles,
};

async function sendSingles(bench: Bench): Promise<Round> {
  const seconds = SECONDS[bench.size];
  const load = { eventsPerSecond: 0, batchEvents: 1, connections: CONNECTIONS };
  bench.onNote("Bun.serve alone");
  const bare = await bareRequests(bench, { ...load, seconds });
  return await onSystem(bench, {}, async (system) => {
    await startReady(servicesOf(system));
    const traffic = createTraffic(bench, system);
    bench.onNote("warming up");
    await traffic.send({
      ...load,
      seconds: WARM_SECONDS[bench.size],
    });
    bench.onNote("single events");
    const singles = await traffic.send({ ...load, seconds });
    const problems = await settleAndCompare(bench, system, [traffic.sent()]);
    return {
      values: {
        "bare-http": bare,
        singles: singles.eventsPerSecond,
        "singles-p50": singles.latencyMs.p50,
        "singles-p99": singles.latencyMs.p99,
        "singles-cpu": singles.ingestCpuUs / singles.accepted,
        "singles-memory": singles.ingest.residentBytesMax / MEGABYTE,
      },
      problems,
      sizes: { connections: CONNECTIONS, seconds },
    };
  });
}

const BATCH_EVENTS = 500;
// Enough that ingest always has a request to read while others wait for the broker.
const BATCH_CONNECTIONS = 8;

export const BATCHES: Family = {
  name: "batches",
  title: "batches of 500, 8 connections, each sends when its answer has come; rows follow later",
  figures: [
    highFigure("batches", "batches of 500, accepted", {
      unit: "events/s",
      target: 120_000,
      limit: { figure: "raw-produce", ratioMin: 0.75 },
    }),
    lowFigure("batches-p99", "batches of 500, p99", { unit: "ms", target: null }),
    lowFigure("batches-cpu", "CPU per event, ingest, batches", { unit: "µs", target: 9 }),
    lowFigure("batches-memory", "memory, ingest, batches, peak", { unit: "MB", target: 200 }),
    lowFigure("batches-memory-end", "memory, ingest, batches, end", { unit: "MB", target: null }),
  ],
  run: sendBatches,
};

async function sendBatches(bench: Bench): Promise<Round> {
  const seconds = SECONDS[bench.size];
  const load = { eventsPerSecond: 0, batchEvents: BATCH_EVENTS, connections: BATCH_CONNECTIONS };
  return await onSystem(bench, { options: { S3_ENABLED: "false" } }, async (system) => {
    await startReady([system.ingests[0]]);
    const traffic = createTraffic(bench, system);
    bench.onNote("warming up");
    await traffic.send({ ...load, seconds: WARM_SECONDS[bench.size] });
    bench.onNote("batches");
    const batches = await traffic.send({ ...load, seconds });
    bench.onNote("comparing events with rows");
    await system.ingests[0].stop();
    await startReady(system.processors);
    await untilStored(system, ({ rows }) => rows >= traffic.accepted);
    return {
      values: {
        batches: batches.eventsPerSecond,
        "batches-p99": batches.latencyMs.p99,
        "batches-cpu": batches.ingestCpuUs / batches.accepted,
        "batches-memory": batches.ingest.residentBytesMax / MEGABYTE,
        "batches-memory-end": batches.ingest.residentBytes / MEGABYTE,
      },
      problems: await findDifferences(system, [traffic.sent()], {
        withArchive: false,
        nowMs: bench.nowMs,
      }),
      sizes: { connections: BATCH_CONNECTIONS, events: BATCH_EVENTS, seconds },
    };
  });
}
