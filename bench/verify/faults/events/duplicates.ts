/** The same events again: in the same batch, in a later one, and in other partitions. */
import { sentJson } from "../../sending/events.ts";
import type { Fault } from "../../fault.ts";
import { otherProducer, publishAll } from "./poison.ts";

export const duplicateEvents: Fault = {
  name: "duplicates",
  title: "30 % of events sent twice: in one batch, later, across partitions",
  isShort: true,
  async run(trial) {
    const { system, random } = trial;
    const seconds = trial.isShort ? 5 : 15;
    const load = trial.load({ twiceShare: 0.3, seconds, eventsPerSecond: 4000 });
    await load.done;
    const journal = await load.journal();
    const numbers = Array.from({ length: journal.total }, (_, number) => number);
    const acknowledged = numbers.filter((number) => journal.timesAccepted(number) > 0);
    const chosen = Array.from(
      { length: trial.isShort ? 1000 : 5000 },
      () => acknowledged[Math.floor(random() * acknowledged.length)] ?? 0,
    );
    const producer = await otherProducer(system);
    try {
      // Their key differs, so most of them go to another partition than the first of their id.
      const records = chosen.map((number) => ({
        key: Buffer.from(`elsewhere-${Math.floor(random() * 1000)}`),
        value: Buffer.from(sentJson(load.order.run, number)),
        timestampMs: trial.nowMs(),
      }));
      await publishAll(producer, system.topic, records);
    } finally {
      await producer.disconnect(5000);
    }
    trial.injected({ repeats: chosen.length });
    trial.repaired();
    const again = acknowledged.reduce((sum, number) => sum + journal.timesAccepted(number) - 1, 0);
    trial.hadEffect("events sent twice over HTTP", again, 500);
    trial.hadEffect("events sent again across partitions", chosen.length, 500);
  },
};
