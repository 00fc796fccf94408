/** Runs a program to its end and keeps what it said. */
import type { Env } from "./java.ts";

/** What a program that has ended left behind. */
export interface CommandResult {
  readonly exitCode: number;
  /** Both outputs, errors last. */
  readonly output: string;
}

/** How to run it. */
export interface CommandOptions {
  readonly env: Env;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A program that takes longer is killed (ms): each of ours takes a second or two. */
const COMMAND_MS_MAX = 120_000;

/** Runs the program; a failure is an exit code, not an exception. */
export async function runCommand(
  command: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const child = Bun.spawn({
    cmd: [...command],
    env: { ...options.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: COMMAND_MS_MAX,
    ...(options.cwd ? { cwd: options.cwd } : {}),
    ...options.user,
  });
  const [out, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { exitCode: await child.exited, output: out + errors };
}
