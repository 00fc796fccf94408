/**
 * `bun bench/check_compose.ts`: compose.yml in a real Docker engine. It needs an engine, so it is
 * no part of the tests. Entry point.
 */
import {
  readCommandLine,
  runCommandLine,
  type CommandInfo,
  type ExitCode,
} from "@tally/shared/terminal/command_line";

import { checkCompose } from "./compose/check.ts";

const INFO: CommandInfo = {
  name: "bun bench/check_compose.ts",
  summary: "Builds and starts compose.yml, breaks each container under load, and audits.",
  notes: [
    "It needs a Docker engine, root, and the ports of compose.yml free. It uses a project of its own, whose volumes it deletes.",
  ],
  examples: [["bun bench/check_compose.ts", "all steps, one after the other"]],
  exitCodes: { 0: "all steps passed", 1: "a step failed", 2: "wrong use" },
};

if (import.meta.main) {
  const line = readCommandLine<null>(Bun.argv.slice(2), INFO, (bare, { run }) => {
    bare.action(() => run(null));
  });
  process.exit(await runCommandLine(line, check));
}

async function check(): Promise<ExitCode> {
  const isPassed = await checkCompose({
    env: Bun.env,
    newRunId: () => Bun.randomUUIDv7(),
    print: (line) => console.log(line),
  });
  return isPassed ? 0 : 1;
}
