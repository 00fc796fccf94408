/**
 * Programs of others against both interfaces: Schemathesis sends what the OpenAPI
 * documents allow and forbid, clients of openapi-python-client make every call, and
 * libraries for Python send events over a kill of ingest.
 */
import { runCommand, type Env } from "@tally/shared";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { System } from "../system/system.ts";
import { fillSystem } from "./fill.ts";
import { SCHEMATHESIS_HOOKS, schemathesisCommand, strangerCommand } from "./schemathesis.ts";
import { createSystemKey } from "./system_key.ts";
import { checkSenders } from "./senders.ts";

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
const PROGRAMS = [
  "schemathesis==4.32.5",
  "openapi-python-client==0.29.1",
  "segment-analytics-python==2.4.0",
  "cloudevents==2.2.0",
];
const CLIENTS = join(import.meta.dir, "clients.py");
/** 1,000 examples for each of twenty operations take about this long. // chosen */
const RUN_MS_MAX = 3_600_000;

/** Makes the folder with the Python programs. It needs Python 3.10 with `venv`. */
export async function installPrograms(options: CheckOptions): Promise<boolean> {
  const { venv, onLine } = options;
  const list = Bun.file(join(venv, "installed"));
  if ((await list.exists()) && (await list.text()) === PROGRAMS.join("\n")) return true;
  onLine(`Installing ${PROGRAMS.join(", ")} in ${venv}.`);
  await mkdir(venv, { recursive: true });
  const pip = join(venv, "bin", "pip");
  const isMade =
    (await Bun.file(pip).exists()) || (await run(["python3", "-m", "venv", venv], options));
  const isDone = isMade && (await run([pip, "install", "-q", ...PROGRAMS], options));
  if (isDone) await list.write(PROGRAMS.join("\n"));
  return isDone;
}

/** Runs everything against a system with keys off. @returns What failed; empty: nothing. */
export async function checkOpen(system: System, options: CheckOptions): Promise<string[]> {
  const python = join(options.venv, "bin", "python");
  const failed = await checkSenders(system, python, (command, onLine) =>
    run(command, {
      ...options,
      onLine(line) {
        onLine(line);
        options.onLine(line);
      },
    }),
  );
  const ids = await fillSystem(system);
  const urls = urlsOf(system);
  for (const [name, url] of Object.entries(urls)) {
    if (!(await makeClient(name, url, options))) failed.push(`generating the client of ${name}`);
  }
  const called = [python, CLIENTS, urls.ingest, urls.processor, ids.event, ids.letter];
  if (!(await run(called, options))) failed.push("calls of the clients");
  for (const [name, url] of Object.entries(urls)) {
    const isGood = await run(schemathesisCommand(url, options), options);
    if (!isGood) failed.push(`Schemathesis on ${name}`);
  }
  return failed;
}

/** Runs Schemathesis against a system with keys on, with a key and without. */
export async function checkKeyed(system: System, options: CheckOptions): Promise<string[]> {
  const key = await createSystemKey(system, ["write", "read", "operate"]);
  await fillSystem(system, key);
  const failed: string[] = [];
  for (const [name, url] of Object.entries(urlsOf(system))) {
    const isGood = await run(schemathesisCommand(url, { ...options, key }), options);
    if (!isGood) failed.push(`Schemathesis with a key on ${name}`);
    const isClosed = await run(strangerCommand(url, options), options);
    if (!isClosed) failed.push(`Schemathesis without a key on ${name}`);
  }
  return failed;
}

function urlsOf({ ingests, processors }: System): { ingest: string; processor: string } {
  return { ingest: ingests[0].url, processor: processors[0].url };
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
  const own = {
    ...env,
    PATH: path,
    PYTHONPATH: venv,
    PYTHONUNBUFFERED: "1",
    SCHEMATHESIS_HOOKS,
  };
  return (
    (await runCommand(command, { env: own, onLine, msMax: RUN_MS_MAX, cwd: venv })).exitCode === 0
  );
}
