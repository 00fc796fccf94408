/** Writes `bench/README.md` from the newest full result. Entry point of a part of `bun run doc`. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { formatDocument } from "@tally/shared/doc";

import { FAMILIES } from "./families.ts";
import { readmeText } from "./readme.ts";
import type { BenchResult } from "./result.ts";

if (import.meta.main) await writeReadme(join(import.meta.dir, "..", ".."));

/** Writes it. @param root Folder of the repository. */
export async function writeReadme(root: string): Promise<void> {
  await Bun.write(join(root, "bench", "README.md"), await wantedReadme(root));
}

/** What it should say. */
export async function wantedReadme(root: string): Promise<string> {
  const result = await newestFullResult(join(root, "bench", "results"));
  return await formatDocument("bench/README.md", readmeText(FAMILIES, result));
}

/** Names begin with their time: the last one is the newest. */
async function newestFullResult(folder: string): Promise<BenchResult | null> {
  // No folder: nothing was kept yet.
  const names = await readdir(folder).catch(() => []);
  const newest = names
    .filter((name) => name.endsWith("-full.json"))
    .toSorted()
    .at(-1);
  if (newest === undefined) return null;
  return (await Bun.file(join(folder, newest)).json()) as BenchResult;
}
