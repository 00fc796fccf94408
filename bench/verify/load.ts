/** Starts the driver's process and listens to what it counts. */
import { join } from "node:path";

import { noCounts, type DriveCounts } from "../driver/verified_drive.ts";
import type { DriverOrder } from "./driver.ts";
import { Journal } from "./journal.ts";
import { readJsonLines } from "./json_lines.ts";

/** A load that runs, or has run. */
export interface Load {
  readonly order: DriverOrder;
  /** Of the driver. */
  readonly pid: number;
  /** As the driver told them last. */
  readonly counts: DriveCounts;
  /** Ends the sending; resolves when every request has its outcome. */
  stop(): Promise<void>;
  /** Resolves when the driver has ended by itself. @throws {Error} When it broke down. */
  readonly done: Promise<void>;
  /** What it wrote down; whole once it is done. */
  journal(): Promise<Journal>;
}

const DRIVER = join(import.meta.dir, "driver.ts");

/** Starts to send. */
export function startLoad(
  order: DriverOrder,
  env: Readonly<Record<string, string | undefined>>,
): Load {
  const child = Bun.spawn([process.execPath, DRIVER, JSON.stringify(order)], {
    env: { ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const load = { counts: noCounts() };
  const heard = readJsonLines<DriveCounts>(child.stdout, (counts) => (load.counts = counts));
  const done = (async () => {
    await heard;
    const exitCode = await child.exited;
    if (exitCode !== 0) throw new Error(`Cannot use the load: its driver ended with ${exitCode}`);
  })();
  // Whoever waits for it gets the failure; until then it must not end the harness.
  done.catch(() => undefined);
  return {
    order,
    pid: child.pid,
    done,
    get counts() {
      return load.counts;
    },
    async stop() {
      if (child.exitCode === null) child.kill("SIGTERM");
      await done;
    },
    journal: async () => Journal.read(await Bun.file(order.journalPath).text()),
  };
}
