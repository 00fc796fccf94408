/**
 * `bun bench/check_api.ts`: Schemathesis and libraries for Python against both services
 * on servers of its own. It needs Python, so it is no part of the tests. Entry point.
 */
import {
  readCommandLine,
  runCommandLine,
  type CommandInfo,
  type ExitCode,
} from "@tally/shared/terminal/command_line";
import { fileName, wholeNumber } from "@tally/shared/terminal/option_values";
import { endStack, ownStack } from "@tally/stack/testing";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { checkKeyed, checkOpen, installPrograms, type CheckOptions } from "./api/check.ts";
import { startedSystem } from "./system/testing/started_system.ts";

const INFO: CommandInfo = {
  name: "bun bench/check_api.ts",
  summary: "Tries both HTTP interfaces with Schemathesis and with libraries for Python.",
  notes: [
    "It needs Python 3.10 with venv. The first run installs Schemathesis, openapi-python-client and libraries that send events in a folder of its own.",
  ],
  examples: [
    ["bun bench/check_api.ts", "100 examples for each operation"],
    ["bun bench/check_api.ts --examples 1000", "before a release"],
  ],
  exitCodes: { 0: "nothing was found", 1: "something was found", 2: "wrong use, or no Python" },
};

interface Options {
  readonly examples: number;
  readonly seed: number;
  readonly venv: string;
}

if (import.meta.main) {
  const line = readCommandLine<Options>(Bun.argv.slice(2), INFO, (bare, { run }) => {
    const examples = { min: 1, max: 100_000 };
    bare
      .addOption(wholeNumber("--examples <n>", "examples for an operation", examples).default(100))
      .addOption(wholeNumber("--seed <n>", "seed", { min: 0, max: 2 ** 31 }).default(1))
      .addOption(
        fileName("--venv <folder>", "folder of the Python programs").default(
          join(tmpdir(), "tally-check-api"),
        ),
      )
      .action(run);
  });
  process.exit(await runCommandLine(line, check));
}

async function check(given: Options): Promise<ExitCode> {
  const options: CheckOptions = { ...given, env: Bun.env, onLine: console.log };
  if (!(await installPrograms(options))) return 2;
  const stack = await ownStack();
  try {
    const open = await startedSystem(stack, Bun.env);
    const failed = await checkOpen(open, options).finally(() => open.close());
    const keyed = await startedSystem(stack, Bun.env, { TALLY_KEYS: "on" });
    failed.push(...(await checkKeyed(keyed, options).finally(() => keyed.close())));
    console.log(failed.length === 0 ? "Nothing was found." : `Failed: ${failed.join(", ")}.`);
    return failed.length === 0 ? 0 : 1;
  } finally {
    await endStack(stack);
  }
}
