/**
 * What the build of the Kafka client needs from this machine, and where the
 * client's sources are. Each missing piece is an error that names it and what to
 * install.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { PipelineError } from "../../error.ts";

/** Versions of Bun whose handle layout the compatibility library knows (persistent.cc). */
export const KNOWN_BUN_VERSIONS: readonly string[] = ["1.4.5"];

/** The machine as the build sees it; tests replace parts of it. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly bunVersion: string;
  /** Version of Node.js that Bun claims to be, without the "v": its headers are needed. */
  readonly nodeVersion: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Programs the build calls, as absolute paths. */
export interface Toolchain {
  readonly cxx: string;
  readonly cc: string;
  readonly make: string;
}

/** Where the unchanged sources lie. */
export interface ClientSources {
  readonly version: string;
  /** Folder of @confluentinc/kafka-javascript. */
  readonly client: string;
  /** Folder of its dependency `nan`. */
  readonly nan: string;
}

/** This machine. */
export function thisMachine(): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    bunVersion: Bun.version,
    nodeVersion: process.versions.node,
    environment: process.env,
  };
}

/**
 * Refuses a machine for which there is no tested build.
 *
 * @throws {PipelineError} `client_unavailable`.
 */
export function requireSupported(machine: Machine): void {
  const { platform, arch, bunVersion } = machine;
  if (platform !== "linux" || (arch !== "x64" && arch !== "arm64")) {
    throw unavailable(
      `this platform is "${platform}-${arch}", it must be "linux-x64" or "linux-arm64"`,
    );
  }
  if (!KNOWN_BUN_VERSIONS.includes(bunVersion)) {
    throw unavailable(
      `Bun ${bunVersion} is unknown to the compatibility library, it must be one of ` +
        `${KNOWN_BUN_VERSIONS.join(", ")} (npx -y bun@${KNOWN_BUN_VERSIONS[0]} run ...)`,
    );
  }
}

/**
 * Finds the programs of the build.
 *
 * @throws {PipelineError} `client_unavailable`, naming the first that is missing.
 */
export function findToolchain(machine: Machine): Toolchain {
  const cxx = findProgram(machine, "g++") ?? findProgram(machine, "clang++");
  if (cxx === null) {
    throw unavailable(
      'no C++ compiler was found, "g++" or "clang++" must be installed ' +
        "(Debian, Ubuntu: apt-get install build-essential; Fedora: dnf install gcc-c++ make)",
    );
  }
  const cc = findProgram(
    machine,
    cxx.endsWith("g++") && !cxx.endsWith("clang++") ? "gcc" : "clang",
  );
  if (cc === null) {
    throw unavailable(`no C compiler was found beside "${cxx}", it must be installed`);
  }
  for (const program of ["make", "bash", "tar"]) {
    if (findProgram(machine, program) === null) {
      throw unavailable(
        `"${program}" was not found, it must be installed ` +
          `(Debian, Ubuntu: apt-get install ${program}; Fedora: dnf install ${program})`,
      );
    }
  }
  return { cxx, cc, make: findProgram(machine, "make") ?? "make" };
}

/** Absolute path of a program in the machine's PATH, or null. */
export function findProgram(machine: Machine, name: string): string | null {
  return Bun.which(name, { PATH: machine.environment["PATH"] ?? "" });
}

/**
 * Finds the client and its dependency `nan`: beside it in Bun's isolated
 * install, above it in a hoisted one.
 *
 * @throws {PipelineError} `client_unavailable` when they are not installed.
 */
export function findSources(): ClientSources {
  try {
    const manifest = createRequire(import.meta.url).resolve(
      "@confluentinc/kafka-javascript/package.json",
    );
    const nan = createRequire(manifest).resolve("nan/package.json");
    const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
    return { version, client: dirname(manifest), nan: dirname(nan) };
  } catch (cause) {
    throw unavailable('its sources are not installed, "bun install" must have run', { cause });
  }
}

/** The user's cache folder for this project, outside of the checkout: builds outlive clones. */
export function cacheFolder(machine: Machine): string {
  const { XDG_CACHE_HOME, HOME } = machine.environment;
  const isUsable = XDG_CACHE_HOME !== undefined && XDG_CACHE_HOME.startsWith("/");
  const base = isUsable ? XDG_CACHE_HOME : join(HOME || homedir(), ".cache");
  return join(base, "tally");
}

/** The environment of compilers: flags meant for other builds break librdkafka's configure. */
export function buildEnvironment(machine: Machine, toolchain: Toolchain): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(machine.environment)) {
    if (value !== undefined && !FLAGS_OF_OTHERS.has(name)) environment[name] = value;
  }
  return { ...environment, CC: toolchain.cc, CXX: toolchain.cxx, LC_ALL: "C" };
}

const FLAGS_OF_OTHERS = new Set([
  "CFLAGS",
  "CPPFLAGS",
  "CXXFLAGS",
  "LDFLAGS",
  "LIBS",
  "MAKEFLAGS",
  "MAKELEVEL",
  "MFLAGS",
]);

/** The one error of this folder: why the Kafka client cannot be loaded. */
export function unavailable(reason: string, options?: { cause?: unknown }): PipelineError {
  return new PipelineError(
    "client_unavailable",
    `Cannot load the Kafka client: ${reason}`,
    options,
  );
}

/** Whether a file or folder is there. */
export const isPresent = existsSync;
