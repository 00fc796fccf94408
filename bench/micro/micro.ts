/** Runs the registered microbenchmarks, and keeps the numbers that a result needs. */
import { run } from "mitata";

import "./accept.bench.ts";
import "./event.bench.ts";
import "./processor.bench.ts";
import type { MicroResult } from "../end_to_end/results/result.ts";

/** Runs all of them; some seconds each. */
export async function runMicro(onNote: (name: string) => void): Promise<MicroResult[]> {
  const { benchmarks } = await run({
    format: "quiet",
    throw: true,
    observe: (trial) => {
      onNote(trial.alias);
      return trial;
    },
  });
  return benchmarks.flatMap(({ alias, runs: [first] }) =>
    first?.stats === undefined
      ? []
      : [
          {
            name: alias,
            averageNs: first.stats.avg,
            p50Ns: first.stats.p50,
            p99Ns: first.stats.p99,
          },
        ],
  );
}
