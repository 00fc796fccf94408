/**
 * The processes of this machine. Servers are recognised by their command line
 * (the folder of their data), never by a remembered pid alone: the system gives
 * a pid to another process as soon as its owner has ended.
 */
import { readdir, readFile } from "node:fs/promises";

import { eventually, sleep, runCommand } from "@tally/shared";

/** One running process. */
export interface RunningProcess {
  readonly pid: number;
  readonly argv: readonly string[];
}

/** Every process whose command line this user may read, this process left out. */
export async function runningProcesses(): Promise<RunningProcess[]> {
  const found = process.platform === "linux" ? await readProc() : await askPs();
  return found.filter(({ pid }) => pid !== process.pid);
}

/** The parent of a process, or null when it has none that can be seen. */
export async function parentOf(pid: number): Promise<RunningProcess | null> {
  const parent = process.platform === "linux" ? await parentInProc(pid) : await parentByPs(pid);
  if (parent === null || parent <= 1) return null;
  if (parent === process.pid) return { pid: parent, argv: process.argv };
  return (await runningProcesses()).find((each) => each.pid === parent) ?? null;
}

/**
 * Whether the process exists and still runs. A zombie is gone, as it holds no file or port; one
 * whose other threads are still ending is not, as they hold them all.
 */
export async function isRunning(pid: number): Promise<boolean> {
  if (process.platform !== "linux") return canSignal(pid);
  const stat = await readStat(pid);
  if (stat === null) return false;
  return stat.threads > 1 || (stat.state !== "Z" && stat.state !== "X");
}

/**
 * Ends processes: the gentle signal first, SIGKILL for those still there after `msMax`.
 *
 * @returns The pids that had to be killed.
 */
export async function endProcesses(
  pids: readonly number[],
  options: { signal: NodeJS.Signals; msMax: number },
): Promise<number[]> {
  for (const pid of pids) signalProcess(pid, options.signal);
  await eventually(async () => (await stillRunning(pids)).length === 0, options.msMax);
  const stubborn = await stillRunning(pids);
  for (const pid of stubborn) signalProcess(pid, "SIGKILL");
  await eventually(async () => (await stillRunning(stubborn)).length === 0, KILL_MS_MAX);
  return stubborn;
}

/** Sends a signal; false when the process is gone already. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // ESRCH: it ended between the look and the signal, as wanted.
    return false;
  }
}

/** Longest time that the kernel needs to end a killed process (ms); chosen. */
const KILL_MS_MAX = 5_000;

async function stillRunning(pids: readonly number[]): Promise<number[]> {
  const running = await Promise.all(pids.map(isRunning));
  return pids.filter((_, index) => running[index]);
}

async function readProc(): Promise<RunningProcess[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const processes = await Promise.all(
    names.map(async (name) => ({ pid: Number(name), argv: await readArguments(Number(name)) })),
  );
  return processes.filter(({ argv }) => argv.length > 0);
}

/** Reads of a command line that a starting process does not have yet; 1 ms apart, chosen. */
const LOOKS_MAX = 20;

/** The command line; empty for a kernel thread, a zombie, or a process that is gone. */
async function readArguments(pid: number): Promise<string[]> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line !== "") return line.split("\0").slice(0, -1);
    // A process with memory is between the loading of its program and its first instruction.
    if (((await readStat(pid))?.memoryBytes ?? 0) === 0) return [];
    await sleep(1);
  }
  return [];
}

async function parentInProc(pid: number): Promise<number | null> {
  return (await readStat(pid))?.parent ?? null;
}

/** The fields of `/proc/<pid>/stat` that are used here. */
interface ProcessStat {
  readonly state: string;
  readonly parent: number;
  readonly threads: number;
  /** Virtual memory; 0 without an address space. */
  readonly memoryBytes: number;
}

async function readStat(pid: number): Promise<ProcessStat | null> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The third field and later: those after the name, which is in parentheses and may hold anything.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [state, parent, threads, memory] = [fields[0], fields[1], fields[17], fields[20]];
  if (state === undefined || memory === undefined) return null;
  return {
    state,
    parent: Number(parent),
    threads: Number(threads),
    memoryBytes: Number(memory),
  };
}

async function parentByPs(pid: number): Promise<number | null> {
  const command = ["ps", "-o", "ppid=", "-p", String(pid)];
  const { output } = await runCommand(command, { env: process.env });
  return Number(output.trim()) || null;
}

async function askPs(): Promise<RunningProcess[]> {
  const command = ["ps", "-axww", "-o", "pid=,command="];
  const { output } = await runCommand(command, { env: process.env });
  return output.split("\n").flatMap((line) => {
    const [pid, ...argv] = line.trim().split(/\s+/);
    return pid ? [{ pid: Number(pid), argv }] : [];
  });
}

function canSignal(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it exists, but belongs to another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
