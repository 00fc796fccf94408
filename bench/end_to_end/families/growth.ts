/** How cost grows: with the rows in the table, with time, with the number of processors. */
import { MEGABYTE, readCost } from "../../system/cost.ts";
import { startReady } from "../../system/service.ts";
import { servicesOf, createTopics } from "../../system/system.ts";
import {
  highFigure,
  lowFigure,
  type Bench,
  type Family,
  type Figure,
  type Round,
} from "../figure.ts";
import { settleAndCompare } from "../measure/counted.ts";
import { drainAndCount } from "../measure/drained.ts";
import { fillLog } from "../measure/filled_log.ts";
import { onSystem } from "../measure/on_system.ts";
import { createTraffic } from "../measure/traffic.ts";
import { growthRows } from "./growth_rows.ts";
import { QUESTIONS } from "./questions.ts";

/** Records that one, two and three processors share. */
const SHARED_RECORDS = { tiny: 10_000, quick: 200_000, full: 1_000_000 };
const PROCESSORS = [1, 2, 3] as const;

const SEVERAL: Family = {
  name: "growth-processors",
  title: "drain to rows by one, two and three processors on this machine",
  figures: PROCESSORS.map((count) =>
    highFigure(
      `processors-${count}`,
      `drain Kafka → rows, ${count} ${count === 1 ? "processor" : "processors"}`,
      { unit: "events/s" },
    ),
  ),
  async run(bench) {
    const count = SHARED_RECORDS[bench.size];
    const topic = await createTopics(bench.stack, `bench-${bench.newName()}`);
    bench.onNote("filling the log");
    const { sent } = await fillLog(bench, { topic, count });
    const values: Record<string, number> = {};
    const problems: string[] = [];
    for (const processors of PROCESSORS) {
      bench.onNote(`${processors} processors`);
      const options = { topic, processors, options: { S3_ENABLED: "false" } };
      const drained = await onSystem(bench, options, (system) =>
        drainAndCount(bench, system, { sent, withArchive: false }),
      );
      values[`processors-${processors}`] = drained.eventsPerSecond;
      problems.push(...drained.problems);
    }
    return { values, problems, sizes: { records: count } };
  },
};

const EVENTS_PER_SECOND = 10_000;
const MINUTE_SECONDS = { tiny: 1, quick: 10, full: 60 };
const MINUTES = 10;
/** From this minute on a service is warm. */
const WARM_MINUTE = 2;

const MEMORY: Family = {
  name: "growth-memory",
  title: `memory over 10 minutes, ${EVENTS_PER_SECOND} events per second in batches of 500, all services`,
  figures: (["ingest", "processor"] as const).flatMap((service) => [
    memory(`${service}-memory-warm`, `${service}, after ${WARM_MINUTE} minutes`),
    memory(`${service}-memory-last`, `${service}, after ${MINUTES} minutes`),
    memory(`${service}-memory-peak`, `${service}, peak`),
  ]),
  run: watchMemory,
};

function memory(name: string, title: string): Figure {
  return lowFigure(name, `memory, ${title}`, { unit: "MB", target: null });
}

async function watchMemory(bench: Bench): Promise<Round> {
  const seconds = MINUTE_SECONDS[bench.size];
  const load = { eventsPerSecond: EVENTS_PER_SECOND, batchEvents: 500, connections: 8, seconds };
  return await onSystem(bench, {}, async (system) => {
    await startReady(servicesOf(system));
    const traffic = createTraffic(bench, system);
    const values: Record<string, number> = {};
    for (let minute = 1; minute <= MINUTES; minute += 1) {
      bench.onNote(`minute ${minute} of ${MINUTES}`);
      await traffic.send(load);
      for (const [name, service] of [
        ["ingest", system.ingests[0]],
        ["processor", system.processors[0]],
      ] as const) {
        const { residentBytes, residentBytesMax } = await readCost(service?.pid);
        if (minute === WARM_MINUTE) values[`${name}-memory-warm`] = residentBytes / MEGABYTE;
        values[`${name}-memory-last`] = residentBytes / MEGABYTE;
        values[`${name}-memory-peak`] = residentBytesMax / MEGABYTE;
      }
    }
    return {
      values,
      problems: await settleAndCompare(bench, system, [traffic.sent()]),
      sizes: { eventsPerSecond: EVENTS_PER_SECOND, minutes: MINUTES, secondsOfEach: seconds },
    };
  });
}

/** They run only when named, because they take about an hour. */
export const GROWTH: readonly Family[] = [growthRows(), SEVERAL, MEMORY, QUESTIONS];
