/**
 * One build at a time: the others wait until it has published its files. When a
 * build fails while others wait, two of them may build at once; one may then lose
 * its folder and fail, and the next start builds again.
 */
import { SQLiteError } from "bun:sqlite";
import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { readOwner, tryLock, type FileLock } from "../../process/file_lock.ts";
import { eventually } from "../../wait.ts";
import { unavailable } from "./toolchain.ts";

/** How long to wait for another builder: ten times what a build takes on two slow cores. */
export const LOCK_WAIT_MS_MAX = 20 * 60 * 1000;
const LOCK_POLL_MS = 200;

/** What the lock calls while it waits for another build. */
export interface LockWait {
  /** Whether the other process has published, so that waiting is pointless. */
  isDone(): boolean;
  /** Called at each look that finds another builder, with its process id. */
  onWaiting(owner: string): void;
}

/**
 * Takes the lock, or waits until another process has done the work.
 *
 * @returns The lock, or null when the work was done meanwhile.
 * @throws {PipelineError} `client_unavailable` after `LOCK_WAIT_MS_MAX`.
 */
export async function acquireLock(path: string, wait: LockWait): Promise<FileLock | null> {
  createFolder(dirname(path));
  const held: FileLock[] = [];
  const tryOnce = (): boolean => {
    if (wait.isDone()) return true;
    const lock = take(path);
    if (lock === null) {
      wait.onWaiting(readOwner(ownerFileOf(path)));
      return false;
    }
    // The other one may have published between the two looks.
    if (wait.isDone()) lock.release();
    else held.push(lock);
    return true;
  };
  const isOver = await eventually(tryOnce, LOCK_WAIT_MS_MAX, { pollMs: LOCK_POLL_MS });
  if (isOver) return held[0] ?? null;
  const owner = readOwner(ownerFileOf(path));
  throw unavailable(`process ${owner} still holds "${path}", it must end its build or be ended`);
}

function ownerFileOf(path: string): string {
  return `${path}.pid`;
}

function createFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw unavailable(`the cache folder can't be made: "${path}"`, { cause });
  }
}

/** Takes the lock once; releasing it removes its files. */
function take(path: string): FileLock | null {
  const removeFiles = (): void => {
    for (const file of [path, ownerFileOf(path)]) rmSync(file, { force: true });
  };
  try {
    const lock = tryLock(path, ownerFileOf(path));
    if (lock === null) return null;
    return {
      release: () => {
        removeFiles();
        lock.release();
      },
    };
  } catch (cause) {
    if (!(cause instanceof SQLiteError && cause.code === "SQLITE_NOTADB"))
      throw unavailable(`the cache folder can't be written: "${path}"`, { cause });
    // Not a lock: what an earlier version, or a full disk, has left. The next look makes one.
    removeFiles();
    return null;
  }
}
