/**
 * Warms up the servers before anything is measured. A broker that has just started
 * takes a third fewer records than ten seconds later, and the S3 server needs twice
 * the CPU per object until its code is compiled.
 */
import { createTopics } from "../../system/system.ts";
import type { Family } from "../figure.ts";
import { drain } from "./drained.ts";
import { fillLog } from "./filled_log.ts";
import { rawConsume } from "./limits.ts";
import { onSystem } from "./on_system.ts";

const RECORDS = 300_000;

/** A family without figures. */
export const WARM_UP: Family = {
  name: "warm-up",
  title: "the client alone, then a drain; not measured",
  figures: [],
  async run(bench) {
    const topic = await createTopics(bench.stack, `bench-${bench.newName()}`);
    bench.onNote("warming up the servers");
    await fillLog(bench, { topic, count: RECORDS });
    await rawConsume(bench, { topic, count: RECORDS });
    await onSystem(bench, { topic }, (system) =>
      drain(system, { events: RECORDS, withArchive: true }),
    );
    return { values: {}, problems: [], sizes: {} };
  },
};
