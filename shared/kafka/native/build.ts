/**
 * Builds the Confluent client's native addon for Bun, once per user: the
 * client's own unchanged sources against the compatibility library beside this
 * file. The result is two files in the user's cache, keyed by client, Bun and
 * library version, so that later starts are instant.
 */
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { acquireLock } from "./build_lock.ts";
import { ensureHeaders, publish } from "./headers.ts";
import { allOrNone } from "../../wait.ts";
import { runLogged } from "./run_logged.ts";
import {
  buildEnvironment,
  cacheFolder,
  type ClientSources,
  findSources,
  findToolchain,
  isPresent,
  type Machine,
  requireSupported,
  thisMachine,
  type Toolchain,
} from "./toolchain.ts";

/** The two files that make the client run on Bun. */
export interface NativeFiles {
  /** Loaded first, with process.dlopen: it gives the addon what Bun lacks. */
  readonly library: string;
  readonly addon: string;
}

/** A step of the build, for a display of progress. */
export interface BuildProgress {
  readonly stage: "wait" | "headers" | "librdkafka" | "addon" | "link" | "done";
  /** A sentence about the step. */
  readonly message: string;
  readonly elapsedMs: number;
}

export interface BuildOptions {
  /** Called at each step, never when the files are present; lines on stderr when absent. */
  readonly onProgress?: (progress: BuildProgress) => void;
  /** This machine when absent. */
  readonly machine?: Machine;
}

/** Longest time for one program of the build; librdkafka takes 70 s on two cores. */
const STEP_MS_MAX = 15 * 60 * 1000;
const ADDON = "confluent-kafka-javascript.node";
const LIBRARY = "libbuncompat.so";

/**
 * Returns the addon's files, built first when the cache lacks them (about a minute).
 *
 * Safe when several processes call it at once: one builds, the others wait.
 *
 * @throws {PipelineError} `client_unavailable`, naming what is missing.
 */
export async function ensureNativeFiles(options: BuildOptions = {}): Promise<NativeFiles> {
  const machine = options.machine ?? thisMachine();
  requireSupported(machine);
  const sources = findSources();
  const cache = cacheFolder(machine);
  const target = join(cache, buildKey(machine, sources));
  const files = { library: join(target, LIBRARY), addon: join(target, ADDON) };
  if (isPresent(files.addon)) return files;

  const report = progressReporter(options.onProgress ?? printProgress);
  const toolchain = findToolchain(machine);
  const lock = await acquireLock(`${target}.lock`, {
    isDone: () => isPresent(files.addon),
    onWaiting: (owner) => report("wait", `Process ${owner} builds the Kafka client already`),
  });
  if (lock === null) return files;
  try {
    removeLeftovers(target);
    const work = `${target}.${process.pid}.building`;
    const abort = new AbortController();
    await build({ machine, sources, toolchain, cache, work, abort, report });
    publish(join(work, "out"), target);
    rmSync(work, { recursive: true, force: true });
    report("done", "The Kafka client is built");
  } finally {
    lock.release();
  }
  return files;
}

interface Build {
  readonly machine: Machine;
  readonly sources: ClientSources;
  readonly toolchain: Toolchain;
  readonly cache: string;
  /** Folder of this build alone; kept when it fails, for its log. */
  readonly work: string;
  /** Ends the programs that run when another one has failed. */
  readonly abort: AbortController;
  readonly report: (stage: BuildProgress["stage"], message: string) => void;
}

/** The flow: headers and librdkafka side by side, the library and the addon, then one link. */
async function build(context: Build): Promise<void> {
  const { machine, cache, work, report } = context;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, "out"), { recursive: true });
  report("librdkafka", "Building the Kafka client for Bun, once, about a minute");
  await allOrNone(context.abort, [
    buildLibrdkafka(context),
    (async () => {
      report("headers", "Getting the headers of Node.js from npm");
      const log = join(work, "headers.log");
      const headers = await ensureHeaders(machine, { cache, work, log });
      report("addon", "Compiling the compatibility library and the addon");
      await compileAddon(context, headers);
    })(),
  ]);
  report("link", "Linking the addon");
  await linkAddon(context);
}

/** librdkafka as static archives; TLS, SASL, zstd where their -dev packages are. */
async function buildLibrdkafka(context: Build): Promise<void> {
  const { sources, work, report } = context;
  const source = join(work, "librdkafka");
  cpSync(join(sources.client, "deps/librdkafka"), source, {
    recursive: true,
    filter: (path) =>
      !NOT_BUILT.has(basename(path)) || dirname(path) !== join(sources.client, "deps/librdkafka"),
  });
  const log = join(work, "librdkafka.log");
  const hint = "librdkafka must be configurable with this compiler";
  const configure = ["./configure", "--disable-gssapi", "--disable-debug-symbols"];
  await run(context, ["bash", ...configure], { cwd: source, log, hint });
  report("librdkafka", "Compiling librdkafka");
  for (const [folder, archive] of [
    ["src", "librdkafka.a"],
    ["src-cpp", "librdkafka++.a"],
  ] as const) {
    await run(
      context,
      [context.toolchain.make, `-j${availableParallelism()}`, "-C", folder, archive],
      {
        cwd: source,
        log,
        hint: "librdkafka must compile; a C++ compiler and make of the last years are enough",
      },
    );
  }
}

const NOT_BUILT = new Set(["tests", "examples", "win32"]);

/** One object file for each source of the compatibility library and of the addon. */
async function compileAddon(context: Build, headers: string): Promise<void> {
  const { sources, toolchain, work } = context;
  const rdkafka = join(sources.client, "deps/librdkafka");
  const common = ["-std=c++20", "-O2", "-fPIC", "-c"];
  const library = [
    ...common,
    "-Wall",
    "-Wextra",
    "-Wno-unused-parameter",
    "-Wno-cast-function-type",
  ];
  const includes = [`-I${headers}`, `-I${sources.nan}`, `-I${sources.client}`];
  const addon = [
    ...common,
    "-w",
    "-include",
    join(import.meta.dir, "addon.h"),
    ...includes,
    `-I${join(rdkafka, "src")}`,
    `-I${join(rdkafka, "src-cpp")}`,
    "-DNODE_GYP_MODULE_NAME=confluent-kafka-javascript",
    "-DBUILDING_NODE_EXTENSION",
  ];
  const log = join(work, "addon.log");
  const compile = (flags: string[], source: string, object: string) =>
    run(context, [toolchain.cxx, ...flags, source, "-o", object], {
      cwd: work,
      log,
      hint: "a compiler for C++20 is needed (GCC 10 or Clang 12, or newer)",
    });
  for (const source of LIBRARY_SOURCES) {
    const flags = [...library, "-isystem", headers];
    await compile(flags, join(import.meta.dir, source), join(work, `library-${source}.o`));
  }
  for (const source of addonSources(sources)) {
    await compile(addon, join(sources.client, "src", source), join(work, `addon-${source}.o`));
  }
  await compile(addon, join(import.meta.dir, ADDON_SOURCE), join(work, `addon-${ADDON_SOURCE}.o`));
}

const LIBRARY_SOURCES = ["shim.cc", "persistent.cc", "uv.cc", "packed.cc"] as const;
/** Part of this project, but linked into the addon, and first: its definitions count. */
const ADDON_SOURCE = "addon_packing.cc";

const addonSources = (sources: ClientSources): string[] =>
  readdirSync(join(sources.client, "src")).filter((file) => file.endsWith(".cc"));

/** The library first, then the addon against it. */
async function linkAddon(context: Build): Promise<void> {
  const { sources, toolchain, work } = context;
  const out = join(work, "out");
  const options = {
    cwd: work,
    log: join(work, "link.log"),
    hint: "a linker that knows --wrap is needed (GNU ld or lld)",
  };
  // nodelete: its threads may outlive the Worker that loaded it.
  const flags = ["-shared", `-Wl,-soname,${LIBRARY}`, "-Wl,-z,nodelete", ...wraps("api_internal")];
  const objects = LIBRARY_SOURCES.map((source) => `library-${source}.o`);
  const library = [...flags, ...objects, "-o", join(out, LIBRARY), "-lpthread"];
  await run(context, [toolchain.cxx, ...library], options);
  const addon = [
    "-shared",
    ...wraps(""),
    "-Wl,--allow-multiple-definition",
    ...[ADDON_SOURCE, ...addonSources(sources)].map((source) => `addon-${source}.o`),
    "librdkafka/src-cpp/librdkafka++.a",
    "librdkafka/src/librdkafka.a",
    ...linkedLibraries(join(work, "librdkafka/Makefile.config")),
    "-Wl,--no-as-needed",
    `-L${out}`,
    "-lbuncompat",
    "-Wl,--as-needed",
    // Both files move together, and a process that loads the addon alone finds the library.
    "-Wl,-rpath,$ORIGIN",
    "-o",
    join(out, ADDON),
  ];
  await run(context, [toolchain.cxx, ...addon], options);
}

/** Linker flags that turn the addon's references into those of the library; see compat.h. */
function wraps(part: string): string[] {
  const symbols = readFileSync(join(import.meta.dir, "wrapped-symbols.txt"), "utf8");
  return symbols
    .split("\n")
    .filter((symbol) => symbol !== "" && symbol.includes(part))
    .map((symbol) => `-Wl,--wrap=${symbol}`);
}

/** What librdkafka's configure found, e.g. -lssl -lz. */
function linkedLibraries(makefile: string): string[] {
  return readFileSync(makefile, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("LIBS+="))
    .flatMap((line) => line.slice("LIBS+=".length).trim().split(/\s+/))
    .filter((flag) => flag !== "");
}

function run(
  context: Build,
  command: readonly string[],
  options: { cwd: string; log: string; hint: string },
): Promise<void> {
  const environment = buildEnvironment(context.machine, context.toolchain);
  appendFileSync(options.log, `$ ${command.join(" ")}\n`);
  const { signal } = context.abort;
  return runLogged(command, { ...options, environment, signal, timeoutMs: STEP_MS_MAX });
}

/** Name of the build's folder: another client, Bun or library has another one. */
function buildKey(machine: Machine, sources: ClientSources): string {
  const hash = new Bun.CryptoHasher("sha256");
  for (const file of readdirSync(import.meta.dir).sort()) {
    // The build's code, too: flags and the order of linking decide what takes effect.
    if (!/\.(cc|h|txt)$/.test(file) && file !== "build.ts") continue;
    hash.update(file).update(readFileSync(join(import.meta.dir, file)));
  }
  const library = hash.digest("hex").slice(0, 12);
  return `kafka-${sources.version}-bun-${machine.bunVersion}-${machine.arch}-${library}`;
}

/** Folders of builds that were killed, or that failed earlier; the caller holds the lock. */
function removeLeftovers(target: string): void {
  const prefix = `${basename(target)}.`;
  for (const entry of readdirSync(dirname(target))) {
    if (!entry.startsWith(prefix) || !entry.endsWith(".building")) continue;
    rmSync(join(dirname(target), entry), { recursive: true, force: true });
  }
}

function progressReporter(onProgress: (progress: BuildProgress) => void): Build["report"] {
  const startedAt = performance.now();
  let last = "";
  return (stage, message) => {
    if (message === last) return; // Waiting reports at every look.
    last = message;
    onProgress({ stage, message, elapsedMs: performance.now() - startedAt });
  };
}

/** Not to the log: the build runs before there is one, while a person waits. */
function printProgress({ message, elapsedMs }: BuildProgress): void {
  process.stderr.write(`[${(elapsedMs / 1000).toFixed(0).padStart(3)} s] ${message}\n`);
}
