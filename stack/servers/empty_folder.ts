/** Deletes a stack's data: only when no stack runs on it, and only what a stack has made. */
import { readdir, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { StackError } from "../machine/error.ts";
import { lockFolder } from "../machine/folder_lock.ts";
import { postgresDataFolder } from "./postgres_home.ts";
import { endProcesses, runningProcesses } from "../machine/process_table.ts";

/**
 * Everything that a stack writes into its folder; a folder with other files is no stack's folder.
 */
const OWN_NAMES: ReadonlySet<string> = new Set([
  "kafka",
  "postgres",
  "s3",
  "logs",
  "lock",
  "lock-journal",
  "owner.pid",
]);

/** Folders that hold data of the stack in `folder`; empty when there is none. */
export async function foldersOf(folder: string): Promise<string[]> {
  const inside = resolve(folder);
  const outside = await postgresDataFolder(folder).catch(() => join(inside, "postgres"));
  const all = outside.startsWith(`${inside}/`) ? [inside] : [inside, dirname(outside)];
  const found = await Promise.all(all.map((each) => stat(each).catch(() => null)));
  return all.filter((_, index) => found[index] !== null);
}

/**
 * Ends servers whose owner is gone and deletes all data.
 *
 * @throws {StackError} `folder_locked` when a stack runs on it, `folder_foreign` when it holds
 * anything that no stack has made.
 */
export async function emptyFolder(folder: string): Promise<void> {
  const folders = await foldersOf(folder);
  const home = resolve(folder);
  if (folders.includes(home)) {
    const foreign = (await readdir(home)).filter((name) => !OWN_NAMES.has(name));
    if (foreign.length > 0) {
      const message = `${home} holds what no stack has made (${foreign.join(", ")}): delete it yourself`;
      throw new StackError("folder_foreign", message);
    }
  }
  const lock = folders.includes(home) ? lockFolder(home) : null;
  try {
    await endServersOf(folders);
    for (const each of folders) await rm(each, { recursive: true, force: true });
  } finally {
    lock?.release();
  }
}

/** Time that leftover servers get for a clean stop (ms). */
const STOP_MS_MAX = 5_000;

/** Ends every process with a path inside one of the folders on its command line. */
export async function endServersOf(folders: readonly string[]): Promise<void> {
  const isInside = (word: string) => folders.some((folder) => word.includes(`${folder}/`));
  const ours = (await runningProcesses()).filter(
    ({ argv }) => isServer(argv) && argv.some(isInside),
  );
  const pids = ours.map(({ pid }) => pid);
  await endProcesses(pids, { signal: "SIGTERM", msMax: STOP_MS_MAX });
}

/** An editor or a `tail` on a file of the stack must not be ended. */
function isServer(argv: readonly string[]): boolean {
  return argv.some((word) => /^-Dtally\.|\/bin\/postgres$|^--stack=/.test(word));
}
