/** Runs a program to its end and keeps what it said. */

/** Environment variables, as `Bun.env` gives them. */
export type Env = Readonly<Record<string, string | undefined>>;

/** What a program that has ended left behind. */
export interface CommandResult {
  readonly exitCode: number;
  /** What it printed. */
  readonly text: string;
  /** What it wrote to its standard error. */
  readonly problems: string;
  /** Both outputs, errors last. */
  readonly output: string;
}

/** How to run it. */
export interface CommandOptions {
  readonly env: Env;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** It is killed after this long, ms; absent: two minutes. */
  readonly msMax?: number;
}

/** Chosen, ms: most programs of ours take a second or two. */
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
    timeout: options.msMax ?? COMMAND_MS_MAX,
    ...(options.cwd ? { cwd: options.cwd } : {}),
    ...options.user,
  });
  const [text, problems, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, text, problems, output: text + problems };
}
