/** Runs a program to its end and keeps its output. */
import { closeSync, openSync } from "node:fs";

/** Environment variables by name, as `Bun.env` has them. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The end of a program. */
export interface CommandResult {
  /** 128 + the signal's number when a signal ended it. */
  readonly exitCode: number;
  /** Its standard output; empty when it went to `logPath`. */
  readonly text: string;
  /** Its standard error; empty when it went to `logPath`. */
  readonly problems: string;
  /** Both outputs, errors last. */
  readonly output: string;
}

/** How to run it. */
export interface CommandOptions {
  readonly env: Env;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** It gets SIGTERM after this long, ms; two minutes when absent. */
  readonly msMax?: number;
  /** Ends it early, with SIGTERM. */
  readonly signal?: AbortSignal;
  /** Its standard input; nothing when absent. */
  readonly input?: string;
  /** Both outputs are appended to this file instead of being kept. */
  readonly logPath?: string;
  /** Called for each line of both outputs that is not empty, as it comes. */
  readonly onLine?: (line: string) => void;
  /** Runs it as the leader of a process group of its own, whose id the caller gets. */
  readonly onGroup?: (pid: number) => void;
}

/** Default deadline, ms; chosen: most programs that we run take a second or two. */
const COMMAND_MS_MAX = 120_000;

/**
 * Runs the program; a failure is an exit code, not an exception.
 *
 * @throws {Error} When the program cannot be started at all.
 */
export async function runCommand(
  command: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const { env, cwd, user, signal, input, logPath, onLine, onGroup } = options;
  const output = logPath === undefined ? "pipe" : openSync(logPath, "a");
  try {
    const child = Bun.spawn({
      cmd: [...command],
      env: { ...env },
      stdin: input === undefined ? "ignore" : Buffer.from(input),
      stdout: output,
      stderr: output,
      timeout: options.msMax ?? COMMAND_MS_MAX,
      detached: onGroup !== undefined,
      ...(cwd !== undefined && { cwd }),
      ...(signal !== undefined && { signal }),
      ...user,
    });
    onGroup?.(child.pid);
    const [text, problems, exitCode] = await Promise.all([
      readText(child.stdout, onLine),
      readText(child.stderr, onLine),
      child.exited,
    ]);
    return { exitCode, text, problems, output: text + problems };
  } finally {
    if (output !== "pipe") closeSync(output);
  }
}

/** The lines of a stream without their line ends; the last one may lack its end. */
export async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** The text of an output that is piped. */
async function readText(
  output: ReadableStream<Uint8Array> | number | undefined,
  onLine: CommandOptions["onLine"],
): Promise<string> {
  if (!(output instanceof ReadableStream)) return "";
  if (onLine === undefined) return await new Response(output).text();
  const lines: string[] = [];
  for await (const line of readLines(output)) {
    lines.push(`${line}\n`);
    if (line.trim() !== "") onLine(line);
  }
  return lines.join("");
}
