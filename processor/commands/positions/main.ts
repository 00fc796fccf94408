/**
 * `bun run positions`: where each sink stands, and what an operator may change.
 * Entry point: reads the environment, prints, asks and exits.
 */
import { PipelineError, loadConfig, withLocalServices } from "@tally/shared";
import { parsePositionsArguments } from "./arguments.ts";
import { runPositions } from "./run.ts";

if (import.meta.main) process.exit(await main(Bun.argv.slice(2)));

async function main(words: readonly string[]): Promise<0 | 1 | 2> {
  const parsed = parsePositionsArguments(words);
  if ("help" in parsed) {
    process.stdout.write(parsed.help);
    return 0;
  }
  if ("problem" in parsed) {
    process.stderr.write(`${parsed.problem}. See "bun run positions --help".\n`);
    return 2;
  }
  try {
    return await runPositions(parsed.command, {
      config: loadConfig(withLocalServices(Bun.env), "processor"),
      print: (text) => process.stdout.write(text),
      ask: (question) => confirm(question),
    });
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}
