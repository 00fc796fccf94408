/**
 * `bun run load`: sends events and proves what became of them. Entry point: the
 * only file of the load test that reads the environment, prints and exits.
 */
import { errorCode, wallNow } from "@tally/shared";
import { runCommandLine, type ExitCode } from "@tally/shared/terminal/command_line";
import { createProgress } from "@tally/shared/terminal/progress";
import { findServices } from "@tally/processor/commands/services";

import { parseLoadArguments, type LoadOptions } from "./load/options.ts";
import { reportLoad } from "./load/report.ts";
import { runLoad, Unreachable, type LoadResult } from "./load/run.ts";

if (import.meta.main) {
  process.exit(await runCommandLine(parseLoadArguments(Bun.argv.slice(2)), load));
}

async function load(options: LoadOptions): Promise<ExitCode> {
  try {
    const { text, exitCode } = reportLoad(await loadShown(options));
    console.log(text);
    return exitCode;
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof Unreachable) {
      console.error(`${message}\nIs it running? "bun run up" starts everything.`);
      return 2;
    }
    console.error(
      errorCode(error) === "internal" ? `Cannot finish the load test: ${message}` : message,
    );
    return 1;
  }
}

/** Runs the load test, and shows its progress on stderr: stdout holds the report only. */
async function loadShown(options: LoadOptions): Promise<LoadResult> {
  const stop = new AbortController();
  // The first Ctrl-C ends the sending, and what was sent is counted; the second one ends all.
  process.once("SIGINT", () => stop.abort());
  const progress = createProgress({ stream: process.stderr });
  try {
    return await runLoad(options, {
      services: findServices(Bun.env),
      progress,
      signal: stop.signal,
      run: Bun.randomUUIDv7("hex").replaceAll("-", ""),
      nowMs: wallNow,
    });
  } finally {
    progress.close();
  }
}
