/** Fills a topic with records that ingest would have published, for rounds without HTTP. */
import { Ledger } from "../../driver/ledger.ts";
import { runIds } from "../../load/event.ts";
import type { Bench } from "../figure.ts";
import type { Sent } from "./counted.ts";
import { rawProduce } from "./limits.ts";

/** What was put into the topic, and how fast. */
export interface FilledLog {
  readonly sent: Sent;
  readonly recordsPerSecond: number;
}

/** Adds the records of `count` events of a new run. */
export async function fillLog(
  bench: Bench,
  { topic, count }: { readonly topic: string; readonly count: number },
): Promise<FilledLog> {
  const run = bench.newName();
  const startedAtMs = bench.nowMs();
  const part = { run, form: "named", first: 0, count } as const;
  const recordsPerSecond = await rawProduce(bench, { topic, ...part });
  const ledger = Ledger.from([["accepted", 0, count]]);
  return { sent: { ids: runIds(run), ledger, startedAtMs }, recordsPerSecond };
}
