/**
 * `bun run keys`: makes, lists and revokes keys. Entry point: reads the environment, prints and
 * exits.
 */
import { PipelineError, loadConfig, withLocalServices } from "@tally/shared";
import { runCommandLine, type ExitCode } from "@tally/shared/terminal/command_line";
import { failureText } from "../failure_text.ts";
import { parseKeysArguments, type KeysCommand } from "./arguments.ts";
import { runKeys } from "./run.ts";

if (import.meta.main) {
  process.exit(await runCommandLine(parseKeysArguments(Bun.argv.slice(2)), run));
}

async function run(command: KeysCommand): Promise<ExitCode> {
  try {
    return await runKeys(command, {
      config: loadConfig(withLocalServices(Bun.env), "processor"),
      print: (text) => process.stdout.write(text),
      note: (text) => process.stderr.write(text),
    });
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    process.stderr.write(failureText(error));
    return 2;
  }
}
