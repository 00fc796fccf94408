/** `bun run reset`: empties the data of the local stack, after asking. */
import { loadConfig } from "@tally/shared";
import { join, resolve } from "node:path";

import { emptyFolder, foldersOf } from "./servers/empty_folder.ts";

if (import.meta.main) process.exit(await main());

async function main(): Promise<number> {
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
    if (!Bun.argv.includes("--yes") && !confirm("Delete them?")) {
      process.stdout.write("Nothing was deleted.\n");
      return 1;
    }
    await emptyFolder(folder);
    process.stdout.write("Deleted. The next `bun run up` begins anew.\n");
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
