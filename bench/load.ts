/**
 * `bun run load`: sends events and proves what became of them. Entry point: the
 * only file of the load test that reads the environment, prints and exits.
 */
import { errorCode } from "@tally/shared";

import { parseLoadArguments } from "./load/options.ts";
import { createProgress } from "@tally/processor/commands/progress";
import { reportLoad, type ExitCode } from "./load/report.ts";
import { runLoad, Unreachable } from "./load/run.ts";
import { findServices } from "@tally/processor/commands/services";

if (import.meta.main) process.exit(await main(Bun.argv.slice(2)));

async function main(words: readonly string[]): Promise<ExitCode> {
  const parsed = parseLoadArguments(words);
  if ("help" in parsed) {
    console.log(parsed.help);
    return 0;
  }
  if ("problem" in parsed) {
    console.error(`${parsed.problem}. See "bun run load --help".`);
    return 2;
  }
  const stop = new AbortController();
  // The first Ctrl-C ends the sending and goes on to count; the second one ends it all.
  process.once("SIGINT", () => stop.abort());
  try {
    const result = await runLoad(parsed.options, {
      services: findServices(Bun.env),
      progress: createProgress(),
      signal: stop.signal,
      run: Bun.randomUUIDv7("hex").replaceAll("-", ""),
      nowMs: Date.now,
    });
    const { text, exitCode } = reportLoad(result);
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
