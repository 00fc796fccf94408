/** `bun run reset`: empties the data of the local stack, after asking. */
import { loadConfig } from "@tally/shared";
import {
  readCommandLine,
  runCommandLine,
  type CommandInfo,
  type ExitCode,
} from "@tally/shared/terminal/command_line";
import { join, resolve } from "node:path";

import { emptyFolder, foldersOf } from "./servers/empty_folder.ts";

const INFO: CommandInfo = {
  name: "bun run reset",
  summary: "Deletes all events, rows and archive objects of the local stack, after asking.",
  examples: [
    ["bun run reset", "show the folders, ask, and delete"],
    ["bun run reset --yes", "delete without asking"],
  ],
  exitCodes: { 0: "deleted, or there is no data", 1: "declined, or not deleted", 2: "wrong use" },
};

if (import.meta.main) {
  const line = readCommandLine<boolean>(Bun.argv.slice(2), INFO, (bare, { run }) => {
    bare.option("-y, --yes", "do not ask").action(({ yes = false }) => run(yes));
  });
  process.exit(await runCommandLine(line, reset));
}

async function reset(isAgreed: boolean): Promise<ExitCode> {
  try {
    const config = loadConfig(Bun.env, "stack");
    const folder = resolve(join(import.meta.dir, ".."), config.stack.dataFolder);
    const folders = await foldersOf(folder);
    if (folders.length === 0) {
      process.stdout.write(`There is no data: ${folder} does not exist.\n`);
      return 0;
    }
    process.stdout.write(`This deletes all local events, rows and archive objects in\n`);
    for (const each of folders) process.stdout.write(`  ${each}\n`);
    if (!isAgreed && !confirm("Delete them?")) {
      process.stdout.write("Nothing was deleted.\n");
      return 1;
    }
    await emptyFolder(folder);
    process.stdout.write("Deleted. The next `bun run up` starts empty.\n");
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
