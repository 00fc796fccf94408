/**
 * The load of a verified run as a separate process: nothing that happens to the
 * harness or the services can change what it has written down. Entry point.
 */
import { runAsProgram, type ProgramContext } from "../../driver/child.ts";
import { openJournal } from "./journal.ts";
import { seededRandom } from "../random.ts";
import { noCounts, send, type SendCounts, type SendOptions } from "./send.ts";

/** What the harness asks for. */
export interface LoadOrder extends Omit<SendOptions, "random" | "signal"> {
  readonly seed: number;
  readonly journalPath: string;
}

/** Time between two reports, ms. */
const REPORT_MS = 250;

if (import.meta.main) await runAsProgram(main);

/** Reports its counts at intervals, and once more when everything is written down. */
async function main(
  order: LoadOrder,
  { report, stopSignal }: ProgramContext<SendCounts>,
): Promise<void> {
  const signal = stopSignal();
  const counts = noCounts();
  const journal = openJournal(order.journalPath);
  const timer = setInterval(() => report(counts), REPORT_MS);
  const random = seededRandom(order.seed);
  await send({ ...order, random, signal }, journal, counts);
  clearInterval(timer);
  journal.close();
  report(counts);
}
