/**
 * `bun run counts`: shows the counts and makes them equal to the rows. Entry point: reads the
 * environment, prints and exits.
 */
import { PipelineError, loadConfig, withLocalServices } from "@tally/shared";
import { runCommandLine, type ExitCode } from "@tally/shared/terminal/command_line";
import { createProgress } from "@tally/shared/terminal/progress";
import { failureText } from "../failure_text.ts";
import { parseCountsArguments, type CountsCommand } from "./arguments.ts";
import { runCounts } from "./run.ts";

if (import.meta.main) {
  process.exit(await runCommandLine(parseCountsArguments(Bun.argv.slice(2)), run));
}

async function run(command: CountsCommand): Promise<ExitCode> {
  const progress = createProgress({ stream: process.stderr });
  try {
    return await runCounts(command, {
      config: loadConfig(withLocalServices(Bun.env), "processor"),
      print: (text) => process.stdout.write(text),
      progress,
    });
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    process.stderr.write(failureText(error));
    return 2;
  } finally {
    progress.close();
  }
}
