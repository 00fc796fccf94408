/** Ingest at full speed: single events while all services run, batches while only ingest runs. */
import { MEGABYTE } from "../../system/cost.ts";
import { startReady } from "../../system/service.ts";
import { servicesOf } from "../../system/system.ts";
import { highFigure, lowFigure, type Bench, type Family, type Round } from "../figure.ts";
import { settleAndCompare } from "../measure/counted.ts";
import { ingestAlone } from "../measure/ingest_alone.ts";
import { bareRequests } from "../measure/limits.ts";
import { onSystem } from "../measure/on_system.ts";
import { totalCpuUs } from "../measure/process_cpu.ts";
import { createTraffic } from "../measure/traffic.ts";

/** Time to warm up the services before anything is measured. */
const WARM_SECONDS = { tiny: 1, quick: 1, full: 6 };
const SECONDS = { tiny: 1, quick: 4, full: 10 };
const CONNECTIONS = 64;
const MANY_CONNECTIONS = 256;

export const SINGLES: Family = {
  name: "singles",
  title: "single events, 64 and 256 connections, each sends when its answer has come; all services",
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
    lowFigure("singles-processor-cpu", "CPU per event, processor", { unit: "µs", target: null }),
    lowFigure("singles-kafka-cpu", "CPU per event, Kafka", { unit: "µs", target: null }),
    lowFigure("singles-postgres-cpu", "CPU per event, PostgreSQL", { unit: "µs", target: null }),
    lowFigure("singles-s3-cpu", "CPU per event, S3", { unit: "µs", target: null }),
    lowFigure("singles-all-cpu", "CPU per event, all processes", { unit: "µs", target: null }),
    lowFigure("singles-memory", "memory, ingest, single events, peak", { unit: "MB", target: 200 }),
    highFigure("singles-256", "single events, 256 connections", { unit: "requests/s" }),
    lowFigure("singles-256-p50", "256 connections, p50", { unit: "ms", target: null }),
    lowFigure("singles-256-p99", "256 connections, p99", { unit: "ms", target: null }),
    lowFigure("singles-256-all-cpu", "256 connections, CPU per event, all processes", {
      unit: "µs",
      target: null,
    }),
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
    bench.onNote(`single events, ${MANY_CONNECTIONS} connections`);
    const many = await traffic.send({ ...load, connections: MANY_CONNECTIONS, seconds });
    const problems = await settleAndCompare(bench, system, [traffic.sent()]);
    const { accepted, cpuUs } = singles;
    return {
      values: {
        "bare-http": bare,
        singles: singles.eventsPerSecond,
        "singles-p50": singles.latencyMs.p50,
        "singles-p99": singles.latencyMs.p99,
        "singles-cpu": cpuUs.ingest / accepted,
        "singles-processor-cpu": cpuUs.processor / accepted,
        "singles-kafka-cpu": cpuUs.kafka / accepted,
        "singles-postgres-cpu": cpuUs.postgres / accepted,
        "singles-s3-cpu": cpuUs.s3 / accepted,
        "singles-all-cpu": totalCpuUs(cpuUs) / accepted,
        "singles-memory": singles.ingest.residentBytesMax / MEGABYTE,
        "singles-256": many.eventsPerSecond,
        "singles-256-p50": many.latencyMs.p50,
        "singles-256-p99": many.latencyMs.p99,
        "singles-256-all-cpu": totalCpuUs(many.cpuUs) / many.accepted,
      },
      problems,
      sizes: { connections: CONNECTIONS, manyConnections: MANY_CONNECTIONS, seconds },
    };
  });
}

export const INGEST_ALONE: Family = {
  name: "ingest-alone",
  title: "single events, 64 and 256 connections, while only ingest runs; rows follow later",
  figures: [
    highFigure("ingest-alone", "single events, only ingest runs", { unit: "requests/s" }),
    lowFigure("ingest-alone-p99", "single events, p99", { unit: "ms", target: null }),
    lowFigure("ingest-alone-cpu", "CPU per event, ingest", { unit: "µs", target: null }),
    highFigure("ingest-alone-256", "256 connections", { unit: "requests/s" }),
    lowFigure("ingest-alone-256-p99", "256 connections, p99", { unit: "ms", target: null }),
    lowFigure("ingest-alone-256-cpu", "256 connections, CPU per event, ingest", {
      unit: "µs",
      target: null,
    }),
  ],
  run: sendAlone,
};

async function sendAlone(bench: Bench): Promise<Round> {
  const seconds = SECONDS[bench.size];
  const load = { eventsPerSecond: 0, batchEvents: 1, connections: CONNECTIONS };
  const { result, problems } = await ingestAlone(bench, async (traffic) => {
    bench.onNote("warming up");
    await traffic.send({ ...load, seconds: WARM_SECONDS[bench.size] });
    bench.onNote("single events");
    const few = await traffic.send({ ...load, seconds });
    const many = await traffic.send({ ...load, connections: MANY_CONNECTIONS, seconds });
    return { few, many };
  });
  const { few, many } = result;
  return {
    values: {
      "ingest-alone": few.eventsPerSecond,
      "ingest-alone-p99": few.latencyMs.p99,
      "ingest-alone-cpu": few.cpuUs.ingest / few.accepted,
      "ingest-alone-256": many.eventsPerSecond,
      "ingest-alone-256-p99": many.latencyMs.p99,
      "ingest-alone-256-cpu": many.cpuUs.ingest / many.accepted,
    },
    problems,
    sizes: { connections: CONNECTIONS, manyConnections: MANY_CONNECTIONS, seconds },
  };
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
    highFigure("batches-text", "batches of 500, each payload a text of JSON", {
      unit: "events/s",
    }),
    lowFigure("batches-text-cpu", "CPU per event, ingest, payload a text", {
      unit: "µs",
      target: null,
    }),
    lowFigure("batches-memory", "memory, ingest, batches, peak", { unit: "MB", target: 200 }),
    lowFigure("batches-memory-end", "memory, ingest, batches, end", { unit: "MB", target: null }),
  ],
  run: sendBatches,
};

async function sendBatches(bench: Bench): Promise<Round> {
  const seconds = SECONDS[bench.size];
  const load = { eventsPerSecond: 0, batchEvents: BATCH_EVENTS, connections: BATCH_CONNECTIONS };
  const { result, problems } = await ingestAlone(bench, async (traffic) => {
    bench.onNote("warming up");
    await traffic.send({ ...load, seconds: WARM_SECONDS[bench.size] });
    bench.onNote("batches");
    const objects = await traffic.send({ ...load, seconds });
    bench.onNote("batches, payload a text");
    const texts = await traffic.send({ ...load, payloadForm: "text", seconds });
    return { objects, texts };
  });
  const { objects, texts } = result;
  return {
    values: {
      batches: objects.eventsPerSecond,
      "batches-p99": objects.latencyMs.p99,
      "batches-cpu": objects.cpuUs.ingest / objects.accepted,
      "batches-text": texts.eventsPerSecond,
      "batches-text-cpu": texts.cpuUs.ingest / texts.accepted,
      "batches-memory": texts.ingest.residentBytesMax / MEGABYTE,
      "batches-memory-end": texts.ingest.residentBytes / MEGABYTE,
    },
    problems,
    sizes: { connections: BATCH_CONNECTIONS, events: BATCH_EVENTS, seconds },
  };
}
