/**
 * The load of a verified run as a process of its own: nothing that happens to
 * the harness or the services can change what it has written down. Entry point.
 */
import { drive, noCounts, type DriveOptions } from "../driver/verified_drive.ts";
import { openJournal } from "./journal.ts";
import { seededRandom } from "./random.ts";

/** What the harness asks for: the one argument, as JSON. */
export interface DriverOrder extends Omit<DriveOptions, "random" | "signal"> {
  readonly seed: number;
  readonly journalPath: string;
}

/** Time between two lines of counts, ms. */
const TELL_MS = 250;

if (import.meta.main) await main(JSON.parse(Bun.argv[2] ?? "") as DriverOrder);

/** Tells its counts as JSON, a line each, the last one when everything is written down. */
async function main(order: DriverOrder): Promise<void> {
  const stop = new AbortController();
  process.once("SIGTERM", () => stop.abort());
  // The terminal's first Ctrl-C is for the harness, which lets the fault come to its end.
  process.once("SIGINT", () => undefined);
  const counts = noCounts();
  const journal = openJournal(order.journalPath);
  const tell = () => process.stdout.write(`${JSON.stringify(counts)}\n`);
  const timer = setInterval(tell, TELL_MS);
  const random = seededRandom(order.seed);
  await drive({ ...order, random, signal: stop.signal }, journal, counts);
  clearInterval(timer);
  journal.close();
  tell();
}
