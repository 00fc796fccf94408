/** The words of a command line, for the commands of this package; a wrong one is a value. */
import { parseArgs, type ParseArgsConfig } from "node:util";

/** Reads words as `parseArgs` does, which throws where this says the problem. */
export function readArguments<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> | { readonly problem: string } {
  try {
    return parseArgs(config);
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
