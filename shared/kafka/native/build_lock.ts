/**
 * One build at a time: a lock file with the builder's process id. A lock whose
 * process is gone is taken over. Should two processes take over in the same
 * instant, both build, each in its own folder, and the second publishes nothing.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { unavailable } from "./toolchain.ts";

/** How long to wait for another builder: ten times what a build takes on two slow cores. */
export const LOCK_WAIT_MS_MAX = 20 * 60 * 1000;
const LOCK_POLL_MS = 200;

/** Who builds, as waiters see it. */
export interface LockOwner {
  readonly pid: number;
}

/** What a process does while it waits. */
export interface LockWait {
  /** True when waiting has become pointless: the other one has published. */
  isDone(): boolean;
  onWaiting(owner: LockOwner): void;
}

/**
 * Takes the lock, or waits until somebody else has done the work.
 *
 * @returns A function that gives the lock back, or null when the work was done meanwhile.
 * @throws {PipelineError} `client_unavailable` after `LOCK_WAIT_MS_MAX`.
 */
export async function acquireLock(path: string, wait: LockWait): Promise<(() => void) | null> {
  createFolder(dirname(path));
  const deadline = performance.now() + LOCK_WAIT_MS_MAX;
  while (performance.now() < deadline) {
    if (wait.isDone()) return null;
    if (tryCreate(path)) return () => rmSync(path, { force: true });
    const owner = readOwner(path);
    if (owner === null) continue; // Given back between the two calls.
    if (isAlive(owner)) wait.onWaiting({ pid: owner.pid });
    else rmSync(path, { force: true });
    await Bun.sleep(LOCK_POLL_MS);
  }
  throw unavailable(`another process still holds "${path}", remove it when no build is running`);
}

interface Owner {
  readonly pid: number;
  /** Distinguishes the builder from a later process that got the same id. */
  readonly startedAt: string;
}

function createFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw unavailable(`the cache folder can't be made: "${path}"`, { cause });
  }
}

function tryCreate(path: string): boolean {
  try {
    const owner: Owner = { pid: process.pid, startedAt: startOf(process.pid) };
    writeFileSync(path, JSON.stringify(owner), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw unavailable(`the cache folder can't be written: "${path}"`, { cause: error });
  }
}

function readOwner(path: string): Owner | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Owner;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    return { pid: 0, startedAt: "" }; // Torn: its writer died, or is about to finish the line.
  }
}

function isAlive(owner: Owner): boolean {
  return owner.pid > 0 && startOf(owner.pid) === owner.startedAt && owner.startedAt !== "";
}

/** When a process started, in the kernel's ticks since boot; empty when there is none. */
function startOf(pid: number): string {
  try {
    // The 22nd field of /proc/PID/stat; the second may hold spaces, but ends with the last ")".
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return ""; // No such process.
  }
}
