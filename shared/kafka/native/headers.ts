/**
 * The C++ headers of the Node.js version that Bun claims to be. They come from
 * the npm package of that version's executable (56 MB packed); `include/node`
 * alone is kept, in the user's cache.
 */
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runLogged } from "./run_logged.ts";
import { findProgram, isPresent, type Machine, unavailable } from "./toolchain.ts";

/** Longest time for the download: 56 MB at 1 Mbit/s. */
const DOWNLOAD_MS_MAX = 8 * 60 * 1000;
const UNPACK_MS_MAX = 60 * 1000;

/**
 * Returns the folder `include/node`, from the cache or downloaded through npm.
 *
 * @param work A folder of this build alone, for the download.
 * @throws {PipelineError} `client_unavailable` when npm is missing or can't get the package.
 */
export async function ensureHeaders(
  machine: Machine,
  folders: { cache: string; work: string; log: string },
): Promise<string> {
  const name = `node-linux-${machine.arch}`;
  const kept = join(folders.cache, `${name}-${machine.nodeVersion}-headers`);
  if (isPresent(join(kept, "node_api.h"))) return kept;
  const npm = findProgram(machine, "npm");
  if (npm === null) {
    throw unavailable(
      `the headers of Node.js ${machine.nodeVersion} are missing and "npm", which gets them, ` +
        "was not found, it must be installed",
    );
  }
  const download = join(folders.work, "headers");
  mkdirSync(download, { recursive: true });
  const specifier = `${name}@${machine.nodeVersion}`;
  await runLogged([npm, "pack", "--silent", "--pack-destination", download, specifier], {
    cwd: download,
    environment: machine.environment,
    log: folders.log,
    timeoutMs: DOWNLOAD_MS_MAX,
    hint: `the headers of Node.js, npm package "${specifier}", must be obtainable`,
  });
  const archive = readdirSync(download).find((file) => file.endsWith(".tgz"));
  if (archive === undefined) throw unavailable(`npm brought no archive of "${specifier}"`);
  await runLogged(["tar", "-xzf", archive, "package/include/node"], {
    cwd: download,
    environment: machine.environment,
    log: folders.log,
    timeoutMs: UNPACK_MS_MAX,
    hint: `the npm package "${specifier}" must hold include/node`,
  });
  publish(join(download, "package/include/node"), kept);
  rmSync(download, { recursive: true, force: true });
  return kept;
}

/** Moves a finished folder to its place; the first of two processes wins. */
export function publish(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (cause) {
    if (!isPresent(to)) throw unavailable(`"${to}" can't be written`, { cause });
  }
}
