/** Opens many viewers of a processor's live stream. */
import { join } from "node:path";
import { eventually } from "@tally/shared";

import { startProgram } from "./program.ts";
import type { ViewersCounts, ViewersOrder, ViewersWanted } from "./viewers.ts";

/** Viewers that are open. */
export interface Viewers {
  /** Counts of their latest report. */
  counts(): ViewersCounts;
  close(): Promise<void>;
}

const ENTRY = join(import.meta.dir, "viewers.ts");
/** Longest wait for all of them, ms; `counts()` shows how many are missing then. */
const OPEN_MS_MAX = 60_000;
const NO_COUNTS: ViewersCounts = {
  open: 0,
  closed: 0,
  bytes: 0,
  framesMin: 0,
  outOfOrder: 0,
  skipped: 0,
  rowsMin: 0,
  rowsMax: 0,
};

/** Opens them; resolves when the last one is open. @param url Address of the processor. */
export async function openViewers(
  url: string,
  wanted: ViewersWanted,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Viewers> {
  const { hostname, port } = new URL(url);
  const order = { host: hostname, port: Number(port), ...wanted };
  const program = startProgram<ViewersOrder, ViewersCounts>(ENTRY, order, env);
  const counts = () => program.latest ?? NO_COUNTS;
  const { reading, silent } = wanted;
  const isOver = () => counts().open === reading + silent || !program.isRunning;
  await eventually(isOver, OPEN_MS_MAX);
  return { counts, close: () => program.kill() };
}
