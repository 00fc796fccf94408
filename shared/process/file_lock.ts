/**
 * One owner at a time for whatever a lock file stands for. The lock is the kernel's
 * (through SQLite), so it ends with its owner, however that one ends: a lock file
 * that nobody holds locks nothing.
 */
import { Database, SQLiteError } from "bun:sqlite";
import { readFileSync, writeFileSync } from "node:fs";

/** Held until `release()` or the end of this process. */
export interface FileLock {
  release(): void;
}

/**
 * Takes the lock of a file, which is made when it is missing.
 *
 * @param ownerFile Gets this process's id, for `readOwner` of other processes.
 * @returns Null when another process has the lock.
 */
export function tryLock(path: string, ownerFile?: string): FileLock | null {
  const database = new Database(path);
  try {
    database.run("pragma busy_timeout = 0");
    database.run("begin exclusive");
    if (ownerFile !== undefined) writeFileSync(ownerFile, `${process.pid}\n`);
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (error instanceof SQLiteError && error.code?.startsWith("SQLITE_BUSY")) return null;
    throw error;
  }
}

/** The process id in an owner file; "unknown" while its owner has not written it yet. */
export function readOwner(ownerFile: string): string {
  try {
    return readFileSync(ownerFile, "utf8").trim() || "unknown";
  } catch {
    return "unknown";
  }
}
