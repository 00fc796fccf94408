/**
 * `bun run positions`: shows how far each sink has come, and changes positions.
 * Entry point: reads the environment, prints, asks and exits.
 */
import { userInfo } from "node:os";
import { PipelineError, loadConfig, withLocalServices } from "@tally/shared";
import { runCommandLine, type ExitCode } from "@tally/shared/terminal/command_line";
import { failureText } from "../failure_text.ts";
import { parsePositionsArguments, type PositionsCommand } from "./arguments.ts";
import { runPositions } from "./run.ts";

if (import.meta.main) process.exit(await main(Bun.argv.slice(2)));

function main(words: readonly string[]): Promise<ExitCode> {
  return runCommandLine(parsePositionsArguments(words), run);
}

async function run(command: PositionsCommand): Promise<ExitCode> {
  try {
    return await runPositions(command, {
      config: loadConfig(withLocalServices(Bun.env), "processor"),
      print: (text) => process.stdout.write(text),
      ask: (question) => confirm(question),
      user: userInfo().username,
    });
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    process.stderr.write(failureText(error));
    return 2;
  }
}
