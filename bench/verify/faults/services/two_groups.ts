/** Two processors under different group prefixes: both believe to own every partition. */
import type { ServiceProcess } from "../../../system/service.ts";
import type { Fault } from "../../fault.ts";
import { untilQuiet } from "../../judgement/quiet.ts";
import { untilFigure } from "../demands.ts";

const LOG_LINE = "Processors of another group work on the same tables";
const SAID_MS_MAX = 20_000;
const LOAD_MS = 8000;

export const twoGroups: Fault = {
  name: "two-groups",
  title: "two processors in groups of their own, which both do all the work",
  isShort: false,
  system: { processors: 2, hasOwnGroups: true },
  async run(trial) {
    const { system, watch, clock, demand, hadEffect } = trial;
    const load = trial.load();
    for (const processor of system.processors) {
      const isSaid = () =>
        Bun.file(processor.logPath)
          .text()
          .then((text) => text.includes(LOG_LINE));
      demand(`${processor.name} says so in its log`, await clock.eventually(isSaid, SAID_MS_MAX));
      const others = await untilFigure(1, () => watch.now(processor, "processor_other_groups"));
      demand(`${processor.name} counts the other group (${others})`, others === 1);
    }
    await Bun.sleep(LOAD_MS);
    trial.repaired();
    await load.stop();
    await untilQuiet(system);
    const [{ rows }] = await system.sql<[{ rows: number }]>`
      select count(*)::integer as rows from web_events`;
    const countOf = (processor: ServiceProcess) => watch.now(processor, "processor_rows_total");
    const counted = await untilFigure(rows, async () => {
      const counts = await Promise.all(system.processors.map(countOf));
      return counts.reduce((total, count) => total + count, 0);
    });
    demand(`rows are counted once (${counted} of ${rows})`, counted === rows);
    hadEffect("writes that the fence refused", watch.total("processor_fence_hits_total"));
  },
};
