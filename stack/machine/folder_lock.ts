/** One owner per data folder: a second stack on it is refused, and names the first one. */
import { readOwner, tryLock, type FileLock } from "@tally/shared";
import { join } from "node:path";

import { StackError } from "./error.ts";

/** Takes the folder or throws `folder_locked`, which names the owner's pid. */
export function lockFolder(folder: string): FileLock {
  const ownerFile = join(folder, "owner.pid");
  const lock = tryLock(join(folder, "lock"), ownerFile);
  if (lock !== null) return lock;
  const message =
    `${folder} is in use by a running stack (pid ${readOwner(ownerFile)}): ` +
    "stop that one with Ctrl-C, or choose another folder with STACK_DATA_FOLDER";
  throw new StackError("folder_locked", message);
}
