/**
 * One server as a child process: launched in a separate session (the terminal's
 * Ctrl-C must not stop it before the services), waited for until it answers,
 * stopped with a deadline, found again when its parent was killed.
 */
import { eventually } from "@tally/shared";
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { StackError } from "./error.ts";
import { endProcesses, runningProcesses, signalProcess } from "./process_table.ts";

/** A command line that starts a server. */
export interface Launch {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  /** Another user to run as; only root can ask for it. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Called after a stop that needed no SIGKILL. */
  onStopped?(): Promise<void>;
}

/** What is specific to one server. */
export interface ServerSpec {
  readonly name: string;
  readonly logPath: string;
  readonly stopSignal: NodeJS.Signals;
  readonly stopMsMax: number;
  readonly readyMsMax: number;
  /** Recognises a process of this server on this folder. */
  isOurs(argv: readonly string[]): boolean;
  /** Aborts a start in progress. */
  readonly signal?: AbortSignal;
  /** Makes what a start needs; may be called again for each start. */
  prepare(): Promise<Launch>;
  isReady(): Promise<boolean>;
}

/** A server that can be stopped and started again on the same port and data. */
export interface Server {
  /** Pid while it runs. */
  readonly pid: number | undefined;
  readonly logPath: string;
  /** Resolves when the server answers. @throws {StackError} `server_ended`, `server_not_ready`. */
  start(): Promise<void>;
  /** Stops gently, then with SIGKILL. */
  stop(): Promise<void>;
  /** Sends SIGKILL at once, for tests of crashes. */
  kill(): Promise<void>;
  /** Ends what an earlier, killed parent left running on the same folder; returns their number. */
  endLeftovers(): Promise<number>;
}

/** Called when a server that was ready ends without having been asked to. */
export type OnEnded = (exitCode: number | null) => void;

/** Makes the handle of a server; nothing runs before `start()`. */
export function createServerProcess(spec: ServerSpec, onEnded?: OnEnded): Server {
  let child: Bun.Subprocess | undefined;
  let expected: Bun.Subprocess | undefined;
  let onStopped: Launch["onStopped"];

  async function start(): Promise<void> {
    if (child !== undefined) return;
    await endLeftovers(spec);
    const launch = await spec.prepare();
    onStopped = launch.onStopped;
    const logStart = openLogEnd(spec.logPath);
    const started = spawnDetached(launch, spec.logPath);
    child = started;
    alive.add(started);
    void started.exited.then((code) => {
      alive.delete(started);
      if (child === started) child = undefined;
      if (expected === started) onEnded?.(code);
    });
    await waitUntilReady(spec, started, logStart).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    expected = started;
  }

  async function stop(): Promise<void> {
    expected = undefined;
    const running = child;
    if (running === undefined) return;
    // It is waited for now, so it must keep this process alive.
    running.ref();
    const how = { signal: spec.stopSignal, msMax: spec.stopMsMax };
    const killed = await endProcesses([running.pid], how);
    await running.exited;
    child = undefined;
    if (killed.length === 0) await onStopped?.();
  }

  async function kill(): Promise<void> {
    expected = undefined;
    const running = child;
    if (running === undefined) return;
    running.ref();
    running.kill("SIGKILL");
    await running.exited;
    child = undefined;
  }

  return {
    start,
    stop,
    kill,
    endLeftovers: () => endLeftovers(spec),
    logPath: spec.logPath,
    get pid() {
      return child?.pid;
    },
  };
}

async function endLeftovers(spec: ServerSpec): Promise<number> {
  const ours = (await runningProcesses()).filter(({ argv }) => spec.isOurs(argv));
  const pids = ours.map(({ pid }) => pid);
  await endProcesses(pids, { signal: spec.stopSignal, msMax: spec.stopMsMax });
  return pids.length;
}

/** Spawns in a new session, output to a file, without keeping this process alive. */
export function spawnDetached(launch: Launch, logPath: string): Bun.Subprocess {
  const log = openSync(logPath, "a", 0o644);
  try {
    const child = Bun.spawn({
      cmd: [...launch.command],
      cwd: launch.folder,
      env: { ...launch.env },
      stdin: "ignore",
      stdout: log,
      stderr: log,
      detached: true,
      ...launch.user,
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** Children of this process that run now. */
const alive = new Set<Bun.Subprocess>();

/** Sends SIGKILL to every child at once, for a user who does not want to wait. */
export function killEverything(): void {
  for (const child of alive) signalProcess(child.pid, "SIGKILL");
}

// A parent that ends without stopping its servers (an exception) ends them, too.
process.on("exit", () => {
  for (const child of alive) signalProcess(child.pid, "SIGTERM");
});

async function waitUntilReady(
  spec: ServerSpec,
  child: Bun.Subprocess,
  logStart: number,
): Promise<void> {
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const ready = await eventually(
    async () => hasEnded() || spec.signal?.aborted || (await spec.isReady()),
    spec.readyMsMax,
  );
  spec.signal?.throwIfAborted();
  const log = () => readLogEnd(spec.logPath, logStart);
  if (hasEnded()) {
    const how = child.signalCode ?? `exit code ${child.exitCode}`;
    const message = `${spec.name} ended while it started (${how}), see ${spec.logPath}\n${log()}`;
    throw new StackError("server_ended", message);
  }
  if (!ready) {
    const seconds = spec.readyMsMax / 1000;
    const message = `${spec.name} did not answer within ${seconds} s, see ${spec.logPath}\n${log()}`;
    throw new StackError("server_not_ready", message);
  }
}

function openLogEnd(logPath: string): number {
  mkdirSync(dirname(logPath), { recursive: true });
  return statSync(logPath, { throwIfNoEntry: false })?.size ?? 0;
}

/** Lines of the log that are shown with an error. */
const LOG_LINES_MAX = 8;

function readLogEnd(logPath: string, start: number): string {
  const lines = readFileSync(logPath).subarray(start).toString("utf8").trim().split("\n");
  return lines.slice(-LOG_LINES_MAX).join("\n");
}
