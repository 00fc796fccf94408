/**
 * Who is running on this machine. Servers are recognised by what stands on
 * their command line (the folder of their data), never by a remembered pid
 * alone: a pid is given to somebody else as soon as its owner is gone.
 */
import { readdir, readFile } from "node:fs/promises";

import { runCommand } from "./command.ts";
import { eventually } from "./deadline.ts";

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

/** The process above another one; null when it has none that can be seen. */
export async function parentOf(pid: number): Promise<RunningProcess | null> {
  const parent = process.platform === "linux" ? await parentInProc(pid) : await parentByPs(pid);
  if (parent === null || parent <= 1) return null;
  if (parent === process.pid) return { pid: parent, argv: process.argv };
  return (await runningProcesses()).find((each) => each.pid === parent) ?? null;
}

/** Whether the process exists and still runs; a zombie is gone, as it holds no file or port. */
export async function isRunning(pid: number): Promise<boolean> {
  if (process.platform !== "linux") return canSignal(pid);
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The state letter follows the name, which is in parentheses and may hold anything.
  const state = stat.slice(stat.lastIndexOf(")") + 2)[0];
  return state !== undefined && state !== "Z" && state !== "X";
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
    // ESRCH: it ended between the look and the signal, which is what was wanted.
    return false;
  }
}

/** The kernel needs this long at most to take a killed process down (ms); chosen. */
const KILL_MS_MAX = 5_000;

async function stillRunning(pids: readonly number[]): Promise<number[]> {
  const running = await Promise.all(pids.map(isRunning));
  return pids.filter((_, index) => running[index]);
}

async function readProc(): Promise<RunningProcess[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const processes = await Promise.all(
    names.map(async (name) => {
      // Processes come and go while this reads; an empty line is a kernel thread or a zombie.
      const line = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
      return { pid: Number(name), argv: line.split("\0").slice(0, -1) };
    }),
  );
  return processes.filter(({ argv }) => argv.length > 0);
}

async function parentInProc(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // After the name in parentheses: the state, then the parent.
  const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  return Number.isSafeInteger(parent) ? parent : null;
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
