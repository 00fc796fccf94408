/**
 * `npx` and `bun run` that started this program for the user. When one of them is
 * killed, this program keeps running and no Ctrl-C reaches it any more: then it
 * has to end by itself.
 */
import { isRunning, parentOf, type RunningProcess } from "./process_table.ts";

/** npx, npm, a shell and bun run: there are never more than this many in between. */
const ANCESTORS_MAX = 6;

/** Time between two checks (ms). */
const LOOK_MS = 1_000;

/** Calls back once when a program that launched this one has ended. */
export async function onLauncherGone(callback: () => void): Promise<void> {
  const launchers = await launcherPids();
  if (launchers.length === 0) return;
  const timer = setInterval(async () => {
    const running = await Promise.all(launchers.map(isRunning));
    if (running.every(Boolean)) return;
    clearInterval(timer);
    callback();
  }, LOOK_MS);
  timer.unref();
}

/**
 * Whether a command line is that of `npx` or `bun run`; pure. A shell does not
 * count: a program started in the background outlives it on purpose.
 */
export function isLauncher(argv: readonly string[]): boolean {
  const line = argv.join(" ");
  return (
    /^(npm exec|npx|npm run) |\/npx(-cli\.js)? /.test(line) || /^\S*bun(\.exe)? run /.test(line)
  );
}

async function launcherPids(): Promise<number[]> {
  const found: number[] = [];
  let each: RunningProcess | null = { pid: process.pid, argv: [] };
  for (let depth = 0; depth < ANCESTORS_MAX && each !== null; depth += 1) {
    each = await parentOf(each.pid);
    if (each !== null && isLauncher(each.argv)) found.push(each.pid);
  }
  return found;
}
