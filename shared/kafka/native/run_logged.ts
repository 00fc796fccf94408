/** Runs one program of the build with its output in the build's log. */
import { readFileSync } from "node:fs";
import { runCommand, type CommandResult } from "../../process/command.ts";
import { unavailable } from "./toolchain.ts";

/** Lines of the log that an error shows. */
const LOG_LINES_SHOWN_MAX = 20;

export interface RunOptions {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** File that output is appended to. */
  readonly log: string;
  readonly timeoutMs: number;
  /** Ends the program early. */
  readonly signal?: AbortSignal;
  /** What this program needs to succeed. */
  readonly hint: string;
}

/**
 * Resolves when the program ended with 0.
 *
 * @throws {PipelineError} `client_unavailable` with the last lines of the log and the hint.
 */
export async function runLogged(command: readonly string[], options: RunOptions): Promise<void> {
  const { cwd, environment: env, log: logPath, timeoutMs: msMax, signal, hint } = options;
  let result: CommandResult;
  try {
    result = await runCommand(command, { cwd, env, logPath, msMax, ...(signal && { signal }) });
  } catch (cause) {
    throw unavailable(`"${command[0]}" can't be started; ${hint}`, { cause });
  }
  const { exitCode } = result;
  if (exitCode === 0) return;
  const ending = exitCode > 128 ? "was ended" : `ended with ${exitCode}`;
  throw unavailable(
    `"${command[0]}" ${ending}; ${hint}\n${lastLines(logPath)}\n(all of it: ${logPath})`,
  );
}

function lastLines(path: string): string {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines
    .slice(-LOG_LINES_SHOWN_MAX)
    .map((line) => `  | ${line}`)
    .join("\n");
}
