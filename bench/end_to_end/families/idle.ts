/** What everything costs while nothing happens: a laptop's fan, a small server's bill. */
import { startReady } from "../../system/service.ts";
import { servicesOf, type System } from "../../system/system.ts";
import { lowFigure, type Bench, type Family, type Round } from "../figure.ts";
import { settleAndCompare } from "../measure/counted.ts";
import { onSystem } from "../measure/on_system.ts";
import { cpuSince, readCpuUs, type CpuUs } from "../measure/process_cpu.ts";
import { createTraffic } from "../measure/traffic.ts";

/** How long the quiet is measured. The kernel counts in 10 ms, so this is the error's bound. */
const SECONDS = { tiny: 1, quick: 10, full: 30 };
/** Time after a start or a load until nothing of it is left to do: metadata, a full archive. */
const SETTLE_SECONDS = { tiny: 1, quick: 5, full: 10 };
const LOAD = { eventsPerSecond: 1000, batchEvents: 1, connections: 8, seconds: 2 };

export const IDLE: Family = {
  name: "idle",
  title: "nothing to do: CPU per second of everything that runs",
  figures: [
    lowFigure("idle-services", "ingest and processor", { unit: "ms/s", target: 8 }),
    lowFigure("idle-ingest", "ingest", { unit: "ms/s", target: null }),
    lowFigure("idle-processor", "processor", { unit: "ms/s", target: null }),
    lowFigure("idle-kafka", "Kafka", { unit: "ms/s", target: 20 }),
    lowFigure("idle-kafka-alone", "Kafka without any client", { unit: "ms/s", target: null }),
    lowFigure("idle-postgres", "PostgreSQL", { unit: "ms/s", target: null }),
    lowFigure("idle-s3", "S3", { unit: "ms/s", target: null }),
  ],
  run: stayIdle,
};

async function stayIdle(bench: Bench): Promise<Round> {
  const seconds = SECONDS[bench.size];
  return await onSystem(bench, {}, async (system) => {
    bench.onNote(`servers alone for ${seconds} s`);
    const alone = await costPerSecond(bench, system);
    await startReady(servicesOf(system));
    const traffic = createTraffic(bench, system);
    await traffic.send(LOAD);
    bench.onNote(`everything runs, nothing happens for ${seconds} s`);
    const idle = await costPerSecond(bench, system);
    return {
      values: {
        "idle-services": idle.ingest + idle.processor,
        "idle-ingest": idle.ingest,
        "idle-processor": idle.processor,
        "idle-kafka": idle.kafka,
        "idle-kafka-alone": alone.kafka,
        "idle-postgres": idle.postgres,
        "idle-s3": idle.s3,
      },
      problems: await settleAndCompare(bench, system, [traffic.sent()]),
      sizes: { seconds },
    };
  });
}

/** CPU of each process, ms per second. */
async function costPerSecond(bench: Bench, system: System): Promise<CpuUs> {
  await Bun.sleep(SETTLE_SECONDS[bench.size] * 1000);
  const before = await readCpuUs(system);
  const startedAt = performance.now();
  await Bun.sleep(SECONDS[bench.size] * 1000);
  const cost = cpuSince(before, await readCpuUs(system));
  const elapsedMs = performance.now() - startedAt;
  const each = Object.entries(cost).map(([name, us]) => [name, Number(us) / elapsedMs]);
  return Object.fromEntries(each) as CpuUs;
}
