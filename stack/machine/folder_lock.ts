/**
 * One owner per data folder. The lock is the kernel's (through SQLite's file
 * lock), so it ends with its owner, however that one ends: no stale lock files.
 */
import { Database, SQLiteError } from "bun:sqlite";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { StackError } from "./error.ts";

/** Held until `release()` or the end of this process. */
export interface FolderLock {
  release(): void;
}

/** Takes the folder or throws `folder_locked`, which names the owner's pid. */
export function lockFolder(folder: string): FolderLock {
  const lock = tryLock(join(folder, "lock"));
  const ownerFile = join(folder, "owner.pid");
  if (lock === null) {
    const owner = readOwner(ownerFile);
    const message =
      `${folder} is in use by a stack that runs already (pid ${owner}): ` +
      "stop that one with Ctrl-C, or choose another folder with STACK_DATA_FOLDER";
    throw new StackError("folder_locked", message);
  }
  writeFileSync(ownerFile, `${process.pid}\n`);
  return lock;
}

/** Takes the lock of one file; null when somebody else has it. */
export function tryLock(path: string): FolderLock | null {
  const database = new Database(path);
  try {
    database.run("pragma busy_timeout = 0");
    database.run("begin exclusive");
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (error instanceof SQLiteError && error.code?.startsWith("SQLITE_BUSY")) return null;
    throw error;
  }
}

function readOwner(ownerFile: string): string {
  try {
    return readFileSync(ownerFile, "utf8").trim();
  } catch {
    // The owner has the lock and is about to write its pid.
    return "unknown";
  }
}
