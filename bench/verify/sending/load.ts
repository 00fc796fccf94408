/** Starts the load of a verified run, and reads what it counted and wrote down. */
import { join } from "node:path";

import type { Ledger } from "../../driver/ledger.ts";
import { startProgram } from "../../driver/program.ts";
import { readJournal } from "./journal.ts";
import type { LoadOrder } from "./load_process.ts";
import { noCounts, type SendCounts } from "./send.ts";

/** A load that runs, or has run. */
export interface Load {
  readonly order: LoadOrder;
  /** Pid of the sending process. */
  readonly pid: number;
  /** Counts of its latest report. */
  readonly counts: SendCounts;
  /** Ends the sending; resolves when every request has its outcome. */
  stop(): Promise<void>;
  /** Resolves when the load has ended by itself. @throws {Error} When its process failed. */
  readonly done: Promise<void>;
  /** What it has written down; complete once the load is done. */
  journal(): Promise<Ledger>;
}

const ENTRY = join(import.meta.dir, "load_process.ts");

/** Starts to send. */
export function startLoad(
  order: LoadOrder,
  env: Readonly<Record<string, string | undefined>>,
): Load {
  const program = startProgram<LoadOrder, SendCounts>(ENTRY, order, env);
  const nothing = noCounts();
  return {
    order,
    pid: program.pid,
    done: program.done,
    get counts() {
      return program.latest ?? nothing;
    },
    stop: () => program.stop(),
    journal: async () => readJournal(await Bun.file(order.journalPath).text()),
  };
}
