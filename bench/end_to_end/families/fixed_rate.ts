/** Single events at a fixed rate: how late are the answer, the row and the page? */
import { percentile } from "@tally/shared";

import { startReady } from "../../system/service.ts";
import { servicesOf } from "../../system/system.ts";
import { lowFigure, type Bench, type Family, type Round } from "../figure.ts";
import { settleAndCompare } from "../measure/counted.ts";
import { startFrameProbe } from "../measure/frame_delay.ts";
import { onSystem } from "../measure/on_system.ts";
import { latenciesBetween, readLatencies } from "../measure/row_latency.ts";
import { createTraffic } from "../measure/traffic.ts";
import { percentileOf } from "../results/statistics.ts";

const EVENTS_PER_SECOND = 5000;
const AT_RATE = `at ${EVENTS_PER_SECOND.toLocaleString("en")}/s`;
const CONNECTIONS = 64;
const SECONDS = { tiny: 2, quick: 8, full: 20 };
const WARM_SECONDS = { tiny: 1, quick: 2, full: 8 };

export const FIXED_RATE: Family = {
  name: "fixed-rate",
  title: `single events, ${EVENTS_PER_SECOND} per second whether answers come or not; all services run`,
  figures: [
    lowFigure("fixed-p50", `accepted ${AT_RATE}, p50, from the intended time`, {
      unit: "ms",
      target: null,
    }),
    lowFigure("fixed-p99", `accepted ${AT_RATE}, p99, from the intended time`, {
      unit: "ms",
      target: 10,
    }),
    lowFigure("row-p50", `accept → row committed ${AT_RATE}, p50`, { unit: "ms", target: 25 }),
    lowFigure("row-p99", `accept → row committed ${AT_RATE}, p99`, { unit: "ms", target: 150 }),
    lowFigure("frame-p50", "accept → frame, p50", { unit: "ms", target: null }),
    lowFigure("frame-p99", "accept → frame, p99", { unit: "ms", target: 1200 }),
    lowFigure("fixed-ingest-cpu", "CPU per event, ingest", { unit: "µs", target: null }),
    lowFigure("fixed-processor-cpu", "CPU per event, processor", { unit: "µs", target: null }),
  ],
  run: sendAtFixedRate,
};

async function sendAtFixedRate(bench: Bench): Promise<Round> {
  const seconds = SECONDS[bench.size];
  const warmSeconds = WARM_SECONDS[bench.size];
  const load = { eventsPerSecond: EVENTS_PER_SECOND, batchEvents: 1, connections: CONNECTIONS };
  return await onSystem(bench, {}, async (system) => {
    await startReady(servicesOf(system));
    const traffic = createTraffic(bench, system);
    bench.onNote("warming up");
    await traffic.send({ ...load, seconds: warmSeconds });
    const before = await readLatencies(system);
    bench.onNote(`${EVENTS_PER_SECOND} events per second`);
    const probe = startFrameProbe(bench, system);
    const sending = traffic.send({ ...load, seconds });
    // The probe must end before the system does, also when the load fails.
    const stopProbe = () => probe.stop();
    const framesMs = await sending.then(stopProbe, stopProbe);
    const sent = await sending;
    const problems = await settleAndCompare(bench, system, [traffic.sent(), probe.sent()]);
    const rows = latenciesBetween(before, await readLatencies(system));
    return {
      values: {
        "fixed-p50": sent.latencyMs.p50,
        "fixed-p99": sent.latencyMs.p99,
        "row-p50": percentile(rows, 0.5) ?? Number.NaN,
        "row-p99": percentile(rows, 0.99) ?? Number.NaN,
        "frame-p50": percentileOf(framesMs, 0.5),
        "frame-p99": percentileOf(framesMs, 0.99),
        "fixed-ingest-cpu": sent.cpuUs.ingest / sent.accepted,
        "fixed-processor-cpu": sent.cpuUs.processor / sent.accepted,
      },
      problems,
      sizes: { eventsPerSecond: EVENTS_PER_SECOND, seconds, frames: framesMs.length },
    };
  });
}
