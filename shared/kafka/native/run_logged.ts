/** Runs one program of the build with its output in the build's log. */
import { closeSync, openSync, readFileSync } from "node:fs";
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
  /** What must be there for this program to succeed. */
  readonly hint: string;
}

/**
 * Resolves when the program ended with 0.
 *
 * @throws {PipelineError} `client_unavailable` with the last lines of the log and the hint.
 */
export async function runLogged(command: readonly string[], options: RunOptions): Promise<void> {
  const output = openSync(options.log, "a");
  let exitCode: number | null = null;
  try {
    const child = Bun.spawn([...command], {
      cwd: options.cwd,
      env: options.environment,
      stdin: "ignore",
      stdout: output,
      stderr: output,
      timeout: options.timeoutMs,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    await child.exited;
    exitCode = child.exitCode;
  } catch (cause) {
    throw unavailable(`"${command[0]}" can't be started; ${options.hint}`, { cause });
  } finally {
    closeSync(output);
  }
  if (exitCode === 0) return;
  const ending = exitCode === null ? "was ended" : `ended with ${exitCode}`;
  throw unavailable(
    `"${command[0]}" ${ending}; ${options.hint}\n${lastLines(options.log)}\n(all of it: ${options.log})`,
  );
}

/** Waits for all, also when one fails: no compiler may outlive its folder. */
export async function allOrNone(
  abort: AbortController,
  parts: readonly Promise<void>[],
): Promise<void> {
  const failures: unknown[] = [];
  const onFailure = (error: unknown): void => {
    failures.push(error);
    abort.abort();
  };
  await Promise.all(parts.map((part) => part.catch(onFailure)));
  if (failures.length > 0) throw failures[0];
}

function lastLines(path: string): string {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines
    .slice(-LOG_LINES_SHOWN_MAX)
    .map((line) => `  | ${line}`)
    .join("\n");
}
