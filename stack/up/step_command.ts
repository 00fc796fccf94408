/** A command that is one step of a start: shows its last line, ends with everything it began. */
import { runCommand, type Env } from "@tally/shared";

import { StackError } from "../machine/error.ts";
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
/** A build on a slow machine, after a wait for another one (ms); chosen. */
const STEP_MS_MAX = 60 * 60_000;

/**
 * Resolves when the command has succeeded. @throws {StackError} `command_failed`, with its last
 * lines.
 */
export async function runStep(step: StepCommand): Promise<void> {
  step.signal.throwIfAborted();
  let group: number | null = null;
  const endGroup = () => {
    if (group !== null) signalProcess(-group, "SIGTERM");
  };
  step.signal.addEventListener("abort", endGroup, { once: true });
  process.once("exit", endGroup);
  const last: string[] = [];
  try {
    const { exitCode } = await runCommand(step.command, {
      cwd: step.folder,
      env: step.env,
      msMax: STEP_MS_MAX,
      // A group of its own, so that compilers end together with the step.
      onGroup: (pid) => {
        group = pid;
      },
      onLine: (line) => {
        last.push(line);
        if (last.length > LINES_MAX) last.shift();
        step.onLine(line);
      },
    });
    step.signal.throwIfAborted();
    if (exitCode !== 0) throw new StackError("command_failed", last.join("\n"));
  } finally {
    step.signal.removeEventListener("abort", endGroup);
    process.off("exit", endGroup);
  }
}
