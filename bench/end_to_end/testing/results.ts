/** Results and families for tests of what is made of them. Test support. */
import type { Family, Round } from "../figure.ts";
import type { BenchResult } from "../results/result.ts";
import { mediansOf } from "../run.ts";

/** A limit, a figure against it, one against a target, one that is only shown. */
export const FAMILY: Family = {
  name: "drain",
  title: "a backlog",
  figures: [
    {
      name: "copy",
      title: "COPY",
      unit: "events/s",
      isHigherBetter: true,
      target: null,
      limit: null,
    },
    {
      name: "rows",
      title: "drain to rows",
      unit: "events/s",
      isHigherBetter: true,
      target: 100_000,
      limit: { figure: "copy", ratioMin: 0.8 },
    },
    {
      name: "p99",
      title: "latency, p99",
      unit: "ms",
      isHigherBetter: false,
      target: 25,
      limit: null,
    },
  ],
  run: () => Promise.reject(new Error("not here")),
};

/** A result of `FAMILY`. */
export function resultOf(rounds: readonly Round[]): BenchResult {
  return {
    mode: "full",
    startedAt: "2026-01-31T07:13:32.345Z",
    elapsedSeconds: 600,
    machine: { cores: 2, model: "A CPU", memoryBytes: 24 * 2 ** 30, kernel: "Linux 6" },
    versions: { commit: "abc", bun: "1.4.5" },
    families: [{ name: "drain", values: mediansOf(rounds), rounds }],
    micro: [{ name: "decodeRecord()", averageNs: 2345, p50Ns: 2300, p99Ns: 9000 }],
  };
}

/** A round whose counts agree. */
export function roundOf(values: Round["values"], problems: readonly string[] = []): Round {
  return { values, problems, sizes: { records: 1000 } };
}
