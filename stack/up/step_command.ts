/** A command that is one step of a start: shows its last line, ends with everything it began. */
import { StackError } from "../machine/error.ts";
import type { Env } from "../machine/command.ts";
import { signalProcess } from "../machine/process_table.ts";

/** A step's command line and its surroundings. */
export interface StepCommand {
  readonly command: readonly string[];
  readonly folder: string;
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** Lines kept for the error message. */
const LINES_MAX = 20;

/**
 * Resolves when the command has succeeded. @throws {StackError} `command_failed`, with its last
 * lines.
 */
export async function runStep(step: StepCommand): Promise<void> {
  step.signal.throwIfAborted();
  const child = Bun.spawn({
    cmd: [...step.command],
    cwd: step.folder,
    env: { ...step.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    // A group of its own, so that compilers end together with the step.
    detached: true,
  });
  const abort = () => signalProcess(-child.pid, "SIGTERM");
  step.signal.addEventListener("abort", abort, { once: true });
  process.once("exit", abort);
  const last: string[] = [];
  const onLine = (line: string) => {
    last.push(line);
    if (last.length > LINES_MAX) last.shift();
    step.onLine(line);
  };
  await Promise.all([eachLine(child.stdout, onLine), eachLine(child.stderr, onLine)]);
  const exitCode = await child.exited;
  step.signal.removeEventListener("abort", abort);
  process.off("exit", abort);
  step.signal.throwIfAborted();
  if (exitCode !== 0) throw new StackError("command_failed", last.join("\n"));
}

async function eachLine(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") onLine(line);
  }
  if (rest.trim() !== "") onLine(rest);
}
