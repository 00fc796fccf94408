/**
 * PostgreSQL's own guard against a second copy is a file with the first one's
 * pid. After a kill -9 that pid can be a zombie (in a container it may never
 * be collected); PostgreSQL takes it for a running server and refuses to start.
 */
import { eventually } from "@tally/shared";
import { readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";

import { endProcesses, isRunning, runningProcesses } from "../machine/process_table.ts";

/** Longest time in which backends notice that their server was killed, and end (ms). */
const BACKENDS_MS_MAX = 5_000;

/**
 * Removes the file when its server is gone, and every backend of it as well: a
 * backend that still writes must keep a new server out. The caller holds the
 * lock of the stack's folder.
 */
export async function clearPidFile(cluster: string): Promise<void> {
  const path = join(cluster, "postmaster.pid");
  const text = await readFile(path, "utf8").catch(() => "");
  const pid = Number(text.split("\n")[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return;
  // The pid may be another program's by now; only work on this very folder counts.
  const pids = await pidsWorkingIn(cluster);
  if (pids === null) return;
  await eventually(async () => (await pidsWorkingIn(cluster))?.length === 0, BACKENDS_MS_MAX);
  await endProcesses((await pidsWorkingIn(cluster)) ?? [], { signal: "SIGQUIT", msMax: 1_000 });
  await rm(path, { force: true });
}

/**
 * Processes whose working folder is the cluster, as with all of PostgreSQL's; null when unknown.
 */
async function pidsWorkingIn(cluster: string): Promise<number[] | null> {
  if (process.platform !== "linux") return null;
  const pids: number[] = [];
  for (const { pid } of await runningProcesses()) {
    // Unreadable: it belongs to another user than the one that runs this PostgreSQL.
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => null);
    if (folder === cluster && (await isRunning(pid))) pids.push(pid);
  }
  return pids;
}
