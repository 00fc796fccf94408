/**
 * Java programs from the Java package registry, kept in the user's cache folder
 * by name and version. Maven runs once; afterwards no network is needed.
 */
import { eventually, runCommand, tryLock, type FileLock, type Env } from "@tally/shared";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import { StackError, explainDiskFull } from "../machine/error.ts";
import { findMaven } from "./java.ts";

/** A library of the registry. */
export interface Artifact {
  readonly groupId: string;
  readonly artifactId: string;
  readonly version: string;
  readonly classifier?: string;
  /** The jar holds everything: fetch nothing besides it. */
  readonly alone?: boolean;
}

/** A program: its artifacts with all that they need. */
export interface Program {
  readonly name: string;
  readonly version: string;
  readonly artifacts: readonly Artifact[];
}

/** Where and how to fetch. */
export interface JarsOptions {
  readonly cacheFolder: string;
  readonly env: Env;
  readonly onProgress: (text: string) => void;
  /** Aborts a download in progress. */
  readonly signal?: AbortSignal;
}

/** The user's folder for things that can be fetched or built again. */
export function userCacheFolder(env: Env): string {
  const home = env["HOME"] || homedir();
  const caches =
    process.platform === "darwin" ? join(home, "Library/Caches") : join(home, ".cache");
  return join(env["XDG_CACHE_HOME"] || caches, "tally");
}

/** Whether this user has the program's jars, so that no Maven is needed. */
export function hasJars(program: Program, cacheFolder: string): Promise<boolean> {
  return exists(jarsFolder(program, cacheFolder));
}

/**
 * Folder with the program's jars; downloads them when this user has none yet.
 *
 * @throws {StackError} `maven_missing`, `download_failed`, `disk_full`.
 */
export async function fetchJars(program: Program, options: JarsOptions): Promise<string> {
  const folder = jarsFolder(program, options.cacheFolder);
  if (await exists(folder)) return folder;
  // Maven's local store does not support two processes at a time.
  const lock = await lockCache(options.cacheFolder);
  try {
    if (!(await exists(folder))) await downloadInto(folder, program, options);
  } catch (error) {
    throw explainDiskFull(error, options.cacheFolder);
  } finally {
    lock.release();
  }
  return folder;
}

function jarsFolder(program: Program, cacheFolder: string): string {
  return join(cacheFolder, "jars", `${program.name}-${program.version}`);
}

async function lockCache(cacheFolder: string): Promise<FileLock> {
  await mkdir(cacheFolder, { recursive: true });
  const path = join(cacheFolder, "jars.lock");
  let lock: FileLock | null = null;
  await eventually(() => (lock = tryLock(path)) !== null, DOWNLOAD_MS_MAX);
  if (lock !== null) return lock;
  throw new StackError("download_failed", `another process holds ${path} for too long: end it`);
}

/** Published by a rename, so that a reader sees all jars or none. */
async function downloadInto(folder: string, program: Program, options: JarsOptions): Promise<void> {
  const partial = `${folder}.part`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await download(program, partial, options);
  await rename(partial, folder);
}

/** The goal that copies jars; the version is pinned as it was tested. */
const COPY_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/** Longest wait for all downloads (ms): 55 MB over a slow line; chosen. */
const DOWNLOAD_MS_MAX = 15 * 60_000;

async function download(program: Program, folder: string, options: JarsOptions): Promise<void> {
  const maven = findMaven(options.env);
  const pom = join(folder, "..", `pom-${program.name}-${process.pid}.xml`);
  await writeFile(pom, pomOf(program));
  let files = 0;
  const onLine = (line: string): void => {
    if (!/Downloaded from .*\.jar/.test(line)) return;
    files += 1;
    options.onProgress(`downloading ${program.name} ${program.version}: ${files} files`);
  };
  const command = [maven, "-B", "-f", pom, COPY_GOAL, `-DoutputDirectory=${folder}`];
  const { exitCode, output } = await runCommand(command, {
    cwd: dirname(pom),
    env: { ...options.env, ...mavenHome(options.env) },
    msMax: DOWNLOAD_MS_MAX,
    onLine,
    ...(options.signal && { signal: options.signal }),
  });
  await rm(pom, { force: true });
  if (exitCode === 0) return;
  options.signal?.throwIfAborted();
  const reason = firstError(output);
  throw new StackError(
    "download_failed",
    `${program.name} ${program.version} could not be downloaded with Maven: ${reason}\n` +
      "Check the network; behind a proxy or mirror, ~/.m2/settings.xml names it",
  );
}

/** Java takes the home folder from the user database; HOME is where this user can write. */
function mavenHome(env: Env): Env {
  const home = env["HOME"];
  // Maven's script splits its options at spaces.
  if (!home || /\s/.test(home)) return {};
  return { MAVEN_OPTS: `${env["MAVEN_OPTS"] ?? ""} -Duser.home=${home}` };
}

function firstError(text: string): string {
  const line = Bun.stripANSI(text)
    .split("\n")
    .find((each) => each.includes("[ERROR]") || each.includes("rror:"));
  return line?.replace("[ERROR]", "").trim() ?? "it ended without a reason";
}

function pomOf(program: Program): string {
  const dependencies = program.artifacts.map(dependencyOf).join("");
  return (
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>' +
    `<groupId>tally</groupId><artifactId>${program.name}-jars</artifactId><version>1</version>` +
    `<packaging>pom</packaging><dependencies>${dependencies}</dependencies></project>\n`
  );
}

function dependencyOf(artifact: Artifact): string {
  const { groupId, artifactId, version, classifier, alone } = artifact;
  const nothingElse =
    "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>";
  return (
    `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId>` +
    `<version>${version}</version>` +
    (classifier ? `<classifier>${classifier}</classifier>` : "") +
    (alone ? nothingElse : "") +
    "</dependency>"
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
