/** Loads while only ingest runs; the rows are made and compared afterwards. */
import { startReady } from "../../system/service.ts";
import type { Bench } from "../figure.ts";
import { findDifferences } from "./counted.ts";
import { onSystem } from "./on_system.ts";
import { untilStored } from "./stored.ts";
import { createTraffic, type Traffic } from "./traffic.ts";

/** Sends what `work` sends, then starts the processor and compares events with rows. */
export async function ingestAlone<T>(
  bench: Bench,
  work: (traffic: Traffic) => Promise<T>,
): Promise<{ readonly result: T; readonly problems: readonly string[] }> {
  return await onSystem(bench, { options: { S3_ENABLED: "false" } }, async (system) => {
    await startReady([system.ingests[0]]);
    const traffic = createTraffic(bench, system);
    const result = await work(traffic);
    bench.onNote("comparing events with rows");
    await system.ingests[0].stop();
    await startReady(system.processors);
    await untilStored(system, ({ rows }) => rows >= traffic.accepted);
    const counting = { withArchive: false, nowMs: bench.nowMs };
    return { result, problems: await findDifferences(system, [traffic.sent()], counting) };
  });
}
