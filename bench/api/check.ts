/**
 * Programs of others against both interfaces: Schemathesis sends what the OpenAPI
 * documents allow and forbid, and clients of openapi-python-client make every call.
 */
import { runCommand, type Env } from "@tally/shared";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { System } from "../system/system.ts";
import { fillSystem } from "./fill.ts";

/** What to run, and how much of it. */
export interface CheckOptions {
  /** A folder for the Python programs; made and filled when it is absent. */
  readonly venv: string;
  /** Examples that Schemathesis makes for an operation. */
  readonly examples: number;
  readonly seed: number;
  /** What the programs inherit. */
  readonly env: Env;
  /** Receives each line of progress. */
  readonly onLine: (line: string) => void;
}

/** Versions as they were tried. */
const PROGRAMS = ["schemathesis==4.32.5", "openapi-python-client==0.29.1"];
const CONFIG = join(import.meta.dir, "schemathesis.toml");
const CLIENTS = join(import.meta.dir, "clients.py");
/** 1,000 examples for each of twenty operations take about this long. // chosen */
const RUN_MS_MAX = 3_600_000;

/** Makes the folder with the Python programs. It needs Python 3.10 with `venv`. */
export async function installPrograms(options: CheckOptions): Promise<boolean> {
  const { venv, onLine } = options;
  if (await Bun.file(join(venv, "bin", "schemathesis")).exists()) return true;
  onLine(`Installing ${PROGRAMS.join(", ")} in ${venv}.`);
  await mkdir(venv, { recursive: true });
  const made = await run(["python3", "-m", "venv", venv], options);
  return made && (await run([join(venv, "bin", "pip"), "install", "-q", ...PROGRAMS], options));
}

/** Runs everything against a system. @returns What failed; empty when nothing did. */
export async function checkApis(system: System, options: CheckOptions): Promise<string[]> {
  const ids = await fillSystem(system);
  const urls = { ingest: system.ingests[0].url, processor: system.processors[0].url };
  const failed: string[] = [];
  for (const [name, url] of Object.entries(urls)) {
    if (!(await makeClient(name, url, options))) failed.push(`generating the client of ${name}`);
  }
  const python = join(options.venv, "bin", "python");
  const called = [python, CLIENTS, urls.ingest, urls.processor, ids.event, ids.letter];
  if (!(await run(called, options))) failed.push("calls of the clients");
  for (const [name, url] of Object.entries(urls)) {
    if (!(await run(schemathesisCommand(url, options), options))) {
      failed.push(`Schemathesis on ${name}`);
    }
  }
  return failed;
}

/** Schemathesis with all checks, in both modes. */
function schemathesisCommand(url: string, { venv, examples, seed }: CheckOptions): string[] {
  const checks = ["--checks", "all", "--mode", "all", "--continue-on-failure"];
  const amount = ["--max-examples", String(examples), "--seed", String(seed)];
  const program = join(venv, "bin", "schemathesis");
  return [program, "--config-file", CONFIG, "run", `${url}/openapi.json`, ...checks, ...amount];
}

function makeClient(name: string, url: string, options: CheckOptions): Promise<boolean> {
  const { venv } = options;
  const folder = join(venv, `tally_${name}_client`);
  const command = [join(venv, "bin", "openapi-python-client"), "generate"];
  const target = ["--meta", "none", "--output-path", folder, "--overwrite"];
  return run([...command, "--url", `${url}/openapi.json`, ...target], options);
}

/** Runs a program and hands on its lines. @returns Whether it ended well. */
async function run(
  command: readonly string[],
  { env, venv, onLine }: CheckOptions,
): Promise<boolean> {
  onLine(`$ ${command.join(" ")}`);
  const path = `${join(venv, "bin")}:${env.PATH ?? ""}`;
  const own = { ...env, PATH: path, PYTHONPATH: venv, PYTHONUNBUFFERED: "1" };
  return (
    (await runCommand(command, { env: own, onLine, msMax: RUN_MS_MAX, cwd: venv })).exitCode === 0
  );
}
